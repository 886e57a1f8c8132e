import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followTurn, witnessTurn } from '../../../bench/accounting/truth.js';
import { ownEndsLater, plainTruths, truths } from '../../../bench/accounting/truths.js';
import type { FollowedSound } from '../../../bench/interruptions/followed-sound.js';
import type { HeardWindow } from '../../../bench/interruptions/heard-levels.js';
import type { BufferReading } from '../../../bench/interruptions/jitter-buffers.js';

const WINDOW_MS = 5;
const QUIET_DBFS = -90;

/** Something said for 800 ms: loud and quiet as syllables are, and never the same for 600 ms again. */
const SAID = Array.from({ length: 160 }, (_, index) => (index % 37 < 25 ? -18 - ((index * 7) % 11) : -58));

/** A track of windows from instant `originMs` on, quiet but for what sounds in it. */
function track(
  lengthMs: number,
  sounds: readonly { readonly atMs: number; readonly levelsDbfs: readonly number[] }[],
  originMs = 0,
): FollowedSound {
  const windows: HeardWindow[] = Array.from({ length: lengthMs / WINDOW_MS }, (_, index) => ({
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
  return { windows, windowMs: WINDOW_MS };
}

const voice = (ms: number): number[] => Array.from({ length: ms / WINDOW_MS }, () => -20);
const said = (endedAtMs: number) => ({ levelsDbfs: SAID, endedAtMs, windowMs: WINDOW_MS });
const SAID_MS = SAID.length * WINDOW_MS;
/** Of it, up to the end of the last 10 ms within 30 dB of the loudest. */
const OWN_END_MS = 800;

describe('what a second participant heard of a turn', () => {
  it('is when the end of the recording and the first of the answer came to that ear', () => {
    const caller = track(4_000, [{ atMs: 1_035, levelsDbfs: SAID }]);
    const agent = track(4_000, [{ atMs: 2_400, levelsDbfs: voice(500) }]);
    expect(witnessTurn(caller, agent, said(1_000 + SAID_MS))).toEqual({
      ...{ callerEndedAtMs: 1_835, agentBeganAtMs: 2_400, wayMs: 35 },
      // The last syllable ends before the recording does.
      ownEndedAtMs: 1_035 + OWN_END_MS,
    });
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
    const nothing = { windows: [], windowMs: WINDOW_MS };
    expect(witnessTurn(nothing, nothing, said(1_000 + SAID_MS))).toBeUndefined();
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
        expect(Math.abs((turn?.wayMs ?? Number.NaN) - oneWayMs)).toBeLessThanOrEqual(WINDOW_MS);
        const followed = { call: 'a', bufferedMs: { caller: 40, witness: 40 }, ...(turn && { witnessed: turn }) };
        const [known] = truths([followed], 'recording');
        expect(Math.abs((known?.truthMs ?? Number.NaN) - heardMs)).toBeLessThanOrEqual(WINDOW_MS + 0.001);
      }),
      { numRuns: 60 },
    );
  });
});

/** Heard there at 1,000 and answered at 1,600; the own end is 40 ms sooner than the recording's. */
const witnessed = { callerEndedAtMs: 1_000, ownEndedAtMs: 960, agentBeganAtMs: 1_600, wayMs: 30 };
const followed = (of: object = {}) => ({ call: 'a', witnessed, bufferedMs: { caller: 60, witness: 45 }, ...of });
const told = (known: readonly { readonly truthMs: number }[]): number[] => known.map(({ truthMs }) => truthMs);

