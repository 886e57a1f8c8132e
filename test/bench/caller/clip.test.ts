import { describe, expect, it } from 'vitest';
import { prepareClip, resample } from '../../../bench/caller/clip.js';
import { joinSounds, silence, sine } from '../../support/sounds.js';

/** Index of the first sample that is clearly not silence. */
const onset = (samples: Int16Array): number => samples.findIndex((sample) => Math.abs(sample) > 400);

describe('a clip', () => {
  it.each([8_000, 16_000, 22_050, 24_000, 44_100, 48_000])('keeps length and time at %i Hz', (sampleRateHz) => {
    const samples = joinSounds(silence(250, sampleRateHz), sine(500, { sampleRateHz }), silence(250, sampleRateHz));
    const resampled = resample({ samples, sampleRateHz }, 48_000);
    expect(Math.abs(resampled.length - 48_000)).toBeLessThanOrEqual(2);
    expect(Math.abs(onset(resampled) / 48 - 250)).toBeLessThanOrEqual(2);
    const end = resampled.length - onset(resampled.toReversed());
    expect(Math.abs(end / 48 - 750)).toBeLessThanOrEqual(2);
  });

  it('knows its utterances', () => {
    const samples = joinSounds(silence(100), sine(300), silence(2_000), sine(300));
    expect(prepareClip({ samples, sampleRateHz: 48_000 })).toMatchObject({
      durationMs: 2_700,
      utterances: [
        { startMs: 100, endMs: 400 },
        { startMs: 2_400, endMs: 2_700 },
      ],
    });
  });

  it('is refused when there is nothing in it', () => {
    const samples = silence(500);
    expect(() => prepareClip({ samples, sampleRateHz: 48_000 })).toThrow('There is nothing but silence');
  });
});
