/** How fast the agent's voice gave way, decided from its levels in the caller's ear. Pure. */
import { HEARD_WINDOW_MS, type HeardWindow } from './heard-levels.js';

/** What counts as turned down, and as silent: dB below the level before (the issue's own figures). */
const DOWN_DB = 12;
const SILENT_DB = 40;
/** How long it must stay so, in ms: longer than any gap between two words of the scripted voice. */
const STAYS_DOWN_MS = 150;
const STAYS_SILENT_MS = 200;
/** The level before is taken over this long, in ms. */
const BEFORE_MS = 1_500;
/** Windows below are gaps between words, in dBFS. */
const AUDIBLE_DBFS = -50;

export interface Yield {
  /** From the first voiced sample of the interruption to the agent's level down by 12 dB; absent when it never was. */
  readonly downMs?: number;
  /** The same to 40 dB down for 200 ms. */
  readonly silentMs?: number;
}

/**
 * @param windows - What the caller heard, in order.
 * @param startedAtMs - First voiced sample of the interruption, on the same clock.
 * @param untilMs - What sounds later is another reply.
 * @returns undefined when the agent was not speaking: it had been silent for 150 ms or more when the interruption began.
 */
export function measureYield(windows: readonly HeardWindow[], startedAtMs: number, untilMs: number): Yield | undefined {
  const before = windows.filter(({ atMs }) => atMs > startedAtMs - BEFORE_MS && atMs <= startedAtMs);
  const sounding = before.filter(({ levelDb }) => levelDb > AUDIBLE_DBFS);
  const lastAtMs = sounding.at(-1)?.atMs;
  if (lastAtMs === undefined || lastAtMs < startedAtMs - STAYS_DOWN_MS) return undefined;
  const referenceDb = median(sounding.map(({ levelDb }) => levelDb));
  const after = windows.filter(({ atMs }) => atMs > startedAtMs && atMs <= untilMs);
  const downAtMs = firstStay(after, referenceDb - DOWN_DB, STAYS_DOWN_MS);
  const silentAtMs = firstStay(after, referenceDb - SILENT_DB, STAYS_SILENT_MS);
  return {
    ...(downAtMs !== undefined && { downMs: downAtMs - startedAtMs }),
    ...(silentAtMs !== undefined && { silentMs: silentAtMs - startedAtMs }),
  };
}

/** The instant from which every window is at or below a level for so long. */
function firstStay(windows: readonly HeardWindow[], atMostDb: number, stayMs: number): number | undefined {
  const needed = stayMs / HEARD_WINDOW_MS;
  let run = 0;
  for (const [index, { levelDb }] of windows.entries()) {
    run = levelDb <= atMostDb ? run + 1 : 0;
    if (run >= needed) return windows[index - run + 1]?.atMs;
  }
  return undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NEGATIVE_INFINITY;
}
