import { describe, expect, it } from 'vitest';
import { heardGapMs, partedBy } from '../../../bench/latency/openings.js';

describe('a reply with an opening', () => {
  it('is parted where the worker says that the answer began', () => {
    const instants = { playoutStartedAtMs: 5_000, answerStartedAtMs: 5_640, openingMs: 500 };
    expect(partedBy({ instants })).toEqual({ answerAfterMs: 640, gapMs: 140 });
  });

  it('has no gap where the answer was ready first', () => {
    const instants = { playoutStartedAtMs: 5_000, answerStartedAtMs: 5_490, openingMs: 500 };
    expect(partedBy({ instants })?.gapMs).toBe(0);
  });

  it('is none where no answer is told apart', () => {
    expect(partedBy({ instants: { playoutStartedAtMs: 5_000 } })).toBeUndefined();
    expect(partedBy({ instants: {} })).toBeUndefined();
  });
});

describe('the gap in the ear', () => {
  /** Windows of 5 ms, audible but for one stretch. */
  const windows = (quietFromMs: number, quietToMs: number) =>
    Array.from({ length: 400 }, (_, index) => {
      const atMs = 1_000 + index * 5;
      return { atMs, levelDb: atMs >= quietFromMs && atMs < quietToMs ? -80 : -20 };
    });

  it('is the longest quiet before the answer', () => {
    const parted = { answerAfterMs: 640 };
    expect(heardGapMs(windows(1_520, 1_650), 1_000, parted)).toBe(130);
    // A pause inside the answer is none.
    expect(heardGapMs(windows(2_200, 2_500), 1_000, parted)).toBe(0);
  });

  it('is not known where nobody listened', () => {
    expect(heardGapMs([], 1_000, { answerAfterMs: 640 })).toBeUndefined();
  });
});
