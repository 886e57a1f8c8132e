import { describe, expect, it } from 'vitest';
import type { PlayedOrder } from '../../../bench/cut-ins/calls.js';
import { cutInsTable, isNoMore, summarise } from '../../../bench/cut-ins/figures.js';

const played = (more: Partial<PlayedOrder>): PlayedOrder => ({
  file: 'orders/a.flac',
  pausesMs: [180, 320],
  heard: { cutIn: [false, false], elsewhere: 0 },
  decided: { cutIn: [false, false], elsewhere: 0 },
  outcome: 'answered',
  heardResponseMs: 700,
  said: 'a latte',
  waited: [],
  lagMs: 4,
  ...more,
});

describe('the figures of an arm', () => {
  it('count cut-ins by pause and by its length, and answers by turn', () => {
    const { heardResponseMs: _none, ...unanswered } = played({ outcome: 'unanswered' });
    const arm = summarise(
      [
        played({}),
        played({ heard: { cutIn: [false, true], elsewhere: 1 }, heardResponseMs: 900 }),
        played({ decided: { cutIn: [true, false], elsewhere: 0 }, file: 'orders/b.flac' }),
        unanswered,
      ],
      1,
    );
    expect(arm).toMatchObject({
      ...{ pauses: 8, cutIns: 1, earlyDecisions: 2, cutInsElsewhere: 1, turns: 4, unanswered: 1, recordings: 2 },
      byLength: [
        { fromMs: 150, pauses: 4, cutIns: 0 },
        { fromMs: 200, pauses: 0, cutIns: 0 },
        { fromMs: 300, pauses: 4, cutIns: 1 },
      ],
      ...{ heardP50Ms: 700, heardP95Ms: 880, failedCalls: 1 },
    });
    expect(arm.cutInRate.from).toBeGreaterThan(0);
    expect(arm.cutInRate.to).toBeLessThan(0.5);
  });

  it('leave out what this program itself disturbed', () => {
    const arm = summarise([played({}), played({ lagMs: 61, heard: { cutIn: [true, true], elsewhere: 0 } })], 0);
    expect(arm).toMatchObject({ pauses: 2, cutIns: 0, turns: 1, disturbed: 1 });
    expect(arm.each).toHaveLength(2);
  });

  it('are empty, and no failure, of no turns', () => {
    expect(summarise([], 2)).toMatchObject({ pauses: 0, turns: 0, heardP50Ms: null, cutInRate: { from: 0, to: 1 } });
  });
});

describe('the comparison', () => {
  it('is of shares, and kept where they are equal', () => {
    expect(isNoMore({ pauses: 40, cutIns: 1 }, { pauses: 40, cutIns: 1 })).toBe(true);
    expect(isNoMore({ pauses: 40, cutIns: 1 }, { pauses: 80, cutIns: 1 })).toBe(false);
    expect(isNoMore({ pauses: 40, cutIns: 0 }, { pauses: 40, cutIns: 0 })).toBe(true);
  });

  it('claims nothing of an arm without pauses', () => {
    expect(isNoMore({ pauses: 0, cutIns: 0 }, { pauses: 40, cutIns: 1 })).toBe(false);
  });

  it('says in the table whether it was kept, and that few pauses say little', () => {
    const stock = summarise([played({})], 0);
    const ours = summarise([played({ heard: { cutIn: [true, false], elsewhere: 0 } })], 0);
    const table = cutInsTable({ ours, stock }).join('\n');
    expect(table).toContain('no more cut-ins than stock: NOT KEPT');
    expect(table).toContain('2 pauses are too few to claim anything.');
    expect(cutInsTable({ ours: stock, stock }).join('\n')).toContain('stock: kept');
  });
});
