import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audiblePart, spreadWords, trimEdges } from '../../../agent/phrases/word-times.js';
import { heardText } from '../../../agent/turn/heard-text.js';
import { RATE_HZ, toneAmid } from './support.js';

const msOf = (samples: number) => (samples * 1_000) / RATE_HZ;

describe('the words of a sound', () => {
  it('lie by their letters over the part that is heard', () => {
    const words = spreadWords('Sure, one latte.', toneAmid(300, 600, 150), RATE_HZ);
    expect(words).toEqual([
      { word: 'Sure,', endMs: 500 },
      { word: 'one', endMs: 650 },
      { word: 'latte.', endMs: 900 },
    ]);
  });

  it('tell what was heard of a phrase that was cut', () => {
    const text = 'Hi, this is Turnwise Coffee.';
    const samples = toneAmid(150, 1_500, 0);
    const words = spreadWords(text, samples, RATE_HZ);
    expect(heardText(text, words, 149, msOf(samples.length))).toBe('');
    expect(heardText(text, words, 800, msOf(samples.length))).toBe('Hi, this is');
    expect(heardText(text, words, msOf(samples.length), msOf(samples.length))).toBe(text);
  });

  it('rise to the end of what is heard, of any text and sound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.int16Array({ maxLength: 2_000 }), (text, samples) => {
        const words = spreadWords(text, samples, RATE_HZ);
        const part = audiblePart(samples, RATE_HZ) ?? { from: 0, to: samples.length };
        let beforeMs = msOf(part.from);
        for (const { word, endMs } of words) {
          expect(text).toContain(word);
          expect(endMs).toBeGreaterThanOrEqual(beforeMs);
          beforeMs = endMs;
        }
        if (words.length > 0) expect(beforeMs).toBeCloseTo(msOf(part.to), 6);
      }),
    );
  });
});

describe('trimmed edges', () => {
  it('leave little silence before and behind', () => {
    const trimmed = trimEdges(toneAmid(300, 600, 450), RATE_HZ);
    expect(msOf(trimmed.length)).toBeCloseTo(15 + 600 + 60, 0);
    expect(audiblePart(trimmed, RATE_HZ)).toMatchObject({ from: msOf(trimmed.length) > 0 ? 360 : 0 });
  });

  it('leave a sound as it is that has none, or is nothing else', () => {
    for (const samples of [toneAmid(0, 90, 0), toneAmid(15, 90, 60), new Int16Array(4_800), new Int16Array(0)]) {
      expect(trimEdges(samples, RATE_HZ)).toEqual(samples);
    }
  });

  it('take nothing away of what is heard, and are part of the sound', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 20 }), fc.nat(20), (before, tone, behind) => {
        const samples = toneAmid(before * 30, tone * 30, behind * 30);
        const trimmed = trimEdges(samples, RATE_HZ);
        const part = audiblePart(samples, RATE_HZ);
        const kept = audiblePart(trimmed, RATE_HZ);
        expect(kept && kept.to - kept.from).toBe(part && part.to - part.from);
        expect(trimmed.length).toBeLessThanOrEqual(samples.length);
      }),
    );
  });
});