describe('what a caller must have heard', () => {
  it('is what the second participant heard, a way sooner, with the caller’s own jitter buffer', () => {
    expect(told(truths([followed()], 'recording'))).toEqual([600 + 30 + 15]);
  });

  it('is longer by what the end of speech came sooner in the second participant’s own recording', () => {
    expect(told(truths([followed()], 'own'))).toEqual([640 + 30 + 15]);
    expect(ownEndsLater([followed()])).toEqual([{ call: 'a', ms: -40 }]);
  });

  it('is by the way of the turn, and beside it by that of the call, without the buffers', () => {
    const late = { ...witnessed, callerEndedAtMs: 1_125, wayMs: 155 };
    const turns = [followed(), followed(), followed({ witnessed: late }), followed({ call: 'b', witnessed: late })];
    expect(told(truths(turns, 'recording'))).toEqual([645, 645, 645, 645]);
    expect(told(plainTruths(turns, 'recording'))).toEqual([630, 630, 505, 630]);
  });

  it('is unknown where nothing was followed, no buffer was read, or its own recording has no end', () => {
    const { ownEndedAtMs: _, ...endless } = witnessed;
    const turns = [followed({ witnessed: undefined }), followed({ bufferedMs: undefined })];
    expect(truths(turns, 'recording')).toEqual([]);
    expect(truths([followed({ witnessed: endless })], 'own')).toEqual([]);
    expect(ownEndsLater([followed({ witnessed: endless })])).toEqual([]);
    expect(told(truths([followed({ witnessed: endless })], 'recording'))).toEqual([645]);
  });
});

/** A jitter buffer out of which there comes sound that waited so long; read each 100 ms. */
function readings(waitedMs: number): BufferReading[] {
  return Array.from({ length: 80 }, (_, index) => {
    const samples = index * 4_800;
    return { atMs: index * 100, track: 'agent', delayMs: samples * waitedMs, samples, energy: index };
  });
}

/** The same track, of which a stretch is missing from an instant on. */
function skipping({ windows, windowMs }: FollowedSound, fromMs: number, lostMs: number): FollowedSound {
  const later = windows.map(({ atMs, levelDb }) => ({ atMs: atMs >= fromMs ? atMs + lostMs : atMs, levelDb }));
  return { windows: later, windowMs };
}

describe('a turn that a second participant follows', () => {
  const caller = track(8_000, [{ atMs: 1_035, levelsDbfs: SAID }]);
  const agent = track(8_000, [{ atMs: 2_400, levelsDbfs: voice(500) }]);
  const sound = { caller, agent, buffers: readings(45) };
  const ear = { buffers: readings(60), answeredAtMs: 2_415 };

  it('has what the beginning of the answer had waited before both ears', () => {
    const turn = followTurn(sound, said(1_000 + SAID_MS), ear);
    expect(turn).toMatchObject({ bufferedMs: { caller: 60, witness: 45 }, witnessed: { wayMs: 35 } });
    expect(turn.witnessSlippedMs).toBe(0);
  });

  it('is not told where that one missed sound of either side near it, and is where it missed some later', () => {
    const near = skipping(agent, 2_300, 25);
    const far = skipping(agent, 6_000, 25);
    const notTold = followTurn({ ...sound, agent: near }, said(1_000 + SAID_MS), ear);
    expect([notTold.witnessSlippedMs, notTold.witnessed]).toEqual([25, undefined]);
    const lostCaller = followTurn({ ...sound, caller: skipping(caller, 1_900, 25) }, said(1_000 + SAID_MS), ear);
    expect([lostCaller.witnessSlippedMs, lostCaller.witnessed]).toEqual([25, undefined]);
    expect(followTurn({ ...sound, agent: far }, said(1_000 + SAID_MS), ear).witnessed?.agentBeganAtMs).toBe(2_400);
  });

  it('has no buffers where the caller heard no answer, or nobody read them', () => {
    const unheard = followTurn(sound, said(1_000 + SAID_MS), { buffers: readings(60) });
    expect(unheard.bufferedMs).toBeUndefined();
    expect(unheard.witnessed?.agentBeganAtMs).toBe(2_400);
    expect(followTurn({ ...sound, buffers: [] }, said(1_000 + SAID_MS), ear).bufferedMs).toBeUndefined();
  });
});
