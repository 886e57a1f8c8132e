import { describe, expect, it } from 'vitest';
import { ArrivalClock } from '../../../bench/caller/arrival-clock.js';

const FRAME = 480;

describe('an arrival clock', () => {
  it('counts samples from the frame that came with the least delay', () => {
    const clock = new ArrivalClock(48_000);
    for (const [index, delayMs] of [7, 3, 0, 5, 9].entries()) clock.arrived(FRAME, 1_000 + index * 10 + delayMs);
    expect(clock.instantMs(0)).toBe(1_000);
    expect(clock.instantMs(4 * FRAME)).toBe(1_040);
    expect(clock.lagMs).toBe(9);
  });

  it('is not moved by a stall: what comes late keeps its place, and the stall shows as lag', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 10; index += 1) clock.arrived(FRAME, index * 10);
    for (let index = 10; index < 60; index += 1) clock.arrived(FRAME, 600);
    expect(clock.instantMs(30 * FRAME)).toBe(300);
    expect(clock.lagMs).toBe(10);
    clock.arrived(FRAME, 1_000);
    expect(clock.lagMs).toBe(400);
  });

  it('follows a sound card that is slower than this clock', () => {
    const clock = new ArrivalClock(48_000);
    // 1 ms a second: after a minute an anchor from the beginning would be 60 ms off.
    for (let index = 0; index < 6_000; index += 1) clock.arrived(FRAME, index * 10.01);
    expect(Math.abs(clock.instantMs(5_999 * FRAME) - 5_999 * 10.01)).toBeLessThanOrEqual(10);
  });

  it('has no instants before anything came', () => {
    expect(() => new ArrivalClock(48_000).instantMs(0)).toThrow(RangeError);
  });
});
