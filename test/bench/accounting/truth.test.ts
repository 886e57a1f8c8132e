import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truthMs, witnessTurn } from '../../../bench/accounting/truth.js';
import type { HeardWindow } from '../../../bench/interruptions/heard-levels.js';

const WINDOW_MS = 5;
const QUIET_DBFS = -90;

/** Something said for 800 ms: loud and quiet as syllables are, and never the same for 600 ms again. */
const SAID = Array.from({ length: 160 }, (_, index) => (index % 37 < 25 ? -18 - ((index * 7) % 11) : -58));

/** A track of windows from instant `originMs` on, quiet but for what sounds in it. */
function track(
  lengthMs: number,
  sounds: readonly { readonly atMs: number; readonly levelsDbfs: readonly number[] }[],
  originMs = 0,
): HeardWindow[] {
  const windows = Array.from({ length: lengthMs / WINDOW_MS }, (_, index) => ({
    atMs: originMs + index * WINDOW_MS,
    levelDb: QUIET_DBFS,
  }));
  for (const { atMs, levelsDbfs } of sounds) {
    const first = Math.round((atMs - originMs) / WINDOW_MS);
    for (const [index, levelDb] of levelsDbfs.entries()) {
      const window = windows[first + index];
      if (window !== undefined) windows[first + index] = { ...window, levelDb };
    }
  }
  return windows;
}

const voice = (ms: number): number[] => Array.from({ length: ms / WINDOW_MS }, () => -20);
const said = (endedAtMs: number) => ({ levelsDbfs: SAID, endedAtMs, windowMs: WINDOW_MS });
const SAID_MS = SAID.length * WINDOW_MS;

describe('what a second participant heard of a turn', () => {
  it('is when the end of the recording and the first of the answer came to that ear', () => {
    const caller = track(4_000, [{ atMs: 1_035, levelsDbfs: SAID }]);
    const agent = track(4_000, [{ atMs: 2_400, levelsDbfs: voice(500) }]);
    const turn = witnessTurn(caller, agent, said(1_000 + SAID_MS));
    expect(turn).toEqual({ callerEndedAtMs: 1_835, agentBeganAtMs: 2_400, wayMs: 35 });
    // 1,800 was the end in the caller's mouth, and the answer reached the caller as late as the witness.
    expect(turn && truthMs(turn, 35)).toBe(600);
  });

  it('takes a way that was longer than usual for the wait that it was', () => {
    expect(truthMs({ callerEndedAtMs: 1_855, agentBeganAtMs: 2_400 }, 35)).toBe(580);
  });

  it('is not told by a click, nor by what the agent said before', () => {
    const caller = track(4_000, [{ atMs: 1_035, levelsDbfs: SAID }]);
    const agent = track(4_000, [
      { atMs: 200, levelsDbfs: voice(500) },
      { atMs: 2_000, levelsDbfs: voice(15) },
      { atMs: 2_400, levelsDbfs: voice(500) },
    ]);
    expect(witnessTurn(caller, agent, said(1_000 + SAID_MS))?.agentBeganAtMs).toBe(2_400);
  });

  it('is unknown where the agent cut in, said nothing, or the caller was not heard', () => {
    const caller = track(4_000, [{ atMs: 1_035, levelsDbfs: SAID }]);
    const cutIn = track(4_000, [{ atMs: 1_500, levelsDbfs: voice(1_000) }]);
    expect(witnessTurn(caller, cutIn, said(1_000 + SAID_MS))).toBeUndefined();
    expect(witnessTurn(caller, track(4_000, []), said(1_000 + SAID_MS))).toBeUndefined();
    const agent = track(4_000, [{ atMs: 2_400, levelsDbfs: voice(500) }]);
    expect(witnessTurn(track(4_000, []), agent, said(1_000 + SAID_MS))).toBeUndefined();
    expect(witnessTurn([], [], said(1_000 + SAID_MS))).toBeUndefined();
  });

  it('gives the wait in the caller’s ear back, to a window, for any way and any wait', () => {
    const instants = fc.record({
      saidAtMs: fc.integer({ min: 200, max: 2_000 }),
      oneWayMs: fc.integer({ min: 10, max: 400 }),
      waitMs: fc.integer({ min: 20, max: 2_500 }),
      originMs: fc.double({ min: 0, max: WINDOW_MS, noNaN: true }),
    });
    fc.assert(
      fc.property(instants, ({ saidAtMs, oneWayMs, waitMs, originMs }) => {
        // Nobody is answered before both ways are gone.
        const heardMs = 2 * oneWayMs + waitMs;
        const endedAtMs = saidAtMs + SAID_MS;
        const caller = track(8_000, [{ atMs: saidAtMs + oneWayMs, levelsDbfs: SAID }], originMs);
        const agent = track(8_000, [{ atMs: endedAtMs + heardMs, levelsDbfs: voice(400) }], originMs);
        const turn = witnessTurn(caller, agent, said(endedAtMs));
        expect(turn).toBeDefined();
        if (turn === undefined) return;
        expect(Math.abs(turn.wayMs - oneWayMs)).toBeLessThanOrEqual(WINDOW_MS);
        expect(Math.abs(truthMs(turn, oneWayMs) - heardMs)).toBeLessThanOrEqual(WINDOW_MS + 0.001);
      }),
      { numRuns: 60 },
    );
  });
});
