/** Shifts weights so that a profile without patience or haste of its own cuts into a set share of natural pauses. Pure. */
import { type WaitWeights, weigh } from '../../agent/turn/wait.js';
import type { Silence } from './fit-data.js';

/** Cut-ins per natural pause of 100 ms and more at which the policy stands when no profile shifts it. */
export const CALIBRATED_RATE = 0.05;
const BOUNDS = { minSilenceMs: 96, maxSilenceMs: 2_500 } as const;
/** Shifts tried, in ms: the search halves them 12 times, to half a millisecond. */
const WIDEST_MS = 1_000;
const HALVINGS = 12;

/**
 * @param pauses - Natural pauses in the recordings of the silences; those too short to be silences count, too.
 * @returns The same weights on another base: what is fitted to part of the data then stands at the same point as all others.
 */
export function calibrated(weights: WaitWeights, silences: readonly Silence[], pauses: number): WaitWeights {
  const within = silences.filter(({ isEnd }) => !isEnd);
  const shifted = (shiftMs: number): WaitWeights => ({ ...weights, baseMs: Math.round(weights.baseMs + shiftMs) });
  let lowMs = -WIDEST_MS;
  let highMs = WIDEST_MS;
  for (let i = 0; i < HALVINGS; i++) {
    const middleMs = (lowMs + highMs) / 2;
    const cutIns = within.filter((silence) => commits(silence, shifted(middleMs))).length;
    if (cutIns > pauses * CALIBRATED_RATE) lowMs = middleMs;
    else highMs = middleMs;
  }
  return shifted(highMs);
}

/** Whether the turn would have been committed before the silence was over. */
function commits({ steps }: Silence, weights: WaitWeights): boolean {
  return steps.some(
    ({ silenceMs, evidence, isFinalized }) => isFinalized && silenceMs >= weigh(evidence, weights, BOUNDS).waitMs,
  );
}
