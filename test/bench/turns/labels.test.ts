import { describe, expect, it } from 'vitest';
import { spreadWords, withoutHallucinatedEnd } from '../../../bench/turns/labels.js';
import { spanOf } from '../../../bench/turns/pauses.js';
import { finalAtMs, withErrors } from '../../../bench/turns/recogniser.js';
import type { TimedWord } from '../../../bench/turns/recording.js';
import { withTail } from '../../../bench/turns/room-noise.js';
import { binarySilencesOf, silencesOf } from '../../../bench/turns/silences.js';

function words(...timed: readonly [text: string, startMs: number, endMs: number][]): TimedWord[] {
  return timed.map(([text, startMs, endMs]) => ({ text, startMs, endMs }));
}

describe('words that nobody said', () => {
  const speech = { startMs: 100, endMs: 1_000 };

  it('are dropped from the end of a complete turn, and their sound given to the word before', () => {
    const { words: kept, dropped } = withoutHallucinatedEnd(
      words(['milk', 600, 900], ['and', 900, 1_050], ['a', 1_050, 1_100]),
      speech,
    );
    expect(kept).toEqual(words(['milk', 600, 1_000]));
    expect(dropped.map(({ text }) => text)).toEqual(['and', 'a']);
  });

  it('are no longer than a breath, and no other words', () => {
    const said = words(['milk', 300, 600], ['and', 600, 1_000]);
    expect(withoutHallucinatedEnd(said, speech)).toEqual({ words: said, dropped: [] });
    const other = words(['milk', 300, 900], ['please', 900, 1_000]);
    expect(withoutHallucinatedEnd(other, speech).dropped).toEqual([]);
  });
});

describe('words without times', () => {
  it('share the sound by their letters, and lie around its pauses', () => {
    const spread = spreadWords('abcd efgh', { startMs: 0, endMs: 1_500 }, [{ startMs: 500, endMs: 1_000 }]);
    expect(spread).toEqual(words(['abcd', 0, 500], ['efgh', 1_000, 1_500]));
  });
});

describe('the simulated recogniser', () => {
  it('gives a final 30 ms after it was asked, but no word before 150 ms are over', () => {
    const said = words(['milk', 600, 900]);
    expect(finalAtMs(said, 1_000)).toBe(1_050);
    expect(finalAtMs(said, 1_100)).toBe(1_130);
    expect(finalAtMs([], 1_100)).toBe(1_130);
  });

  it('errs in 5 to 10 % of the words, the same way for the same seed', () => {
    const said = Array.from({ length: 4_000 }, (_, index) => ({ text: `w${index}`, startMs: index, endMs: index + 1 }));
    const heard = withErrors(said, ['other'], 7);
    const right = new Set(heard.map(({ text }) => text));
    // Substituted and deleted words are missing; insertions alone add to the length.
    const errors = said.filter(({ text }) => !right.has(text)).length;
    expect(errors / said.length).toBeGreaterThan(0.05);
    expect(errors / said.length).toBeLessThan(0.1);
    expect(withErrors(said, ['other'], 7)).toEqual(heard);
    expect(withErrors(said, ['other'], 8)).not.toEqual(heard);
  });
});

describe('silences', () => {
  it('of a recording are found by its sound alone', () => {
    const tone = (fromMs: number, toMs: number, samples: Int16Array): void => {
      for (let i = fromMs * 16; i < toMs * 16; i += 1) samples[i] = Math.round(8_000 * Math.sin(i / 5));
    };
    const samples = new Int16Array(16 * 2_000);
    tone(100, 500, samples);
    tone(590, 900, samples);
    tone(1_100, 1_500, samples);
    expect(spanOf(samples, 16_000)).toEqual({
      speech: { startMs: 100, endMs: 1_500 },
      pauses: [{ startMs: 900, endMs: 1_100 }],
    });
    expect(spanOf(new Int16Array(1_600), 16_000)).toBeUndefined();
  });

  it('of a detector begin with the last voice and end when it is heard again', () => {
    const probabilities = [0, 0.9, 0.9, 0.9, 0, 0, 0, 0, 0.9, 0.9, 0, 0, 0, 0];
    const detections = probabilities.map((probability, index) => ({ atMs: (index + 1) * 32, probability }));
    expect(silencesOf(detections)).toEqual([
      { fromMs: 128, resumedAtMs: 320 },
      { fromMs: 320, resumedAtMs: Number.POSITIVE_INFINITY },
    ]);
  });

  it('of a detector of yes and no end with three frames of voice, and not with one', () => {
    const voiced = Array.from('0011110000100001110000', (digit) => digit === '1');
    expect(binarySilencesOf(voiced, 10)).toEqual([
      { fromMs: 60, resumedAtMs: 180 },
      { fromMs: 180, resumedAtMs: Number.POSITIVE_INFINITY },
    ]);
  });
});

describe('a tail of background', () => {
  const hiss = (length: number, height: number): Int16Array =>
    Int16Array.from({ length }, (_, i) => (((i * 7_919) % 201) - 100) * height);
  const power = (samples: Int16Array): number => samples.reduce((sum, s) => sum + s * s, 0) / samples.length;

  it('is as long and as loud as wanted, and the same for the same seed', () => {
    const recording = new Int16Array(16_000);
    recording.set(hiss(12_000, 100));
    recording.set(hiss(4_000, 1), 12_000);
    const speech = { startMs: 0, endMs: 750 };
    const tailed = withTail(recording, speech, 750, 3);
    expect(tailed).toHaveLength(24_000);
    expect(tailed).toEqual(withTail(recording, speech, 750, 3));
    const ratio = power(tailed.subarray(17_000, 23_000)) / power(hiss(6_000, 1));
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
    expect(withTail(recording, speech, 200, 3)).toBe(recording);
  });

  it('is far below a voice that leaves no background to go on with', () => {
    const voice = hiss(16_000, 100);
    const tail = withTail(voice, { startMs: 0, endMs: 1_000 }, 500, 3).subarray(17_000);
    expect(10 * Math.log10(power(voice) / power(tail))).toBeGreaterThan(45);
  });
});
