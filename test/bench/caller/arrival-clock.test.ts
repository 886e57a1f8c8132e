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

  it('lets go of its anchor a second after sound was missed, or all that follows would come too early', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 200; index += 1) clock.arrived(FRAME, index * 10);
    // 300 ms never came: the sample that is counted as the 200th frame's is heard where the 230th would have been.
    for (let index = 200; index < 320; index += 1) clock.arrived(FRAME, index * 10 + 300);
    expect(clock.instantMs(319 * FRAME)).toBe(3_490);
    expect(clock.lagMs).toBe(0);
    expect(clock.missedMs).toBe(300);
  });

  it('takes back what it held for missed when it was only late', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 200; index += 1) clock.arrived(FRAME, index * 10);
    for (let index = 200; index < 400; index += 1) clock.arrived(FRAME, index * 10 + 80);
    expect(clock.missedMs).toBeCloseTo(80, 6);
    clock.arrived(FRAME, 4_000);
    expect(clock.missedMs).toBeCloseTo(0, 6);
    expect(clock.instantMs(400 * FRAME)).toBeCloseTo(4_000, 6);
  });

  it('keeps its anchor through a stall of more than a second that ends at once', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 100; index += 1) clock.arrived(FRAME, index * 10);
    for (let index = 100; index < 250; index += 1) {
      clock.arrived(FRAME, 2_500);
      expect(clock.instantMs(index * FRAME)).toBeCloseTo(index * 10, 6);
    }
  });

  it('is sure of the instant of what came late, once more has come in time', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 100; index += 1) clock.arrived(FRAME, index * 10);
    for (let index = 100; index < 140; index += 1) clock.arrived(FRAME, 1_400);
    for (let index = 140; index < 300; index += 1) clock.arrived(FRAME, index * 10);
    expect(clock.boundsMs(120 * FRAME)).toEqual({ earliestMs: 1_200, latestMs: 1_200 });
    expect(clock.boundsMs(20 * FRAME)).toEqual({ earliestMs: 200, latestMs: 200 });
  });

  it('is unsure near sound that was missed, and sure again a second later', () => {
    const clock = new ArrivalClock(48_000);
    for (let index = 0; index < 200; index += 1) clock.arrived(FRAME, index * 10);
    for (let index = 200; index < 420; index += 1) clock.arrived(FRAME, index * 10 + 300);
    expect(clock.boundsMs(220 * FRAME)).toEqual({ earliestMs: 2_200, latestMs: 2_500 });
    expect(clock.boundsMs(310 * FRAME)?.earliestMs).toBeCloseTo(3_400, 6);
    expect(clock.boundsMs(310 * FRAME)?.latestMs).toBeCloseTo(3_400, 6);
    expect(clock.boundsMs(190 * FRAME)).toEqual({ earliestMs: 1_900, latestMs: 1_900 });
  });

  it('knows no bounds of what has not come', () => {
    const clock = new ArrivalClock(48_000);
    expect(clock.boundsMs(0)).toBeUndefined();
    clock.arrived(FRAME, 0);
    expect(clock.boundsMs(FRAME)).toBeUndefined();
  });

  it('has no instants before anything came', () => {
    expect(() => new ArrivalClock(48_000).instantMs(0)).toThrow(RangeError);
  });
});
