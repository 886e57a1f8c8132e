import { describe, expect, it } from 'vitest';
import type { Interrupted } from '../../../bench/interruptions/calls.js';
import { interruptionFigures } from '../../../bench/interruptions/suite.js';

const ROUND_TRIP_MS = 100;

function interrupted(over: Partial<Interrupted> = {}): Interrupted {
  return { file: 'stop.flac', lagMs: 0, downMs: 200, silentMs: 400, wayMs: 50, ...over };
}

function wayUnknown(downMs: number): Interrupted {
  const { wayMs: _, ...one } = interrupted({ downMs });
  return one;
}

describe('the figures of interruptions', () => {
  it('are of those that came in time, and of all that are known less their own way', () => {
    const figures = interruptionFigures([interrupted(), interrupted({ downMs: 320, wayMs: 170 })], ROUND_TRIP_MS);
    expect(figures).toMatchObject({ n: 2, missed: 0, disturbed: 1, wayUnknown: 0 });
    expect(figures.downMs).toMatchObject({ n: 1, p50: { value: 200 } });
    expect(figures.downBeyondWayMs).toMatchObject({ n: 2, p50: { value: 100 } });
  });

  it('hold one whose own way was not made out, however long it took', () => {
    const figures = interruptionFigures([interrupted(), wayUnknown(900)], ROUND_TRIP_MS);
    expect(figures).toMatchObject({ n: 2, disturbed: 0, wayUnknown: 1 });
    expect(figures.downMs).toMatchObject({ n: 2, p50: { value: 550 } });
    expect(figures.silentMs.n).toBe(2);
    expect(figures.downBeyondWayMs.n).toBe(1);
  });

  it('count one that the agent talked over as missed', () => {
    const { downMs: _, silentMs: __, ...talkedOver } = interrupted();
    const figures = interruptionFigures([talkedOver, interrupted()], ROUND_TRIP_MS);
    expect(figures).toMatchObject({ n: 2, missed: 1, silentMs: { n: 1 }, silentBeyondWayMs: { n: 1 } });
  });
});
