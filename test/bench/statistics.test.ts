import { describe, expect, it } from 'vitest';
import { percentile, shuffled } from '../../bench/statistics.js';

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
