import { describe, expect, it } from 'vitest';
import { greetingBatches } from '../../../bench/latency/run.js';

describe('calls that only hear the greeting', () => {
  it('are as many at once as those with turns, and no fewer than asked for', () => {
    expect(greetingBatches(3, 1).map(({ callers }) => callers)).toEqual([1, 1, 1]);
    expect(greetingBatches(5, 4).map(({ callers }) => callers)).toEqual([4, 4]);
    expect(new Set(greetingBatches(5, 4).map(({ number }) => number)).size).toBe(2);
  });
});
