import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stageSum } from '../../../bench/accounting/stage-sum.js';
import { visibleAfterMs } from '../../../bench/accounting/visibility.js';

const NAMES = [
  'sttMs',
  'endpointingMs',
  'llmMs',
  'toolsMs',
  'textAggregationMs',
  'ttsMs',
  'playoutMs',
  'unexplainedMs',
] as const;
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

function stagesOf(durations: readonly number[]) {
  const [sttMs = 0, endpointingMs = 0, llmMs = 0, toolsMs = 0, textAggregationMs = 0, ttsMs = 0, ...others] = durations;
  const [playoutMs = 0, unexplainedMs = 0] = others;
  return { sttMs, endpointingMs, llmMs, toolsMs, textAggregationMs, ttsMs, playoutMs, unexplainedMs };
}

describe('stages', () => {
  it('add up where nothing but rounding is between them and the response', () => {
    const durations = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(durations, (exact) => {
        const responseMs = rounded(exact.reduce((sum, ms) => sum + ms, 0));
        expect(stageSum({ responseMs, stages: stagesOf(exact.map(rounded)) })?.addsUp).toBe(true);
      }),
    );
  });

  it('do not where half a ms is missing, and are not asked about without a response', () => {
    const stages = stagesOf(NAMES.map(() => 100));
    expect(stageSum({ responseMs: 800, stages })).toMatchObject({ differenceMs: 0, addsUp: true });
    expect(stageSum({ responseMs: 800.5, stages })).toMatchObject({ differenceMs: -0.5, addsUp: false });
    expect(stageSum({ responseMs: 799.5, stages })?.addsUp).toBe(false);
    expect(stageSum({ stages })).toBeUndefined();
    expect(stageSum({ responseMs: 800 })).toBeUndefined();
  });
});

describe('a turn in scrapes', () => {
  const scrapes = [
    { atMs: 1_000, count: 7 },
    { atMs: 1_200, count: 8 },
    { atMs: 1_400, count: 8 },
    { atMs: 1_600, count: 10 },
  ];

  it('is seen in the first one that counts it and all before it', () => {
    expect(visibleAfterMs([1_100, 900, 1_000], scrapes, 7)).toEqual([300, 600, 500]);
  });

  it('may never be seen', () => {
    expect(visibleAfterMs([900, 901], scrapes, 9)).toEqual([700, undefined]);
    expect(visibleAfterMs([], scrapes, 7)).toEqual([]);
  });

  it('keeps a limit for all turns whenever some way of telling them apart does', () => {
    const turns = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 10_000 }), lagMs: fc.integer({ min: 0, max: 2_000 }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(turns, (all) => {
        const countedAtMs = all.map(({ atMs, lagMs }) => atMs + lagMs).toSorted((a, b) => a - b);
        const each = countedAtMs.map((atMs, index) => ({ atMs, count: index + 1 }));
        const lags = visibleAfterMs(
          all.map(({ atMs }) => atMs),
          each,
          0,
        );
        expect(Math.max(...lags.map((lagMs) => lagMs ?? Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(
          Math.max(...all.map(({ lagMs }) => lagMs)),
        );
      }),
    );
  });
});
