import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { providerTimes } from '../../../bench/latency/bound.js';
import type { PlayedCall, PlayedTurn } from '../../../bench/latency/calls.js';
import { steps } from '../../../bench/latency/ecdf.js';
import { measureTurns, summariseArm } from '../../../bench/latency/figures.js';
import { latencyPage } from '../../../bench/latency/page.js';
import {
  type ArmReport,
  answersOf,
  differencesOf,
  latencyJson,
  latencyTable,
  ratiosOf,
} from '../../../bench/latency/report.js';
import { intervalOf, ratioOf } from '../../../bench/latency/samples.js';
import { barsOf, turnNearest } from '../../../bench/latency/turn-waterfall.js';

const played = (more: Partial<PlayedTurn> = {}): PlayedTurn => ({
  file: 'orders/a.flac',
  set: 'orders',
  index: 0,
  pausesMs: [180, 320],
  heard: { cutIn: [false, false], elsewhere: 0 },
  decided: { cutIn: [false, false], elsewhere: 0 },
  outcome: 'answered',
  heardMs: 900,
  lastWordEndMs: 2_080,
  speechEndMs: 2_000,
  scriptedReply: 'Got it, it is down.',
  lagMs: 4,
  ...more,
});
const call = (name: string, turns: readonly PlayedTurn[], more: Partial<PlayedCall> = {}): PlayedCall => ({
  call: name,
  greetingMs: 450,
  turns,
  ...more,
});
const ROUND_TRIP_MS = 195;
const armOf = (calls: readonly PlayedCall[]): ArmReport => {
  const each = measureTurns(calls, providerTimes('fixed'), ROUND_TRIP_MS);
  const requests = {
    llm: { requests: 6, aborted: 1, tokensSent: 60 },
    tts: { requests: 5, aborted: 0, cancelled: 1, charactersReceived: 200 },
  };
  return { ...summariseArm(calls, each), failedCalls: 0, requests, each };
};
const steady = (heardMs: number): ArmReport =>
  armOf([0, 1, 2, 3].map((index) => call(`${index}-0`, [played({ heardMs: heardMs + index })])));
const reportOf = (arms: Readonly<Record<string, ArmReport>>) => ({
  roundTripMs: ROUND_TRIP_MS,
  settings: { set: 'orders', preset: 'fixed' },
  arms,
  failed: {},
});

