/** What a machine adds to any work in the rhythm of turns: arithmetic that allocates nothing and asks nobody for anything. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Steps that are timed to learn how long one takes, and how often: often enough to be compiled. */
const TRIED_STEPS = 20_000;
const TRIES = 300;

/**
 * @param times - How often the work is done. @param ofMs - How long it takes by itself. @param pauseMs - Between two of them.
 * @returns How long each of them kept the event loop by the clock, in ms.
 */
export async function runControl(times: number, ofMs: number, pauseMs: number): Promise<number[]> {
  const stepMs = fastest(() => compute(TRIED_STEPS)) / TRIED_STEPS;
  const steps = Math.round(ofMs / stepMs);
  const tookMs: number[] = [];
  for (let time = 0; time < times; time += 1) {
    tookMs.push(timed(() => compute(steps)));
    await sleep(pauseMs);
  }
  return tookMs;
}

/** Lehmer's generator with the multiplier of Park and Miller: one step needs the one before. */
function compute(steps: number): number {
  let value = 1;
  for (let step = 0; step < steps; step += 1) value = (value * 16_807) % 2_147_483_647;
  return value;
}

function fastest(work: () => number): number {
  return Math.min(...Array.from({ length: TRIES }, () => timed(work)));
}

function timed(work: () => number): number {
  const beganAtMs = performance.now();
  // Looked at, or the compiler might leave the work out.
  if (Number.isNaN(work())) throw new RangeError('The control has computed nothing.');
  return performance.now() - beganAtMs;
}
