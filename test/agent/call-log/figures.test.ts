import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominant, Greatest, quantiles } from '../../../agent/call-log/figures.js';

const durations = fc.array(fc.double({ min: 0, max: 1e308, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('percentiles', () => {
  it('lie between neighbours in proportion', () => {
    expect(quantiles([400, 100, 300, 200])).toEqual({ turns: 4, p50: 250, p90: 370, p95: 385, p99: 397 });
    expect(quantiles([7])).toEqual({ turns: 1, p50: 7, p90: 7, p95: 7, p99: 7 });
    expect(quantiles([])).toBeUndefined();
  });

  it('rise, stay within what there is, and do not depend on the order', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const found = quantiles(values);
        const { p50 = Number.NaN, p90 = 0, p95 = 0, p99 = 0 } = found ?? {};
        expect([p50, p90, p95, p99].toSorted((a, b) => a - b)).toEqual([p50, p90, p95, p99]);
        expect(p50).toBeGreaterThanOrEqual(Math.min(...values));
        expect(p99).toBeLessThanOrEqual(Math.max(...values));
        expect(quantiles(values.toReversed())).toEqual(found);
      }),
    );
  });

  it('leave as many below them as they say', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const p90 = quantiles(values)?.p90 ?? Number.NaN;
        const below = values.filter((value) => value < p90).length;
        const upTo = values.filter((value) => value <= p90).length;
        expect(below).toBeLessThanOrEqual(0.9 * (values.length - 1) + 1);
        expect(upTo).toBeGreaterThanOrEqual(0.9 * (values.length - 1));
      }),
    );
  });
});

describe('what took most of the time', () => {
  it('is the greatest part, and says how great', () => {
    expect(
      dominant([
        ['stt', 100],
        ['llm', 250],
        ['tts', 150],
      ]),
    ).toEqual({ name: 'llm', share: 0.5 });
    expect(dominant([['stt', 0]])).toBeUndefined();
    expect(dominant([])).toBeUndefined();
  });

  it('has at least its equal part', () => {
    const parts = fc.array(fc.tuple(fc.string(), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1 });
    fc.assert(
      fc.property(parts, (totals) => {
        const found = dominant(totals);
        if (found === undefined) expect(totals.every(([, ms]) => ms === 0)).toBe(true);
        else expect(found.share).toBeGreaterThanOrEqual(1 / totals.length - 1e-9);
      }),
    );
  });
});

it('keeps the greatest, greatest first, and of equals the earlier', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 0, max: 8 }), (values, limit) => {
      const greatest = new Greatest<{ value: number; at: number }>(limit, ({ value }) => value);
      values.forEach((value, at) => void greatest.add({ value, at }));
      const sorted = values.map((value, at) => ({ value, at })).toSorted((a, b) => b.value - a.value || a.at - b.at);
      expect(greatest.items).toEqual(sorted.slice(0, limit));
    }),
  );
});
