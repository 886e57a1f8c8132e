import { describe, expect, it } from 'vitest';
import { clusterResamples, middle95, percentile, shuffled, wilsonInterval } from '../../bench/statistics.js';

describe('percentiles', () => {
  it('lie between neighbours in proportion', () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
    expect(percentile([7], 0.95)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('shuffling', () => {
  it('keeps everything, and is repeated by its seed', () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    expect(shuffled(values, 3)).toEqual(shuffled(values, 3));
    expect(shuffled(values, 3)).not.toEqual(shuffled(values, 4));
    expect(shuffled(values, 3).toSorted((a, b) => a - b)).toEqual(values);
  });
});

describe('the interval of a share', () => {
  it('is that of Wilson', () => {
    const [low, high] = wilsonInterval(5, 100);
    expect(low).toBeCloseTo(0.0215, 3);
    expect(high).toBeCloseTo(0.1118, 3);
  });

  it('stays within 0 and 1, and knows nothing of no trials', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
    expect(wilsonInterval(0, 300)[0]).toBe(0);
    expect(wilsonInterval(0, 300)[1]).toBeCloseTo(0.0126, 3);
    expect(wilsonInterval(300, 300)[1]).toBeCloseTo(1);
  });
});

describe('resamples by cluster', () => {
  const clusters = ['a', 'a', 'b', 'c', 'c', 'c'];

  it('draw the members of a cluster together, and as many clusters as there are', () => {
    for (const [a, alsoA, b, c, alsoC, thirdC] of clusterResamples(clusters, 100, 5)) {
      expect([alsoA, alsoC, thirdC]).toEqual([a, c, c]);
      expect((a ?? 0) + (b ?? 0) + (c ?? 0)).toBe(3);
    }
  });

  it('are repeated by their seed', () => {
    expect(clusterResamples(clusters, 20, 5)).toEqual(clusterResamples(clusters, 20, 5));
    expect(clusterResamples(clusters, 20, 5)).not.toEqual(clusterResamples(clusters, 20, 6));
  });
});

describe('the middle of a bootstrap', () => {
  it('leaves out a fortieth on either side', () => {
    const values = Array.from({ length: 1_001 }, (_, index) => index);
    expect(middle95(values)).toEqual([25, 975]);
    expect(middle95([])).toBeUndefined();
  });
});
