import { describe, expect, it } from 'vitest';
import { LONG_REPLY } from '../../../bench/interruptions/calls.js';
import { burstsOf, compareReplies, scriptedBursts } from '../../../bench/interruptions/continuity.js';
import type { HeardWindow } from '../../../bench/interruptions/heard-levels.js';
import { percentileFigure } from '../../../bench/interruptions/intervals.js';
import { wayMs } from '../../../bench/interruptions/witness.js';
import { measureYield } from '../../../bench/interruptions/yielding.js';

/** Windows of 5 ms from instant 0 on: so many ms at such a level, in turn. */
function heard(...stretches: readonly (readonly [ms: number, levelDb: number])[]): HeardWindow[] {
  const levels = stretches.flatMap(([ms, levelDb]) => Array.from({ length: ms / 5 }, () => levelDb));
  return levels.map((levelDb, index) => ({ atMs: index * 5, levelDb }));
}

describe('how fast an agent gave way', () => {
  it('is told from the first voice over it to 12 dB down and to silence', () => {
    const windows = heard([1_000, -18], [250, -18], [200, -32], [500, -100]);
    expect(measureYield(windows, 1_000, 3_000)).toEqual({ downMs: 250, silentMs: 450 });
  });

  it('does not take the gap between two words for either', () => {
    const windows = heard([1_000, -18], [100, -18], [60, -100], [200, -18], [500, -100]);
    expect(measureYield(windows, 1_000, 3_000)).toEqual({ downMs: 360, silentMs: 360 });
  });

  it('is not there for an agent that went on', () => {
    expect(measureYield(heard([3_000, -18]), 1_000, 3_000)).toEqual({});
  });

  it('cannot be told of an agent that did not speak', () => {
    expect(measureYield(heard([500, -18], [2_000, -100]), 1_000, 3_000)).toBeUndefined();
    expect(measureYield([], 1_000, 3_000)).toBeUndefined();
  });

  it('knows how long the interruption was on its way', () => {
    const said = Array.from({ length: 120 }, (_, index) => (index % 30 < 20 ? -20 - (index % 7) : -70));
    const silence = Array.from({ length: 37 }, () => -100);
    const windows = [...silence, ...said, ...silence].map((levelDb, index) => ({ atMs: 1_000 + index * 5, levelDb }));
    expect(wayMs(windows, said, 1_000)).toBe(185);
    expect(wayMs(heard([3_000, -100]), said, 0)).toBeUndefined();
  });
});

describe('a reply that was spoken over', () => {
  const text = 'we have tea with lemon';
  const reference = scriptedBursts(text, 20);
  const asHeard = (gapAfter: number, gapMs: number): HeardWindow[] =>
    heard(
      ...reference.flatMap(({ startMs, endMs }, index) => {
        const next = reference[index + 1]?.startMs ?? endMs + 100;
        const round = (ms: number) => Math.round(ms / 5) * 5;
        return [
          [round(endMs) - round(startMs), -18],
          [round(next) - round(endMs) + (index === gapAfter ? gapMs : 0), -100],
        ] as const;
      }),
    );

  it('is whole when every word was heard', () => {
    const continuity = compareReplies(burstsOf(asHeard(-1, 0)), reference);
    expect(continuity).toMatchObject({ words: 5, whole: 5, lost: 0, repeated: 0, pausesMs: 0 });
  });

  it('is whole with a pause, which explains the shift', () => {
    const continuity = compareReplies(burstsOf(asHeard(2, 400)), reference);
    expect(continuity).toMatchObject({ whole: 5, lost: 0, repeated: 0 });
    expect(Math.abs(continuity.shiftMs - continuity.pausesMs)).toBeLessThanOrEqual(20);
  });

  it('is whole when the pause parts a word', () => {
    const [first, ...others] = reference;
    if (first === undefined) throw new Error('There are no words.');
    const later = others.map(({ startMs, endMs }) => ({ startMs: startMs + 300, endMs: endMs + 300 }));
    const parts = [
      { startMs: 0, endMs: 60 },
      { startMs: 360, endMs: first.endMs + 300 },
    ];
    expect(compareReplies([...parts, ...later], reference)).toMatchObject({ whole: 5, lost: 0, repeated: 0 });
  });

  describe('of many words', () => {
    const long = scriptedBursts(LONG_REPLY, 15);
    const each = long.flatMap((_, index) => (index % 6 === 0 ? [index] : []));

    it.each(each)('misses one alone when word %i is not heard', (missing) => {
      const left = long.filter((_, index) => index !== missing);
      expect(compareReplies(left, long)).toMatchObject({ lost: 1, repeated: 0, whole: long.length - 1 });
    });

    it.each(each)('has one too many when word %i is said again', (twice) => {
      const said = long.flatMap((word, index) => (index === twice ? [word, word] : [word]));
      expect(compareReplies(said, long)).toMatchObject({ lost: 0, repeated: 1 });
    });

    it.each(each.slice(1))('is whole when word %i runs into the one before', (second) => {
      const run = long.flatMap((word, index) => {
        const next = long[index + 1];
        if (index === second) return [];
        return index === second - 1 && next !== undefined
          ? [{ startMs: word.startMs, endMs: next.endMs - 15 }]
          : [word];
      });
      expect(compareReplies(run, long)).toMatchObject({ lost: 0, repeated: 0, whole: long.length, pausesMs: 0 });
    });

    it('is not whole where half a word is missing, or all from somewhere on', () => {
      const cut = long.map((word, index) => (index === 9 ? { ...word, endMs: (word.startMs + word.endMs) / 2 } : word));
      expect(compareReplies(cut, long).whole).toBe(long.length - 1);
      expect(compareReplies(long.slice(0, 30), long)).toMatchObject({ lost: long.length - 30, repeated: 0 });
      expect(compareReplies([], long)).toMatchObject({ lost: long.length, whole: 0 });
    });
  });
});

it('says how uncertain a percentile is', () => {
  const figure = percentileFigure(
    Array.from({ length: 40 }, (_, index) => index),
    0.5,
  );
  expect(figure?.value).toBe(19.5);
  expect(figure?.from).toBeLessThan(19.5);
  expect(figure?.to).toBeGreaterThan(19.5);
  expect(percentileFigure([], 0.5)).toBeUndefined();
});