describe('the figures of an arm', () => {
  it('count cut-ins by pause, answers by turn, and what was taken beyond the bound', () => {
    const { heardMs: _none, ...cut } = played({ heard: { cutIn: [true, false], elsewhere: 0 }, index: 1 });
    const arm = armOf([
      call('1-0', [played(), cut]),
      call('2-0', [played({ heardMs: 1_000 })], { greetingMs: 550, lateHandshakes: 1 }),
    ]);
    // The bound: 195 + (80 + 150) + 220 + 3 tokens * 12 + 90.
    expect(arm).toMatchObject({
      ...{ turns: 3, answered: 3, pauses: 6, cutIns: 1, p50Ms: 950, boundP50Ms: 771, excessP50Ms: 179 },
      ...{ greetings: 2, greetingP50Ms: 500, firstTurnP50Ms: 950, laterTurnsP50Ms: null, lateHandshakesPerCall: 1 },
    });
    expect(arm.cutInRate).toBeCloseTo(1 / 6);
  });

  it('leave out what this program itself disturbed', () => {
    const arm = armOf([call('1-0', [played(), played({ lagMs: 61, heardMs: 9_000 })])]);
    expect(arm).toMatchObject({ turns: 1, disturbed: 1, p95Ms: 900 });
  });

  it('take no sound for an answer that was sent before the end can have been heard', () => {
    const early = played({ heardMs: ROUND_TRIP_MS - 1, answerMs: 700 });
    const arm = armOf([call('1-0', [early, played(), played({ heardMs: ROUND_TRIP_MS })])]);
    expect(arm).toMatchObject({ turns: 3, premature: 1, p50Ms: (900 + ROUND_TRIP_MS) / 2 });
    expect(arm.answerP50Ms).toBe(arm.p50Ms);
    expect(answersOf(arm)).toHaveLength(2);
    expect(latencyTable(reportOf({ ours: arm })).join('\n')).toContain('1 turns without a wait');
  });

  it('tell of what was heard inside the speech and outside its pauses, which has no wait', () => {
    const { heardMs: _none, ...cut } = played({ pausesMs: [], heard: { cutIn: [], elsewhere: 2 } });
    const arm = armOf([call('1-0', [cut, played()])]);
    expect(arm).toMatchObject({ turns: 2, cutIns: 0, cutInsElsewhere: 2, p50Ms: 900 });
    expect(latencyTable(reportOf({ ours: arm })).join('\n')).toContain('2 times heard inside the speech');
  });

  it('say of turns without an answer that they are in no percentile', () => {
    const { heardMs: _none, ...silent } = played({ outcome: 'unanswered' });
    expect(latencyTable(reportOf({ ours: armOf([call('1-0', [silent, played()])]) })).join('\n')).toContain(
      'ours: 1 turns were not answered and have no wait',
    );
  });

  it('say that an arm is not measured, and what to do, where most turns were disturbed', () => {
    const late = played({ lagMs: 61 });
    const tableOf = (turns: readonly PlayedTurn[]): string =>
      latencyTable(reportOf({ ours: armOf([call('1-0', turns)]) })).join('\n');
    expect(tableOf([late, late, played()])).toMatch(/2 turns left out.*not measured.*fewer at once/);
    expect(tableOf([late, played()])).not.toContain('not measured');
  });

  it('tell the answer from the opening before it', () => {
    const opened = played({ heardMs: 450, answerMs: 1_000, gapMs: 120, heardGapMs: 125 });
    const arm = armOf([call('1-0', [opened, played({ heardMs: 800 })])]);
    expect(arm.p50Ms).toBe(625);
    expect(arm.answerP50Ms).toBe(900);
    expect(arm.openings).toMatchObject({ turns: 1, gapP95Ms: 120, heardGapP95Ms: 125 });
  });

  it('stand apart for each set of recordings where there are more', () => {
    const said = [played({ heardMs: 800 }), played({ set: 'sentences', heardMs: 1_400 })];
    expect(armOf([call('1-0', said)]).bySet).toMatchObject({
      orders: { turns: 1, p50Ms: 800 },
      sentences: { turns: 1, p50Ms: 1_400 },
    });
    expect(armOf([call('1-0', [played()])]).bySet).toBeUndefined();
  });

  it('tell how much more a first turn takes than later ones, each beyond the bound of its own recording', () => {
    // Later turns' last words are known 100 ms sooner: heard at the same time, they exceed their bound by 100 ms more.
    const conversation = (name: string, firstMs: number) =>
      call(name, [
        played({ heardMs: firstMs }),
        played({ index: 1, lastWordEndMs: 1_980 }),
        played({ index: 2, lastWordEndMs: 1_980, heardMs: 910 }),
      ]);
    const arm = armOf([conversation('1-0', 860), conversation('2-0', 960), conversation('3-0', 1_060)]);
    expect(arm).toMatchObject({
      ...{ firstTurnP50Ms: 960, laterTurnsP50Ms: 905, firstTurnExcessP50Ms: 189, laterTurnsExcessP50Ms: 234 },
      ...{ firstTurnExcessMoreP50Ms: -45, firstTurnExcessMoreP50CiMs: [-145, 55] },
    });
  });

  it('tell nothing of first against later turns where there is but one kind', () => {
    expect(armOf([call('1-0', [played()]), call('2-0', [played()])])).toMatchObject({
      ...{ firstTurnExcessP50Ms: 129, laterTurnsExcessP50Ms: null },
      ...{ firstTurnExcessMoreP50Ms: null, firstTurnExcessMoreP50CiMs: null },
    });
  });

  it('are null, and no failure, of no turns', () => {
    expect(armOf([])).toMatchObject({ turns: 0, p50Ms: null, p95CiMs: null, cutInRate: null, greetingP50Ms: null });
  });
});

