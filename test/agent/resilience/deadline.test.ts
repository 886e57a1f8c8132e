import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DeadlineLimits,
  deadlineMs,
  lateQuantile,
  NO_LATENCIES,
  noteLatency,
} from '../../../agent/resilience/deadline.js';

const LIMITS: DeadlineLimits = { initialMs: 800, leastMs: 150, mostMs: 2_000 };
const noted = (samplesMs: readonly number[]) => samplesMs.reduce(noteLatency, NO_LATENCIES);

describe('the deadline of a first result', () => {
  it('is the initial one until eight are known', () => {
    expect(deadlineMs(NO_LATENCIES, LIMITS)).toBe(800);
    expect(deadlineMs(noted(Array(7).fill(300)), LIMITS)).toBe(800);
    expect(deadlineMs(noted(Array(8).fill(300)), LIMITS)).toBe(300);
  });

  const twenty = Array.from({ length: 20 }, (_, index) => 50 * (index + 1));

  it('lies where nine in ten have come', () => {
    expect(deadlineMs(noted(twenty), LIMITS)).toBe(900);
  });

  it('is not that of one slow start, but of a provider that is slow', () => {
    const start = [...Array(7).fill(300), 1_900];
    expect(deadlineMs(noted(start), LIMITS)).toBe(800);
    expect(deadlineMs(noted([...start, 1_800, 1_700]), LIMITS)).toBe(1_700);
    expect(deadlineMs(noted([...start, ...Array(12).fill(300), 1_800, 1_700]), LIMITS)).toBe(1_700);
  });

  it('lies where another share of them has come, if that is asked for', () => {
    expect(deadlineMs(noted(twenty), LIMITS, 0.75)).toBe(750);
    expect(deadlineMs(noted([100, 200, 300]), LIMITS, 0.75)).toBe(800);
  });

  it('is the ninth decile where little is left to hedge with, and earlier where much is', () => {
    expect([0, 1, 3, 5, 20].map((reserve) => Math.round(lateQuantile(reserve) * 100))).toEqual([90, 90, 85, 80, 80]);
  });

  it('forgets what is older than fifty requests', () => {
    const slowOnce = [...Array(50).fill(1_900), ...Array(50).fill(300)];
    expect(deadlineMs(noted(slowOnce), LIMITS)).toBe(300);
  });

  it('ignores what is no latency', () => {
    expect(noted([Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual(NO_LATENCIES);
  });

  it('stays within its limits and its memory, whatever was measured', () => {
    const limits = fc
      .tuple(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000))
      .map(([initialMs, a, b]) => ({ initialMs, leastMs: Math.min(a, b), mostMs: Math.max(a, b) }));
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 120 }), limits, (samplesMs, within) => {
        const recent = noted(samplesMs);
        const deadline = deadlineMs(recent, within);
        expect(recent.samplesMs.length).toBeLessThanOrEqual(50);
        expect(deadline).toBeGreaterThanOrEqual(within.leastMs);
        expect(deadline).toBeLessThanOrEqual(within.mostMs);
      }),
    );
  });

  it('is outlasted by at most one recent request in ten', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 20, maxLength: 50 });
    fc.assert(
      fc.property(samples, (samplesMs) => {
        const deadline = deadlineMs(noted(samplesMs), { initialMs: 0, leastMs: 0, mostMs: 10_000 });
        const later = samplesMs.filter((ms) => ms > deadline).length;
        expect(later).toBeLessThanOrEqual(samplesMs.length / 10);
        expect(samplesMs).toContain(deadline);
      }),
    );
  });
});
