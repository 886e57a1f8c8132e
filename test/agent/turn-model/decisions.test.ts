import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedWaitMs } from '../../../agent/turn-model/expected-wait.js';
import { endsInARow, restartDelayMs } from '../../../agent/turn-model/restart-delay.js';

describe('the expected wait', () => {
  it('is nothing at rest, the rest of the present request, and each one before', () => {
    expect(expectedWaitMs({ waiting: 0, runningForMs: undefined, recentMs: 25 })).toBe(0);
    expect(expectedWaitMs({ waiting: 0, runningForMs: 5, recentMs: 25 })).toBe(20);
    expect(expectedWaitMs({ waiting: 2, runningForMs: 5, recentMs: 25 })).toBe(70);
  });

  it('grows again while a request is overdue', () => {
    expect(expectedWaitMs({ waiting: 0, runningForMs: 1_000, recentMs: 25 })).toBe(975);
  });

  it('is never negative, and grows with what waits', () => {
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.option(ms, { nil: undefined }), ms, (waiting, runningForMs, recentMs) => {
        const waitMs = expectedWaitMs({ waiting, runningForMs, recentMs });
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(expectedWaitMs({ waiting: waiting + 1, runningForMs, recentMs })).toBeGreaterThanOrEqual(waitMs);
      }),
    );
  });
});

describe('the delay before a restart', () => {
  it('doubles from 100 ms to 5 s and stays there', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1_000_000].map(restartDelayMs);
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  it('begins anew after a minute of service', () => {
    expect(endsInARow(7, 59_999)).toBe(8);
    expect(endsInARow(7, 60_000)).toBe(1);
  });
});