describe('an interval', () => {
  it('holds its percentile, and is none of one call', () => {
    const samples = fc.array(fc.record({ call: fc.constantFrom('a', 'b', 'c', 'd'), ms: fc.nat(3_000) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(samples, (all) => {
        const interval = intervalOf(all, 0.5);
        if (new Set(all.map(({ call: name }) => name)).size < 2) expect(interval).toBeNull();
        else expect(interval?.[0]).toBeLessThanOrEqual(interval?.[1] ?? 0);
      }),
      { numRuns: 10 },
    );
  });
});

describe('calls at once', () => {
  it('are drawn together: they share the moment and the recordings', () => {
    const fourAtOnce = (number: number, ms: number) =>
      [0, 1, 2, 3].map((index) => ({ call: `${number}-${index}`, ms }));
    expect(intervalOf(fourAtOnce(1, 800), 0.5)).toBeNull();
    // Of two batches each draw has both, or one of them twice: nothing narrower than from the one to the other.
    expect(intervalOf([...fourAtOnce(1, 800), ...fourAtOnce(2, 1_000)], 0.5)).toEqual([800, 1_000]);
    expect(ratioOf(fourAtOnce(1, 900), fourAtOnce(1, 800), 0.5)?.ci).toBeNull();
  });

  it('make no interval of a comparison either, whatever the other arm has', () => {
    const batch = (number: number, ms: number) => [0, 1, 2, 3].map((index) => ({ call: `${number}-${index}`, ms }));
    const other = [...batch(1, 900), ...batch(2, 1_200), ...batch(3, 1_500)];
    expect(ratioOf(other, batch(1, 800), 0.5)).toEqual({ value: 1.5, ci: null });
    expect(ratioOf(batch(1, 800), other, 0.5)?.ci).toBeNull();
  });

  it('make intervals that are too narrow where they are few, and the table says so', () => {
    const arm = armOf([call('1-0', [played()]), call('1-1', [played()]), call('2-0', [played()])]);
    expect(latencyTable(reportOf({ ours: arm })).join('\n')).toContain('intervals over 2 calls');
  });

  it('are said to have kept the processors busy where they did', () => {
    const table = (busyShare: number): string =>
      latencyTable(reportOf({ ours: { ...steady(900), busyShare } })).join('\n');
    expect(table(0.96)).toContain('ours: the processors were 96 % busy');
    expect(table(0.5)).not.toContain('busy');
  });

  it('make no interval by themselves, and the table says so', () => {
    const arm = armOf([0, 1, 2, 3].map((index) => call(`1-${index}`, [played()])));
    expect(latencyTable(reportOf({ ours: arm })).join('\n')).toContain('no interval. More --turns');
  });
});

describe('the comparison of arms', () => {
  it('says how many times as long others take, at both percentiles', () => {
    const ratios = ratiosOf({ ours: steady(800), stock: steady(1_200), tuned: steady(1_000) });
    expect(Object.keys(ratios)).toEqual(['stockToOursP50', 'stockToOursP95', 'tunedToOursP50', 'tunedToOursP95']);
    expect(ratios.stockToOursP50?.value).toBeCloseTo(1_201.5 / 801.5);
    expect(ratios.stockToOursP50?.ci?.[0]).toBeGreaterThan(1.4);
  });

  it('names the one that waits as long as the framework does for an end apart from the one that does not', () => {
    const ratios = ratiosOf({ ours: steady(800), 'tuned-patient': steady(1_000) });
    expect(Object.keys(ratios)).toEqual(['tunedPatientToOursP50', 'tunedPatientToOursP95']);
  });

  it('says how much later others are heard', () => {
    const { stock } = differencesOf({ ours: steady(800), stock: steady(1_200) });
    expect(stock?.P50?.value).toBe(400);
    expect(stock?.P99?.ci).toEqual([400, 400]);
    expect(differencesOf({ stock: steady(1_200) })).toEqual({});
    // A filler is heard as soon as the answer of ours; the answer behind it is not.
    const filled = armOf([0, 1].map((index) => call(`${index}-0`, [played({ heardMs: 800, answerMs: 2_600 })])));
    const arms = { ours: steady(800), filled };
    expect(differencesOf(arms).filled?.P50?.value).toBeLessThan(0);
    expect(differencesOf(arms, answersOf).filled?.P50?.value).toBeCloseTo(1_798.5);
  });

  it('says nothing without ours, or of an arm without turns', () => {
    expect(ratiosOf({ stock: steady(1_200) })).toEqual({});
    expect(ratioOf([], [{ call: 'a', ms: 3 }], 0.5)).toBeUndefined();
  });
});

describe('a report', () => {
  const report = reportOf({ ours: steady(800), stock: steady(1_200) });

  it('has the keys that were agreed', () => {
    const json: unknown = JSON.parse(latencyJson(report, 'bench latency'));
    expect(json).toMatchObject({
      schema: 1,
      command: 'bench latency',
      roundTripMs: 195,
      arms: { ours: { turns: 4, answered: 4, cutInRate: 0, p50Ms: 801.5, excessP50Ms: 30.5, greetingP95Ms: 450 } },
      ratios: { stockToOursP50: expect.any(Number), stockToOursP95: expect.any(Number) },
    });
  });

  it('says when the turns are too few for a claim', () => {
    expect(latencyTable(report).join('\n')).toContain(
      '4 turns in the smallest arm are too few to claim a P95 or a P99',
    );
  });

  it('sets first turns against later ones where handshakes were slow, and only there', () => {
    const calls = ['1-0', '2-0'].map((name) => call(name, [played(), played({ index: 1, heardMs: 860 })]));
    const counted = calls.map((each) => ({ ...each, lateHandshakes: 0 }));
    expect(latencyTable(reportOf({ ours: armOf(counted) })).join('\n')).toContain(
      'ours: first turns P50 900 ms, later ones 860 ms; excess 129 against 89, more by 40 (40..40) ms;',
    );
    expect(latencyTable(reportOf({ ours: armOf(calls) })).join('\n')).not.toContain('first turns');
  });

  it('names arms that could not be measured', () => {
    const table = latencyTable({ ...report, failed: { tuned: 'it did not start' } }).join('\n');
    expect(table).toContain('tuned: not measured (it did not start)');
  });

  it('is a page with a curve and two turns of each arm, foreign text escaped', () => {
    const page = latencyPage(report, 'bench latency --arms <b>');
    expect(page).toContain('<polyline');
    expect(page.match(/class="waterfall"/g)).toHaveLength(4);
    expect(page).not.toContain('<b>');
  });
});

describe('the waterfall of a turn', () => {
  const stages = {
    ...{ sttMs: 100, endpointingMs: 200, llmMs: 10, toolsMs: 0 },
    ...{ textAggregationMs: 20, ttsMs: 90, playoutMs: 20, unexplainedMs: 10 },
  };

  it('adds up to what was heard, stage after stage', () => {
    const document = { ...documentOf(), stages };
    const bars = barsOf({ heardMs: 650, document });
    expect(bars.at(-1)).toEqual({ name: 'to the ear and back', fromMs: 450, durationMs: 200 });
    expect(bars.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(650);
  });

  it('is one bar for those who tell nothing', () => {
    expect(barsOf({ heardMs: 1_200 })).toEqual([{ name: 'total', fromMs: 0, durationMs: 1_200 }]);
  });

  it('is of the turn nearest to the percentile', () => {
    const { each } = steady(800);
    expect(turnNearest(each, 802)?.heardMs).toBe(802);
    expect(turnNearest([], 802)).toBeUndefined();
    expect(turnNearest(each, null)).toBeUndefined();
  });
});

describe('the curve', () => {
  it('climbs from nobody to everybody', () => {
    expect(steps([300, 100], 500)).toEqual([
      [0, 0],
      [100, 0],
      [100, 0.5],
      [300, 0.5],
      [300, 1],
      [500, 1],
    ]);
    expect(steps([], 500)).toEqual([]);
  });
});

function documentOf() {
  const outcome = 'answered' as const;
  return {
    schema: 1 as const,
    callId: 'c',
    turn: 1,
    profile: 'excellent',
    outcome,
    said: '',
    reply: '',
    instants: {},
    components: {},
  };
}
