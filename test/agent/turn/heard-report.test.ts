import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heardUnexplainedMs,
  isPossible,
  REPORTS_BURST,
  REPORTS_PER_SECOND,
  type TokenBucket,
  takeToken,
  wayToEarMs,
} from '../../../agent/turn/heard-report.js';
import { HEARD_EARLY_MS, HEARD_LATE_MS, type HeardReport } from '../../../wire/turn.js';

const report = (fields: Partial<HeardReport> = {}): HeardReport => ({
  schema: 1,
  turn: 1,
  heardResponseMs: 700,
  roundTripMs: 40,
  jitterBufferMs: 50,
  ...fields,
});
const worker = { roundTripMs: 2, jitterBufferMs: 30 };

describe('a report of what was heard', () => {
  it('is possible from a little before the answer was given to the longest way after', () => {
    const at = (heardResponseMs: number) =>
      isPossible(report({ heardResponseMs, roundTripMs: 0, jitterBufferMs: 0 }), 600);
    expect([600 - HEARD_EARLY_MS - 1, 600 - HEARD_EARLY_MS, 600, 700].map(at)).toEqual([false, true, true, true]);
    expect([600 + HEARD_LATE_MS, 600 + HEARD_LATE_MS + 1].map(at)).toEqual([true, false]);
  });

  it('is impossible where the way alone took longer than the whole wait', () => {
    expect(isPossible(report({ jitterBufferMs: 3_000 }), 600)).toBe(false);
    expect(isPossible(report({ roundTripMs: 4_900 }), 600)).toBe(false);
    expect(isPossible(report({ heardResponseMs: 2_000, jitterBufferMs: 1_300 }), 600)).toBe(true);
  });

  it('is impossible where a figure is of no clock that goes: negative, huge, or no number at all', () => {
    const broken = fc.oneof(
      fc.double({ max: -Number.MIN_VALUE, noNaN: true }),
      fc.double({ min: 10_001, noNaN: true }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    const field = fc.constantFrom('roundTripMs', 'jitterBufferMs', 'playoutMs');
    fc.assert(
      fc.property(broken, field, fc.double({ min: 0, max: 5_000, noNaN: true }), (value, name, responseMs) => {
        expect(isPossible(report({ heardResponseMs: responseMs + 100, [name]: value }), responseMs)).toBe(false);
      }),
    );
    const noWait = fc.oneof(fc.double({ max: 0 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(noWait, (heardResponseMs) => {
        expect(isPossible(report({ heardResponseMs }), 100)).toBe(false);
      }),
    );
  });
});

describe('the way to the ear', () => {
  it('is both round trips, both jitter buffers, and what packets and codec take each way', () => {
    // 40 + 2 of network, 30 + 50 of buffers, twice 10 of packets and 6.5 of Opus, 5 for the beat of the source.
    expect(wayToEarMs(report(), worker)).toBeCloseTo(160);
    expect(heardUnexplainedMs(report({ heardResponseMs: 790 }), 600, worker)).toBeCloseTo(30);
  });

  it('leaves a remainder below 0 where more was measured than heard', () => {
    expect(heardUnexplainedMs(report({ heardResponseMs: 700 }), 600, worker)).toBeCloseTo(-60);
  });

  it('has nothing of the loudspeaker, before which a client measures', () => {
    expect(wayToEarMs(report({ playoutMs: 80 }), worker)).toBe(wayToEarMs(report(), worker));
  });

  it('is unknown where a part of it was not measured', () => {
    const { roundTripMs: _r, ...withoutNetwork } = report();
    const { jitterBufferMs: _j, ...withoutBuffer } = report();
    expect(wayToEarMs(withoutNetwork, worker)).toBeUndefined();
    expect(wayToEarMs(withoutBuffer, worker)).toBeUndefined();
    expect(wayToEarMs(report(), undefined)).toBeUndefined();
    expect(heardUnexplainedMs(report(), 600, undefined)).toBeUndefined();
  });
});

describe('the bucket of reports', () => {
  it('gives no more than its burst and what has come back since, whatever the clock does', () => {
    const steps = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (moves) => {
        let bucket: TokenBucket = { tokens: REPORTS_BURST, atMs: 0 };
        let nowMs = 0;
        let latestMs = 0;
        let given = 0;
        for (const move of moves) {
          nowMs += move;
          latestMs = Math.max(latestMs, nowMs);
          const { bucket: next, taken } = takeToken(bucket, nowMs);
          bucket = next;
          if (taken) given += 1;
          expect(given).toBeLessThanOrEqual(REPORTS_BURST + (latestMs / 1_000) * REPORTS_PER_SECOND + 1e-6);
        }
      }),
    );
  });
});
