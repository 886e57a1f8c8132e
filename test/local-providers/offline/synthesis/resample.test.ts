import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../../../local-providers/offline/synthesis/resample.js';

function tone(frequencyHz: number, sampleRateHz: number, seconds = 0.5): Int16Array {
  return Int16Array.from({ length: sampleRateHz * seconds }, (_, index) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz)),
  );
}

/** Root mean square of the middle half, where no edge of the tone reaches. */
function level(samples: Int16Array): number {
  const middle = samples.subarray(samples.length / 4, (samples.length * 3) / 4);
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
}

const FULL = 10_000 / Math.SQRT2;

describe('resampling', () => {
  it.each([
    [16_000, 24_000],
    [16_000, 8_000],
    [16_000, 44_100],
    [16_000, 48_000],
    [8_000, 16_000],
  ])('keeps a tone of 1 kHz as it is, from %i to %i Hz', (fromHz, toHz) => {
    const result = resample(tone(1_000, fromHz), fromHz, toHz);
    const expected = tone(1_000, toHz);
    expect(result.length).toBe(expected.length);
    for (let index = Math.floor(result.length / 4); index < (result.length * 3) / 4; index++) {
      expect(Math.abs((result[index] ?? 0) - (expected[index] ?? 0))).toBeLessThan(60);
    }
  });

  it('takes away what the lower rate cannot hold, instead of folding it back', () => {
    // 6 kHz at 8 kHz would come back as 2 kHz.
    expect(level(resample(tone(6_000, 16_000), 16_000, 8_000))).toBeLessThan(FULL / 1_000);
  });

  it('makes no image above the old rate', () => {
    // Doubling the rate without a filter would leave a copy of 3 kHz at 5 kHz: the level would not be the tone's own.
    const result = resample(tone(3_000, 8_000), 8_000, 16_000);
    expect(level(result) / FULL).toBeCloseTo(1, 2);
    expect(Math.abs(component(result, 5_000, 16_000))).toBeLessThan(20);
  });

  it('leaves equal rates alone, and nothing as nothing', () => {
    const samples = tone(500, 16_000);
    expect(resample(samples, 16_000, 16_000)).toBe(samples);
    expect(resample(new Int16Array(0), 16_000, 24_000)).toHaveLength(0);
  });

  it('never leaves the range of 16 bits', () => {
    const loud = fc.array(fc.constantFrom(-32_768, 32_767), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(loud, fc.constantFrom(8_000, 24_000, 44_100), (samples, toHz) => {
        const result = resample(Int16Array.from(samples), 16_000, toHz);
        expect(result.length).toBe(Math.ceil((samples.length * toHz) / 16_000));
      }),
      { numRuns: 50 },
    );
  });
});

/** Amplitude of one frequency in the middle half. */
function component(samples: Int16Array, frequencyHz: number, sampleRateHz: number): number {
  const middle = samples.subarray(samples.length / 4, (samples.length * 3) / 4);
  let real = 0;
  let imaginary = 0;
  middle.forEach((sample, index) => {
    const angle = (2 * Math.PI * frequencyHz * index) / sampleRateHz;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  });
  return (2 * Math.hypot(real, imaginary)) / middle.length;
}
