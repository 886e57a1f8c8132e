import { describe, expect, it } from 'vitest';
import { judgeBrowser } from '../../../bench/accounting/browser-part.js';
import { type BrowserTurn, followTurns, pairReports } from '../../../bench/accounting/browser-turns.js';
import { plainTruths, truths } from '../../../bench/accounting/truths.js';
import { onBenchClock } from '../../../bench/interruptions/followed-sound.js';
import type { BufferReading } from '../../../bench/interruptions/jitter-buffers.js';
import { speech, tapped, voice, WINDOW_MS } from './browser-sounds.js';

const CALL_MS = 26_000;
const ONE = { file: 'one.flac', fromMs: 2_000, untilMs: 3_200, levelsDbfs: speech(1, 1_200) };
const TWO = { file: 'two.flac', fromMs: 13_000, untilMs: 14_000, levelsDbfs: speech(4, 1_000) };
/** The microphone opened at this instant of the bench's clock. */
const OPENED_MS = 1_000;
/** To the second participant, and the agent's voice to the page beyond its way to the second participant. */
const WAY_MS = 60;
const LATER_MS = 15;
/** What the agent's voice waits in the jitter buffer of the second participant. */
const BUFFERED_MS = 40;

/** Readings of a jitter buffer out of which there comes sound that waited so long; each 100 ms. */
function readings(track: string, waitedMs: number, isLoud: boolean): BufferReading[] {
  return Array.from({ length: CALL_MS / 100 }, (_, index) => {
    const samples = index * 4_800;
    return { atMs: index * 100, track, delayMs: samples * waitedMs, samples, energy: isLoud ? index : 0 };
  });
}

/** A call in which each recording is answered so long after its end in the caller's mouth, as the second participant hears it. */
function call({
  waitMs = 700,
  /** Of the end of each recording, what no ear gets. */
  swallowedMs = 0,
  lateMs = (_piece: number): number => 0,
  witnessLateMs = (_piece: number): number => 0,
} = {}) {
  const sent = (levelsDbfs: readonly number[]) => levelsDbfs.slice(0, levelsDbfs.length - swallowedMs / WINDOW_MS);
  const said = [ONE, TWO].map(({ fromMs, levelsDbfs }) => ({ atMs: fromMs, levelsDbfs: sent(levelsDbfs) }));
  const answers = [ONE, TWO].map(({ untilMs }) => ({ atMs: OPENED_MS + untilMs + waitMs, levelsDbfs: voice(1_500) }));
  const later = (sounds: typeof said, byMs: number) => sounds.map(({ atMs, ...of }) => ({ ...of, atMs: atMs + byMs }));
  return followTurns('a', [ONE, TWO], {
    microphone: onBenchClock(tapped(CALL_MS, said, { startMs: 300, lateMs }), OPENED_MS - 300),
    agentInPage: onBenchClock(tapped(CALL_MS, later(answers, LATER_MS)), 0),
    pageBuffer: readings('in', BUFFERED_MS + LATER_MS, true),
    witness: {
      caller: onBenchClock(tapped(CALL_MS, later(said, OPENED_MS + WAY_MS), { lateMs: witnessLateMs }), 0),
      agent: onBenchClock(tapped(CALL_MS, answers, { lateMs: witnessLateMs }), 0),
      buffers: [...readings('caller', 90, false), ...readings('agent', BUFFERED_MS, true)],
    },
  });
}

