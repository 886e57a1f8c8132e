import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownEndMs } from '../../../bench/accounting/own-end.js';
import { speechEndMs } from '../../../bench/audio/levels.js';
import { onBenchClock } from '../../../bench/interruptions/followed-sound.js';
import { levelsFrom } from '../../../bench/interruptions/heard-levels.js';
import { type Sound, tapped, WINDOW_MS } from './browser-sounds.js';

const FROM_MS = 2_000;
const ANSWERED_MS = 4_000;

/** So many ms at such a level, in turn. */
const levels = (...stretches: readonly (readonly [ms: number, levelDb: number])[]): number[] =>
  stretches.flatMap(([ms, levelDb]) => Array.from({ length: ms / WINDOW_MS }, () => levelDb));

const UTTERANCE = levels([300, -20], [100, -56], [400, -24]);
const UTTERANCE_MS = UTTERANCE.length * WINDOW_MS;

/** The end of an utterance that begins at 2,000, in ms after its beginning. */
function endOf(said: readonly number[], others: readonly Sound[] = [], answeredAtMs = ANSWERED_MS): number | undefined {
  const sound = onBenchClock(tapped(6_000, [...others, { atMs: FROM_MS, levelsDbfs: said }]), 0);
  const untilMs = FROM_MS + UTTERANCE_MS;
  const endedAtMs = ownEndMs(sound, { fromMs: FROM_MS, untilMs, answeredAtMs });
  return endedAtMs === undefined ? undefined : Math.round(endedAtMs - FROM_MS);
}

describe('the end of speech in an ear’s own recording', () => {
  it('is that of the last 10 ms within 30 dB of the loudest', () => {
    expect(endOf(UTTERANCE)).toBe(800);
    expect(endOf([...UTTERANCE, ...levels([60, -50])])).toBe(860);
    expect(endOf([...UTTERANCE, ...levels([60, -50.1])])).toBe(800);
  });

  it('takes the power of 10 ms, and no half of them', () => {
    // 5 ms at -47.1 and 5 of silence are 10 at -50.1.
    expect(endOf([...UTTERANCE, ...levels([5, -47.1])])).toBe(800);
    expect(endOf([...UTTERANCE, ...levels([5, -46.9])])).toBe(810);
  });

  it('comes sooner where the last sound was taken away before this ear, and where its beginning came too loud', () => {
    expect(endOf(levels([300, -20], [100, -56], [300, -24]))).toBe(700);
    expect(endOf(levels([300, -8], [100, -56], [300, -24], [100, -40]))).toBe(700);
    expect(endOf(levels([300, -20], [100, -56], [300, -24], [100, -40]))).toBe(800);
  });

  it('has a stop’s release in it, and no click that comes later', () => {
    expect(endOf([...UTTERANCE, ...levels([120, -90], [20, -44])])).toBe(940);
    expect(endOf([...UTTERANCE, ...levels([200, -90], [20, -44])])).toBe(800);
    // What was said itself is not looked through for clicks.
    expect(endOf(levels([300, -20], [480, -90], [20, -44]))).toBe(800);
    expect(endOf([...UTTERANCE, ...levels([200, -90], [30, -44])])).toBe(1_030);
  });

  it('is measured against no click before or after the utterance, however loud', () => {
    const click = levels([10, -2]);
    expect(endOf(levels([300, -20], [500, -44]), [{ atMs: 1_700, levelsDbfs: click }])).toBe(800);
    expect(endOf(levels([300, -20], [500, -44]), [{ atMs: 3_400, levelsDbfs: click }])).toBe(800);
  });

  it('is looked for until the answer, and no further', () => {
    const later = [{ atMs: 3_600, levelsDbfs: levels([300, -24]) }];
    expect(endOf(UTTERANCE, later)).toBe(1_900);
    expect(endOf(UTTERANCE, later, 3_600)).toBe(800);
  });

  it('is unknown in silence, in a track that is not there, and where noise before it lies within the 30 dB', () => {
    expect(endOf([])).toBeUndefined();
    const utterance = { fromMs: FROM_MS, untilMs: FROM_MS + UTTERANCE_MS, answeredAtMs: ANSWERED_MS };
    expect(ownEndMs({ windows: [], windowMs: WINDOW_MS }, utterance)).toBeUndefined();
    const noise = (levelDb: number): Sound[] => [{ atMs: 0, levelsDbfs: levels([6_000, levelDb]) }];
    expect(endOf(UTTERANCE, noise(-49))).toBeUndefined();
    expect(endOf(UTTERANCE, noise(-51))).toBe(800);
  });

  it('is where the benches find it in the recording, when that is heard as it was said', () => {
    const syllable = fc.record({ ms: fc.integer({ min: 2, max: 12 }), amplitude: fc.integer({ min: 1, max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(syllable, { minLength: 3, maxLength: 12 }), (syllables) => {
        // It begins with its loudest, so that recording and utterance begin together.
        const loud = Array.from({ length: 4_800 }, () => 24_000);
        const rest = syllables.flatMap(({ ms, amplitude }) => Array.from({ length: ms * 480 }, () => amplitude));
        const samples = Int16Array.from([...loud, ...rest]);
        const durationMs = samples.length / 48;
        const heard = levelsFrom({ samples, durationMs, utterances: [{ startMs: 0, endMs: durationMs }] }, 0);
        const sound = onBenchClock(tapped(6_000, [{ atMs: FROM_MS, levelsDbfs: heard }]), 0);
        const utterance = { fromMs: FROM_MS, untilMs: FROM_MS + durationMs, answeredAtMs: 5_900 };
        const endMs = speechEndMs({ samples, sampleRateHz: 48_000 });
        expect(ownEndMs(sound, utterance)).toBeCloseTo(FROM_MS + (endMs ?? Number.NaN), 6);
      }),
    );
  });
});
