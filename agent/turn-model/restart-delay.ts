const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** A process that served for this long was well, whatever ended it, in ms. */
const HEALTHY_MS = 60_000;

/** Ends in a row, the last one included: a process that served for a minute begins a new row. */
export function endsInARow(before: number, servedForMs: number): number {
  return servedForMs >= HEALTHY_MS ? 1 : before + 1;
}

/** How long to wait before the next start, in ms: 100, doubled with each further end up to 5 s. */
export function restartDelayMs(ends: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(16, Math.max(0, ends - 1)));
}