describe('the turns of a browser’s call', () => {
  it('are what the second participant heard from the end in the page’s microphone to the agent’s first sound', () => {
    const turns = call();
    const at = (ms: number) => expect.closeTo(ms, 6);
    expect(turns.map(({ file, said }) => [file, said])).toEqual([
      ['one.flac', { fromMs: at(3_000), nextFromMs: at(14_000) }],
      ['two.flac', { fromMs: at(14_000), nextFromMs: at(24_000) }],
    ]);
    for (const { witnessed, inPageMs, inPageOwnMs, swallowedMs } of turns) {
      expect(inPageOwnMs).toBeCloseTo(700 + LATER_MS, 6);
      expect(witnessed?.ownEndedAtMs).toBeCloseTo(witnessed?.callerEndedAtMs ?? Number.NaN, 6);
      expect(witnessed?.wayMs).toBeCloseTo(WAY_MS, 6);
      expect(inPageMs).toBeCloseTo(700 + LATER_MS, 6);
      expect(swallowedMs).toBe(0);
    }
    // Without the jitter buffers; the page hears the agent later than the second participant does, as both buffers say.
    expect(plainTruths(turns, 'recording').map(({ truthMs }) => truthMs)).toEqual([
      expect.closeTo(700, 6),
      expect.closeTo(700, 6),
    ]);
    const later = expect.closeTo(700 + LATER_MS, 6);
    expect(truths(turns, 'recording').map(({ truthMs }) => truthMs)).toEqual([later, later]);
  });

  it('end by the rule where the microphone’s track ended, and by the recording where that did', () => {
    const turns = call({ swallowedMs: 20 });
    for (const { witnessed, inPageMs, inPageOwnMs, swallowedMs } of turns) {
      expect(swallowedMs).toBe(20);
      expect([inPageMs, inPageOwnMs]).toEqual([expect.closeTo(715, 6), expect.closeTo(735, 6)]);
      expect(witnessed?.wayMs).toBeCloseTo(WAY_MS, 6);
    }
    const of = (end: 'own' | 'recording') => truths(turns, end).map(({ truthMs }) => truthMs);
    expect(of('own')).toEqual([expect.closeTo(735, 6), expect.closeTo(735, 6)]);
    expect(of('recording')).toEqual([expect.closeTo(715, 6), expect.closeTo(715, 6)]);
  });

  it('are found after the microphone skipped time, which is told of the turn that it broke', () => {
    // 60 ms at 2.5 s of the file, in the middle of the first recording.
    const turns = call({ lateMs: (piece) => (piece >= 250 ? 60 : 0) });
    expect(turns[0]?.slippedMs).toBeCloseTo(60, 6);
    expect(turns[1]?.slippedMs).toBeCloseTo(0, 6);
    expect(turns[1]?.said?.fromMs).toBeCloseTo(14_060, 6);
  });

  it('are not told by a second participant who missed sound just then, and told again after it', () => {
    // 30 ms in the first answer's silence; each piece is 10 ms.
    const turns = call({ witnessLateMs: (piece) => (piece >= 440 ? 30 : 0) });
    expect(turns.map(({ witnessSlippedMs }) => witnessSlippedMs)).toEqual([
      expect.closeTo(30, 6),
      expect.closeTo(0, 6),
    ]);
    expect(turns.map(({ witnessed }) => witnessed?.wayMs)).toEqual([undefined, expect.closeTo(WAY_MS + 30, 6)]);
    expect(truths(turns, 'recording').map(({ turn }) => turn.file)).toEqual(['two.flac']);
  });

  it('are told through lateness of a second participant who missed nothing', () => {
    const turns = call({ witnessLateMs: (piece) => (piece >= 400 && piece < 450 ? 5 * (450 - piece) : 0) });
    expect(plainTruths(turns, 'recording').map(({ truthMs }) => truthMs)).toEqual([
      expect.closeTo(700, 6),
      expect.closeTo(700, 6),
    ]);
  });

  it('are unknown where the microphone said nothing', () => {
    const silent = onBenchClock(tapped(CALL_MS, []), 0);
    const witness = { caller: silent, agent: silent, buffers: [] };
    const sound = { microphone: silent, agentInPage: silent, pageBuffer: [], witness };
    expect(followTurns('a', [ONE], sound)).toEqual([{ call: 'a', index: 0, file: 'one.flac', slippedMs: 0 }]);
    const none = { windows: [], windowMs: 5 };
    expect(followTurns('a', [ONE], { ...sound, microphone: none })).toHaveLength(1);
  });
});

const UNIX_MS = 1_700_000_000_000;
const row = (turn: number, atMs: number, heardMs?: number, callId = 'c') => ({
  ...{ callId, turn, startedAtUnixMs: UNIX_MS + atMs },
  ...(heardMs !== undefined && { heardMs, heardUnexplainedMs: 7 }),
});
const reported = (...rows: readonly ReturnType<typeof row>[]) =>
  pairReports(call(), rows, UNIX_MS).map(({ heardMs }) => heardMs);

describe('the reports of a page', () => {
  it('belong to the turns that began while they were said', () => {
    expect(reported(row(1, 3_040, 712), row(2, 13_600, 698))).toEqual([712, 698]);
    expect(pairReports(call(), [row(1, 3_040, 712)], UNIX_MS)[0]?.heardUnexplainedMs).toBe(7);
  });

  it('do not move to a turn that has none, nor come from another call', () => {
    expect(reported(row(1, 3_040), row(2, 14_010, 698))).toEqual([undefined, 698]);
    expect(reported(row(4, 400, 655, 'b'), row(1, 3_040, 712), row(1, 40_000, 690, 'd'))).toEqual([712, undefined]);
    expect(reported()).toEqual([undefined, undefined]);
  });

  it('belong to none where two are possible, or their order is not that of the turns', () => {
    expect(reported(row(1, 3_040, 712), row(2, 5_000, 640), row(3, 14_010, 698))).toEqual([undefined, 698]);
    expect(reported(row(2, 3_040, 712), row(1, 14_010, 698))).toEqual([712, undefined]);
    expect(reported(row(1, 3_040, 712), row(2, 14_010, 698, 'd'))).toEqual([712, undefined]);
  });
});

