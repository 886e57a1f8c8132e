import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, inTurn, isDue } from '../../../bench/latency/interleaving.js';

describe('the arms of a batch', () => {
  it('begin with another one each time, and go backwards every other round', () => {
    const arms = ['a', 'b', 'c'];
    expect([0, 1, 2, 3, 4, 5].map((batch) => inTurn(arms, batch).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'cba',
      'acb',
      'bac',
    ]);
  });

  it('are all there, each as often in each place', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 7 }), (arms) => {
        const orders = Array.from({ length: arms.length }, (_, batch) => inTurn(arms, batch));
        for (const place of arms.keys()) {
          expect(orders.map((order) => order[place]).toSorted()).toEqual(arms.toSorted());
        }
      }),
    );
  });

  it('are none of none', () => {
    expect(inTurn([], 4)).toEqual([]);
  });
});

describe('batches', () => {
  it('hold everything in order, the last one what is left', () => {
    expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(batchesOf([], 2)).toEqual([]);
  });
});

describe('what is done a few times in a run', () => {
  it('is done before the first batch, and evenly', () => {
    const due = Array.from({ length: 10 }, (_, batch) => isDue(batch, 10, 5));
    expect(due).toEqual([true, false, true, false, true, false, true, false, true, false]);
    expect([0, 1].map((batch) => isDue(batch, 2, 1))).toEqual([true, false]);
  });

  it('is done no more often than there are batches, nor than was asked for', () => {
    const count = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(count, count, (batches, times) => {
        const due = Array.from({ length: batches }, (_, batch) => isDue(batch, batches, times)).filter(Boolean);
        expect(due).toHaveLength(Math.min(batches, times));
      }),
    );
  });
});
