import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import {
  bucketIndex,
  bucketQuantile,
  bucketsBetween,
  bucketsOf,
  parseExposition,
  sumOf,
  wentBack,
} from '../../../bench/accounting/exposition.js';

const TEXT = `# HELP turnwise_turns_total Turns.
# TYPE turnwise_turns_total counter
turnwise_turns_total{profile="good",outcome="answered",region="a,b"} 3
turnwise_turns_total{profile="good",outcome="interrupted",region="a,b"} 1
# TYPE turnwise_calls gauge
turnwise_calls{region="a,b"} 2
# TYPE turnwise_playout_seconds histogram
turnwise_playout_seconds_bucket{le="0.1",region="a,b"} 1
turnwise_playout_seconds_bucket{le="+Inf",region="a,b"} 2
turnwise_playout_seconds_sum{region="a,b"} 0.5
turnwise_playout_seconds_count{region="a,b"} 2

`;
const scrape = parseExposition(TEXT);

describe('a scrape', () => {
  it('is summed over label sets, all or those with some labels', () => {
    expect(sumOf(scrape, 'turnwise_turns_total')).toBe(4);
    expect(sumOf(scrape, 'turnwise_turns_total', { outcome: 'answered' })).toBe(3);
    expect(sumOf(scrape, 'turnwise_turns_total', { outcome: 'unanswered' })).toBe(0);
    expect(sumOf(scrape, 'turnwise_playout_seconds_count')).toBe(2);
  });

  it('tells which counters and histograms went back or away, and lets gauges fall', () => {
    const less = TEXT.replace('"interrupted",region="a,b"} 1', '"interrupted",region="a,b"} 0')
      .replace('turnwise_calls{region="a,b"} 2', 'turnwise_calls{region="a,b"} 0')
      .replace(/turnwise_playout_seconds_count.*\n/, '');
    expect(wentBack(scrape, scrape)).toEqual([]);
    expect(wentBack(scrape, parseExposition(less))).toEqual([
      'turnwise_turns_total{profile="good",outcome="interrupted",region="a,b"}',
      'turnwise_playout_seconds_count{region="a,b"}',
    ]);
  });
});

describe('a histogram', () => {
  it('has its quantiles in proportion within a bucket, as Prometheus has them', () => {
    const buckets = [
      { le: 1, count: 0 },
      { le: 2, count: 4 },
      { le: Number.POSITIVE_INFINITY, count: 5 },
    ];
    expect(bucketQuantile(buckets, 0.5)).toBe(1.625);
    expect(bucketQuantile(buckets, 0.95)).toBe(2);
    expect(bucketQuantile([], 0.5)).toBeUndefined();
    expect(bucketIndex(buckets, 2)).toBe(1);
    expect(bucketIndex(buckets, 7)).toBe(2);
  });

  it('of our own puts a P95 within one bucket of that of the values', async () => {
    const durations = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 20, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(durations, async (values) => {
        const metrics = new Metrics('test');
        metrics.observe('turnwise_playout_seconds', {}, 5);
        const before = bucketsOf(parseExposition(await metrics.text()), 'turnwise_playout_seconds');
        for (const value of values) metrics.observe('turnwise_playout_seconds', {}, value);
        const after = parseExposition(await metrics.text());
        const buckets = bucketsBetween(before, bucketsOf(after, 'turnwise_playout_seconds'));
        expect(buckets.at(-1)?.count).toBe(values.length);
        const sorted = values.toSorted((a, b) => a - b);
        // The value of that rank itself: interpolated between two neighbours it may be buckets away from either.
        const exact = sorted[Math.ceil(0.95 * values.length) - 1] ?? Number.NaN;
        const told = bucketQuantile(buckets, 0.95) ?? Number.NaN;
        expect(bucketIndex(buckets, told)).toBe(bucketIndex(buckets, exact / 1_000));
      }),
      { numRuns: 10 },
    );
  });
});
