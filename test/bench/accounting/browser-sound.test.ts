import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOffset, findSaid } from '../../../bench/accounting/browser-sound.js';
import { onBenchClock } from '../../../bench/interruptions/followed-sound.js';
import { speech, tapped, WINDOW_MS } from './browser-sounds.js';

describe('the clock of a page', () => {
  it('is known from the question and answer that took the least', () => {
    const readings = [
      { askedAtMs: 1_000, pageMs: 108, toldAtMs: 1_012 },
      { askedAtMs: 1_020, pageMs: 121.5, toldAtMs: 1_022 },
      { askedAtMs: 1_030, pageMs: 139, toldAtMs: 1_040 },
    ];
    expect(clockOffset(readings)).toEqual({ offsetMs: 899.5, exactToMs: 1 });
    expect(clockOffset([])).toBeUndefined();
  });

  it('is never further off than it says, however unlike the two ways are', () => {
    const way = fc.double({ min: 0, max: 40, noNaN: true });
    const ways = fc.array(fc.record({ there: way, back: way }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(ways, fc.integer({ min: -1_000_000, max: 1_000_000 }), (all, trueOffsetMs) => {
        const readings = all.map(({ there, back }, index) => {
          const askedAtMs = 5_000 + index * 100;
          return { askedAtMs, pageMs: askedAtMs + there - trueOffsetMs, toldAtMs: askedAtMs + there + back };
        });
        const known = clockOffset(readings);
        expect(Math.abs((known?.offsetMs ?? Number.NaN) - trueOffsetMs)).toBeLessThanOrEqual(
          (known?.exactToMs ?? 0) + 1e-6,
        );
      }),
    );
  });
});

describe('a recording in a page’s microphone', () => {
  const SAID = speech(1, 1_200);
  const found = (sounds: Parameters<typeof tapped>[1], expectedAtMs = 2_000) =>
    findSaid(onBenchClock(tapped(8_000, sounds), 0), SAID, expectedAtMs);

  it('is found where it is, however loud it became and whatever was taken for noise', () => {
    for (const gainDb of [-14, 0, 14]) {
      const processed = SAID.map((level) => (level < -45 ? -100 : level + gainDb));
      const { fromMs, endedAtMs, levelsDbfs } = found([{ atMs: 2_135, levelsDbfs: processed }]) ?? {};
      expect([fromMs, endedAtMs]).toEqual([expect.closeTo(2_135, 6), expect.closeTo(3_335, 6)]);
      expect(levelsDbfs).toEqual(processed);
    }
  });

  it('is found while gain control settles, which swallows nothing', () => {
    const settling = SAID.map((level, index) => level + Math.max(0, 12 - (index * WINDOW_MS) / 80));
    expect(found([{ atMs: 2_100, levelsDbfs: settling }])).toMatchObject({
      fromMs: expect.closeTo(2_100, 6),
      swallowedMs: found([{ atMs: 2_100, levelsDbfs: SAID }])?.swallowedMs,
    });
  });

  it('may lack its end, which is told', () => {
    const processed = SAID.map((level, index) => (index >= SAID.length - 16 ? level - 50 : level));
    const whole = found([{ atMs: 2_100, levelsDbfs: SAID }])?.swallowedMs;
    expect(found([{ atMs: 2_100, levelsDbfs: processed }])).toMatchObject({ endedAtMs: expect.closeTo(3_300, 6) });
    expect(found([{ atMs: 2_100, levelsDbfs: processed }])?.swallowedMs).toBeGreaterThanOrEqual((whole ?? 0) + 70);
  });

  it('is found where the microphone came late, and not far from where it must be', () => {
    expect(found([{ atMs: 3_900, levelsDbfs: SAID }])?.fromMs).toBeCloseTo(3_900, 6);
    expect(found([{ atMs: 4_500, levelsDbfs: SAID }])).toBeUndefined();
    expect(found([{ atMs: 1_500, levelsDbfs: SAID }])).toBeUndefined();
  });

  it('is not taken for another one, nor for silence, nor for its own half', () => {
    expect(found([{ atMs: 2_100, levelsDbfs: speech(4, 1_200) }])).toBeUndefined();
    expect(found([])).toBeUndefined();
    expect(found([{ atMs: 2_100, levelsDbfs: SAID.slice(0, SAID.length / 2) }])).toBeUndefined();
  });
});
