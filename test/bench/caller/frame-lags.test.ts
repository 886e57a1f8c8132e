import { describe, expect, it } from 'vitest';
import { FrameLags } from '../../../bench/caller/frame-lags.js';

describe('the lags of frames', () => {
  it('count by when a frame was due, not by when it left', () => {
    const lags = new FrameLags();
    for (const [dueAtMs, lateMs] of [
      [1_000, 300],
      [2_000, 12],
      [2_010, 0],
      [3_000, 900],
    ] as const) {
      lags.sent(dueAtMs, lateMs);
    }
    expect(lags.worstBetween(1_500, 2_500)).toBe(12);
    expect(lags.worstBetween(1_000, 2_500)).toBe(300);
    expect(lags.worstBetween(2_005, 2_999)).toBe(0);
    expect(lags.worstMs).toBe(900);
  });

  it('count a frame that still waits', () => {
    const lags = new FrameLags();
    lags.sent(1_000, 5);
    expect(lags.worstBetween(0, 2_000, { dueAtMs: 1_010, lateMs: 400 })).toBe(400);
    expect(lags.worstBetween(0, 1_005, { dueAtMs: 1_010, lateMs: 400 })).toBe(5);
  });

  it('are forgotten in the end, those of the last two minutes never', () => {
    const lags = new FrameLags();
    for (let dueAtMs = 0; dueAtMs <= 600_000; dueAtMs += 10) lags.sent(dueAtMs, dueAtMs === 490_000 ? 70 : 2);
    expect(lags.worstBetween(480_000, 600_000)).toBe(70);
    expect(lags.worstBetween(0, 200_000)).toBe(0);
  });
});