const WITNESSED = { callerEndedAtMs: 1_060, ownEndedAtMs: 1_060, agentBeganAtMs: 1_685, wayMs: 60 };
/** A turn that was heard after 700 ms, and reported so much later. */
const told = (name: string, offMs: number | undefined, of: Partial<BrowserTurn> = {}): BrowserTurn => ({
  ...{ call: name, index: 0, file: 'one.flac', slippedMs: 0 },
  ...{ witnessed: WITNESSED, inPageMs: 715, inPageOwnMs: 715, swallowedMs: 0 },
  bufferedMs: { caller: 55, witness: 40 },
  ...(offMs !== undefined && { heardMs: 700 + offMs }),
  ...of,
});
const kept = (turns: readonly BrowserTurn[]) => judgeBrowser(turns, turns.length).verdicts.map(({ isKept }) => isKept);
const remarks = (turns: readonly BrowserTurn[]): string => judgeBrowser(turns, turns.length).remarks.join('\n');

describe('the truth of a page’s reports', () => {
  it('is kept up to 20 ms at the median and 50 at the P95, either way', () => {
    expect(kept([told('a', 20), told('b', -20), told('c', 20)])).toEqual([true, true, true]);
    expect(kept([told('a', -21), told('b', -21)])).toEqual([false, true, true]);
    expect(kept([told('a', 0), told('b', 0), told('c', -80)])).toEqual([true, false, true]);
    expect(kept([])).toEqual([false, false, false]);
  });

  it('begins at the end of speech in the second participant’s own recording, with that of the file beside', () => {
    // 60 ms of its end never reached the microphone's track: the page says so, and the second participant has it so.
    const swallowed = { witnessed: { ...WITNESSED, ownEndedAtMs: 1_000 }, inPageOwnMs: 775, swallowedMs: 60 };
    const turns = [told('a', 62, swallowed), told('b', 58, swallowed)];
    expect(kept(turns)).toEqual([true, true, true]);
    expect(judgeBrowser(turns, 2).data).toMatchObject({
      signed: { heardLessTruthMs: { value: 0 }, heardLessTruthByRecordingMs: { value: 60 } },
      beside: { byRecording: { p50: { n: 2, value: 60 } }, swallowed: { p50: { value: 60 } } },
      each: [
        { truthMs: 760, truthByRecordingMs: 700 },
        { truthMs: 760, truthByRecordingMs: 700 },
      ],
    });
    expect(remarks(turns)).toContain(
      'against the end of the recording file instead, sent or not: |truth - reported heard| P50 60 ms (58 to 62), P95 62 ms',
    );
    expect(remarks(turns)).toContain("end of speech less the file's P50 -60 ms");
  });

  it('is not there for turns in which that recording has no end, of which it says how many', () => {
    const { ownEndedAtMs: _, ...endless } = WITNESSED;
    const turns = [told('a', 3), told('b', 3, { witnessed: endless })];
    expect(judgeBrowser(turns, 2).verdicts[2]?.figure.value).toBe(50);
    expect(remarks(turns)).toContain('1 others in which it found no end of speech');
  });

  it('takes the way of the turn, and what the jitter buffers differ by, and tells signs and what explains them', () => {
    const late = { callerEndedAtMs: 1_090, ownEndedAtMs: 1_090, agentBeganAtMs: 1_685, wayMs: 90 };
    const turns = [told('a', 12), told('a', 12), told('a', 12, { witnessed: late })];
    expect(judgeBrowser(turns, turns.length).verdicts[1]?.figure.value).toBe(12);
    expect(judgeBrowser(turns, turns.length).data).toMatchObject({
      signed: { heardLessTruthMs: { value: 12 }, meterMs: { value: -3 }, earsMs: { value: 15 } },
      beside: {
        uncorrected: { p50: { value: 27 }, p95: { value: expect.closeTo(54, 6) } },
        meter: { p50: { value: 3 } },
      },
    });
    expect(remarks(turns)).toContain('whatever the jitter buffers differ by: P50 27 ms, P95 54 ms (n = 3)');
  });

  it('is nobody’s where no buffer was read', () => {
    const { bufferedMs: _, ...unread } = told('a', 3);
    expect(judgeBrowser([unread, told('b', 3)], 2).verdicts[2]?.figure.value).toBe(50);
  });

  it('leaves out turns that the microphone broke, and says of how many nothing is known', () => {
    const turns = [told('a', 3), told('b', 400, { slippedMs: 30 }), told('c', undefined)];
    expect(kept(turns)).toEqual([true, true, false]);
    expect(judgeBrowser(turns, 5).verdicts[2]?.figure).toMatchObject({ n: 5, value: 20 });
    expect(remarks(turns)).toContain('1 of 3 turns whose microphone skipped time');
    expect(remarks(turns)).toContain('1 of 2 others of which the page reported nothing');
    expect(remarks(turns)).toContain('1 turns are too few for a claim about P95.');
  });
});
