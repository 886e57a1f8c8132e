import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeasuredTurn } from '../../../bench/latency/figures.js';
import { comparePaired, isDrawn, pairedComparisons, pairedLines } from '../../../bench/latency/paired.js';
import { stallingTiming } from '../../../bench/latency/stalls.js';

const turn = (call: string, index: number, more: Partial<MeasuredTurn> = {}): MeasuredTurn => ({
  ...{ call, index, file: `orders/${index}.flac`, set: 'orders', boundMs: 700, pausesMs: [] },
  heard: { cutIn: [], elsewhere: 0 },
  decided: { cutIn: [], elsewhere: 0 },
  ...{ outcome: 'answered', heardMs: 1_000, lastWordEndMs: 2_080, speechEndMs: 2_000 },
  ...{ scriptedReply: 'Got it, it is down.', lagMs: 4 },
  ...more,
});
/** Ten calls of five turns, of which one in ten stalls; `stallMs` is what an arm makes of a stall. */
const armOf = (stallMs: number, baseMs = 1_000): MeasuredTurn[] =>
  Array.from({ length: 50 }, (_, at) => {
    const heardMs = baseMs + at + (at % 10 === 3 ? stallMs : 0);
    return turn(`${Math.floor(at / 5)}-0`, at % 5, { heardMs });
  });

describe('ours paired with another arm', () => {
  it('tells how much shorter the tail is that both had at the same turns', () => {
    const { turns, without, answer } = comparePaired(armOf(800), armOf(3_000));
    expect(turns).toBe(50);
    expect(without).toEqual({ ours: 0, other: 0 });
    expect(answer.P50?.value).toBe(1);
    expect(answer.P99?.value).toBeCloseTo(1_843 / 4_043, 1);
    expect(answer.P99?.ci?.[1]).toBeLessThan(0.6);
  });

  it('has a narrower interval than arms would whose stalls fell on different calls', () => {
    const width = (ci: readonly [number, number] | null | undefined): number => (ci?.[1] ?? 9) - (ci?.[0] ?? 0);
    const moved = armOf(3_000).map((each, at, all) =>
      turn(each.call, each.index, { heardMs: all[(at + 25) % 50]?.heardMs ?? 0 }),
    );
    const paired = comparePaired(armOf(3_000), armOf(3_000)).answer.P95;
    const apart = comparePaired(armOf(3_000), moved).answer.P95;
    expect(width(paired?.ci)).toBe(0);
    expect(width(apart?.ci)).toBeGreaterThan(0.01);
  });

  it('goes by the answer itself where something was said before it', () => {
    const filled = armOf(0).map((each) => ({ ...each, heardMs: 500, answerMs: 2_000 }));
    expect(
      comparePaired(
        filled,
        filled.map((each) => ({ ...each, answerMs: 4_000 })),
      ).answer.P95?.value,
    ).toBe(0.5);
  });

  it('leaves out, and counts, turns that one of the two did not answer in time to be heard', () => {
    const { heardMs: _none, ...unanswered } = turn('0-0', 1, { outcome: 'unanswered' });
    const ours = [turn('0-0', 0), turn('0-0', 1), turn('0-0', 2, { lagMs: 500 }), turn('1-0', 0)];
    const other = [turn('0-0', 0), unanswered, turn('0-0', 2), turn('1-0', 0, { file: 'orders/another.flac' })];
    expect(comparePaired(ours, other)).toMatchObject({ turns: 1, without: { ours: 3, other: 3 } });
  });

  it('is 1 for an arm against itself, whatever it took', () => {
    const waits = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(waits, (all) => {
        const arm = all.map((heardMs, at) => turn(`${at % 4}-0`, Math.floor(at / 4), { heardMs }));
        const { answer } = comparePaired(arm, arm);
        for (const { value, ci } of Object.values(answer)) {
          expect(value).toBe(1);
          expect(ci ?? [1, 1]).toEqual([1, 1]);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('is a line an arm, and none without ours or without common turns', () => {
    const arms = { ours: { each: armOf(800) }, 'without-hedging': { each: armOf(3_000) } };
    const [line, ...others] = pairedLines(pairedComparisons(arms));
    expect(line).toMatch(
      /^ours to without-hedging, the answer itself over the same 50 turns: P50 1\.00 \(.*P99 0\.4\d \(/,
    );
    expect(others).toEqual([]);
    expect(pairedComparisons({ stock: { each: armOf(0) } })).toEqual({});
    expect(pairedLines(pairedComparisons({ ours: { each: [] }, stock: { each: armOf(0) } }))).toEqual([]);
  });
});

describe('times that are drawn', () => {
  it('are those of a preset with tails, and of stalls over any', () => {
    expect(isDrawn('fixed')).toBe(false);
    expect(isDrawn('excellent', { ttsLeadingSilenceMs: 120 })).toBe(false);
    expect(isDrawn('tails')).toBe(true);
    expect(isDrawn('fixed', stallingTiming('fixed'))).toBe(true);
    expect(isDrawn('fixed', { llmTtft: { kind: 'fixed', ms: 220, jitterMs: 20 } })).toBe(true);
  });
});
