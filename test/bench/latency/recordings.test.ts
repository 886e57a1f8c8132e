import { describe, expect, it } from 'vitest';
import { choose, readRecordings } from '../../../bench/latency/recordings.js';

describe('the recordings of a run', () => {
  const items = ['a', 'b', 'c', 'P', 'Q'];
  const kindOf = (item: string): string => (item === item.toUpperCase() ? 'with pauses' : 'without');

  it('take turns between those with pauses and those without', () => {
    const chosen = choose(items, kindOf, { turns: 9, seed: 4 });
    expect(chosen.map((item) => kindOf(item) === 'with pauses')).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1].map(Boolean));
  });

  it('come all before one comes again, in the same order for the same seed', () => {
    const chosen = choose(items, kindOf, { turns: 6, seed: 4 });
    expect(new Set(chosen).size).toBe(5);
    expect(choose(items, kindOf, { turns: 6, seed: 4 })).toEqual(chosen);
  });

  it('are as many as asked for when there is one kind, and none of none', () => {
    expect(choose(['a', 'b'], kindOf, { turns: 5, seed: 1 })).toHaveLength(5);
    expect(choose([], kindOf, { turns: 5, seed: 1 })).toEqual([]);
  });

  it('are ready to be said: orders with words, levels and pauses that count', async () => {
    const said = await readRecordings(['test/speech'], { set: 'orders', turns: 4, seed: 1 });
    expect(said).toHaveLength(4);
    for (const { words, envelopeDbfs, speech, pauses, set } of said) {
      expect(set).toBe('orders');
      expect(words.length).toBeGreaterThan(0);
      expect(envelopeDbfs.length * 10).toBeGreaterThanOrEqual(speech.endMs);
      for (const { startMs, endMs } of pauses) {
        expect(endMs - startMs).toBeGreaterThanOrEqual(150);
        expect(endMs - startMs).toBeLessThanOrEqual(500);
      }
    }
  });

  it('are asked for by name where there are none', async () => {
    const wish = { set: 'sentences', turns: 2, seed: 1 } as const;
    await expect(readRecordings(['test/speech'], wish)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('--set sentences'),
    });
  });
});
