import { describe, expect, it } from 'vitest';
import { ANSWER_MS, planMicrophone } from '../../../bench/accounting/browser-microphone.js';
import { CALL_RATE_HZ, type Clip } from '../../../bench/caller/clip.js';
import { levelsFrom } from '../../../bench/interruptions/heard-levels.js';

/** Sound from `startMs` to `endMs` of a clip. */
function clip(durationMs: number, startMs: number, endMs: number, amplitude: number): Clip {
  const samples = new Int16Array((durationMs * CALL_RATE_HZ) / 1_000);
  samples.fill(amplitude, (startMs * CALL_RATE_HZ) / 1_000, (endMs * CALL_RATE_HZ) / 1_000);
  return { samples, durationMs, utterances: [{ startMs, endMs }] };
}

describe('what a browser’s caller says', () => {
  const recordings = [
    { file: 'one.flac', clip: clip(2_000, 150, 1_800, 3_000) },
    { file: 'two.flac', clip: clip(1_000, 0, 990, 9_000) },
  ];
  const { samples, turns } = planMicrophone(recordings);
  const soundsFrom = (ms: number): number =>
    (samples.findIndex((sample, index) => index >= (ms * CALL_RATE_HZ) / 1_000 && sample !== 0) * 1_000) / CALL_RATE_HZ;

  it('stands in the file where the plan says it does', () => {
    const [one, two] = turns;
    expect(turns.map(({ file }) => file)).toEqual(['one.flac', 'two.flac']);
    expect(soundsFrom(0)).toBe(one?.fromMs);
    expect(soundsFrom(one?.untilMs ?? 0)).toBe(two?.fromMs);
    expect(one?.untilMs).toBe((one?.fromMs ?? 0) + 1_650);
    expect(two?.levelsDbfs).toHaveLength(990 / 5);
    const whole: Clip = { samples: Int16Array.from(samples), durationMs: 0, utterances: [{ startMs: 0, endMs: 0 }] };
    for (const { fromMs, untilMs, levelsDbfs } of turns) expect(levelsFrom(whole, fromMs, untilMs)).toEqual(levelsDbfs);
  });

  it('leaves time for the greeting, and for an answer after each, the last one, too', () => {
    const [one, two] = turns;
    expect(one?.fromMs).toBeGreaterThanOrEqual(12_000);
    expect((two?.fromMs ?? 0) - (one?.untilMs ?? 0)).toBeGreaterThanOrEqual(ANSWER_MS);
    expect((samples.length * 1_000) / CALL_RATE_HZ - (two?.untilMs ?? 0)).toBeGreaterThanOrEqual(ANSWER_MS);
  });
});
