import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CurvePoint, lowerEnvelope, waitAt } from '../../../bench/turns/curve.js';

function point(cutInRate: number, meanWaitMs: number): CurvePoint {
  return { cutInRate, meanWaitMs, p50WaitMs: meanWaitMs, p95WaitMs: meanWaitMs * 2 };
}

const somePoints = fc.array(
  fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 3_000 }))
    .map(([rate, wait]) => point(rate, wait)),
  { minLength: 1, maxLength: 40 },
);

describe('the lower envelope of a sweep', () => {
  it('holds the best points alone: rates rise, waits fall', () => {
    fc.assert(
      fc.property(somePoints, (points) => {
        const envelope = lowerEnvelope(points, 'meanWaitMs');
        for (const [index, { rate, waitMs }] of envelope.entries()) {
          const before = envelope[index - 1];
          if (before === undefined) continue;
          expect(rate).toBeGreaterThan(before.rate);
          expect(waitMs).toBeLessThan(before.waitMs);
        }
        for (const { cutInRate, meanWaitMs } of points) {
          expect(envelope.some(({ rate, waitMs }) => rate <= cutInRate && waitMs <= meanWaitMs)).toBe(true);
        }
      }),
    );
  });

  it('is told between two points in proportion', () => {
    const points = [point(0.02, 900), point(0.08, 300), point(0.05, 1_000), point(0.2, 200)];
    expect(waitAt(points, 0.05, 'meanWaitMs')).toBeCloseTo(600);
    expect(waitAt(points, 0.08, 'meanWaitMs')).toBe(300);
    expect(waitAt(points, 0.08, 'p95WaitMs')).toBe(600);
  });

  it('ends at its last point, and has nothing to say before its first', () => {
    const points = [point(0.07, 400), point(0.1, 300)];
    expect(waitAt(points, 0.05, 'meanWaitMs')).toBeNull();
    expect(waitAt(points, 0.5, 'meanWaitMs')).toBe(300);
    expect(waitAt([], 0.5, 'meanWaitMs')).toBeNull();
  });

  it('never waits longer where more cut-ins are allowed, and never less than any swept point', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(somePoints, rate, rate, (points, one, other) => {
        const few = waitAt(points, Math.min(one, other), 'meanWaitMs');
        const many = waitAt(points, Math.max(one, other), 'meanWaitMs');
        if (few === null || many === null) return;
        expect(many).toBeLessThanOrEqual(few + 1e-9);
        expect(many).toBeGreaterThanOrEqual(Math.min(...points.map(({ meanWaitMs }) => meanWaitMs)));
      }),
    );
  });
});
