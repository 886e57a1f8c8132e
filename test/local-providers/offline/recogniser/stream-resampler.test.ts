import { describe, expect, it } from 'vitest';
import { StreamResampler } from '../../../../local-providers/offline/recogniser/stream-resampler.js';

const sine = (rateHz: number, toneHz: number, seconds: number) =>
  Int16Array.from({ length: rateHz * seconds }, (_, n) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * toneHz * n) / rateHz)),
  );

function inPieces(resampler: StreamResampler, samples: Int16Array, pieceLength: number): Int16Array {
  const output: number[] = [];
  for (let at = 0; at < samples.length; at += pieceLength)
    output.push(...resampler.push(samples.subarray(at, at + pieceLength)));
  output.push(...resampler.flush());
  return Int16Array.from(output);
}

describe.each([8_000, 24_000, 44_100, 48_000])('a stream at %i Hz', (rateHz) => {
  it.each([100, 481, 5_000])('keeps a tone and its time in pieces of %i samples', (pieceLength) => {
    const output = inPieces(new StreamResampler(rateHz, 16_000), sine(rateHz, 440, 1), pieceLength);
    const expected = sine(16_000, 440, 1);
    expect(output.length).toBeGreaterThanOrEqual(expected.length);
    let worst = 0;
    // The ends hear the silence around the tone.
    for (let at = 200; at < expected.length - 200; at += 1) {
      worst = Math.max(worst, Math.abs((output[at] as number) - (expected[at] as number)));
    }
    expect(worst).toBeLessThan(60);
  });
});

it('hands on audio that has the right rate already', () => {
  const samples = sine(16_000, 300, 0.1);
  expect(new StreamResampler(16_000, 16_000).push(samples)).toBe(samples);
});
