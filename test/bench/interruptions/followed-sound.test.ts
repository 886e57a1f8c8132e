import { describe, expect, it } from 'vitest';
import { onBenchClock, slipMs } from '../../../bench/interruptions/followed-sound.js';
import { tapped, WINDOW_MS } from '../accounting/browser-sounds.js';

describe('the sound of an ear', () => {
  it('has the instants of its samples on the bench’s clock, though its thread was busy', () => {
    // For 200 ms nothing is taken; then all of it at once.
    const lateMs = (piece: number) => (piece >= 100 && piece < 120 ? (120 - piece) * 10 : piece % 3);
    const { windows, windowMs } = onBenchClock(tapped(4_000, [], { startMs: 70, lateMs }), 900);
    expect(windowMs).toBe(WINDOW_MS);
    for (const [index, { atMs }] of windows.entries()) expect(atMs).toBeCloseTo(970 + index * WINDOW_MS, 6);
  });

  it('tells time that a microphone skipped, at the end of a word, too, and is right again soon after', () => {
    const lateMs = (piece: number) => (piece >= 300 ? 40 : 0);
    const sound = onBenchClock(tapped(9_000, [], { lateMs }), 0);
    expect(sound.windows[500]?.atMs).toBeCloseTo(2_500, 6);
    expect(sound.windows[1_000]?.atMs).toBeCloseTo(5_040, 6);
    expect(slipMs(sound, 1_000, 3_010)).toBeCloseTo(40, 6);
    expect(slipMs(sound, 2_990, 5_000)).toBeCloseTo(40, 6);
    expect(slipMs(sound, 5_500, 7_500)).toBeCloseTo(0, 6);
    expect(slipMs(sound, 20_000, 21_000)).toBe(0);
  });
});
