import { describe, expect, it } from 'vitest';
import type { AccountedTurn } from '../../../bench/accounting/call.js';
import { aboveBound, judgeHeard, loopVerdicts } from '../../../bench/accounting/cost-part.js';
import { happened } from '../../../bench/accounting/counts-part.js';
import { exactly, figureOf, meanOf, shareAbove, verdictLines, verdictOf } from '../../../bench/accounting/figure.js';
import { judgeInjection, turnsACall } from '../../../bench/accounting/injection-part.js';
import { planParts } from '../../../bench/accounting/suite.js';
import { judgeTruth } from '../../../bench/accounting/truth-part.js';

const samples = (...values: readonly number[]) => values.map((ms, index) => ({ call: `${index % 4}`, ms }));

interface Told {
  readonly call?: string;
  readonly index?: number;
  readonly sttMs?: number;
  readonly unexplainedMs?: number;
  /** What is missing from the stages. */
  readonly missingMs?: number;
  readonly heardMs?: number;
  readonly lagMs?: number;
  readonly over?: Partial<AccountedTurn>;
}

/** A turn of which the caller's end reached the witness after 30 ms, and the answer 600 ms after that. */
function told({
  call = 'a',
  index = 0,
  sttMs = 200,
  unexplainedMs = 4,
  missingMs = 0,
  ...of
}: Told = {}): AccountedTurn {
  const stages = {
    ...{ sttMs, endpointingMs: 100, llmMs: 50, toolsMs: 0, textAggregationMs: 10, ttsMs: 90, playoutMs: 2 },
    unexplainedMs,
  };
  const responseMs = Object.values(stages).reduce((sum, ms) => sum + ms, missingMs);
  return {
    ...{
      kind: 'spoken',
      call,
      index,
      file: 'one.flac',
      cutIn: false,
      lagMs: of.lagMs ?? 0,
      heardMs: of.heardMs ?? 630,
    },
    report: { heardResponseMs: of.heardMs ?? 630 },
    witnessed: { callerEndedAtMs: 1_030, ownEndedAtMs: 1_030, agentBeganAtMs: 1_630, wayMs: 30 },
    bufferedMs: { caller: 40, witness: 40 },
    ...of.over,
    document: {
      ...{ schema: 1, callId: call, turn: index + 1, profile: 'good', outcome: 'answered', said: '', reply: '' },
      ...{ instants: {}, components: { sttFinalMs: sttMs }, responseMs, stages },
    },
  };
}

const kept = (report: { readonly verdicts: readonly { readonly what: string; readonly isKept: boolean }[] }) =>
  Object.fromEntries(report.verdicts.map(({ what, isKept }) => [what, isKept]));

describe('a verdict', () => {
  it('says the figure, its interval, its bound and how many turns there were', () => {
    const figure = figureOf(samples(10, 12, 14, 16, 18), 0.5);
    expect(figure).toMatchObject({ n: 5, calls: 4, value: 14 });
    const [line = ''] = verdictLines([verdictOf('a wait, P50', figure, { to: 20 })]);
    expect(line).toMatch(/^a wait, P50 {2}14 ms \(1\d(\.\d)? to 1\d(\.\d)?\), at most 20: kept {2}\(n = 5\)$/);
    expect(verdictLines([exactly('turns', 7, 8)])).toEqual(['turns  7, exactly 8: NOT KEPT  (n = 8)']);
  });

  it('is that a bound is kept up to itself, on both sides', () => {
    const figure = figureOf(samples(130, 130), 0.5);
    expect(verdictOf('growth', figure, { from: 130, to: 170 }).isKept).toBe(true);
    expect(verdictOf('growth', figure, { from: 90, to: 130 }).isKept).toBe(true);
    expect(verdictOf('growth', figure, { from: 131, to: 170 }).isKept).toBe(false);
    expect(verdictOf('growth', figure, { from: 90, to: 129 }).isKept).toBe(false);
  });

  it('is that a bound is not kept where nothing was measured', () => {
    expect(verdictOf('a wait, P50', figureOf([], 0.5), { to: 20 }).isKept).toBe(false);
    expect(verdictOf('a share', shareAbove([], 100), { to: 5, unit: '%' }).isKept).toBe(false);
    expect(shareAbove(samples(90, 100, 101, 400), 100).value).toBe(50);
  });
});

describe('what accounting costs', () => {
  it('is judged at the median, in the mean and at the P99, by the clock and by the processor', () => {
    const costs = Array.from({ length: 100 }, (_, index) => ({
      loopMs: index < 90 ? 0.2 : 20,
      processorMs: index < 95 ? 0.2 : 3,
      collectedMs: 0,
      preemptions: 0,
    }));
    expect(loopVerdicts(costs).map(({ what, isKept }) => [what, isKept])).toEqual([
      ['event loop a turn, P50', true],
      ['event loop a turn, mean', false],
      ['event loop a turn, P99', false],
      ['processor a turn, P50', true],
      ['processor a turn, mean', true],
      ['processor a turn, P99', false],
    ]);
  });

  it('is told apart by its reason where it is too much', () => {
    const within = { loopMs: 0.9, processorMs: 0.9, collectedMs: 0, preemptions: 0 };
    const collected = { loopMs: 4, processorMs: 4, collectedMs: 3.2, preemptions: 1 };
    const waited = { loopMs: 4, processorMs: 0.3, collectedMs: 0.1, preemptions: 1 };
    const interrupted = { loopMs: 4, processorMs: 2, collectedMs: 1, preemptions: 1 };
    const worked = { loopMs: 4, processorMs: 4, collectedMs: 1, preemptions: 0 };
    const [four, three, two] = [collected, waited, interrupted];
    const turns = [within, four, four, four, four, three, three, three, two, two, worked];
    expect(aboveBound(turns)).toEqual({ collected: 4, waited: 3, interrupted: 2, worked: 1 });
    expect(aboveBound([within])).toEqual({ collected: 0, waited: 0, interrupted: 0, worked: 0 });
  });

  it('has an interval about its mean that grows with how far apart its turns are, and none of one turn', () => {
    expect(meanOf(samples(1, 1, 1)).ci).toEqual([1, 1]);
    expect(meanOf(samples(0, 2))).toMatchObject({ n: 2, value: 1, ci: [expect.closeTo(-0.96), expect.closeTo(2.96)] });
    expect(meanOf(samples(5))).toMatchObject({ value: 5, ci: null });
    expect(meanOf([])).toMatchObject({ n: 0, value: null, ci: null });
  });
});

describe('what callers know', () => {
  it('is of the whole way only where a report told of both of its parts', () => {
    const report = (of: object): AccountedTurn => ({ ...told(), report: { heardResponseMs: 600, ...of } });
    const turns = [
      ...[report({}), report({ roundTripMs: 2 }), report({ jitterBufferMs: 40 })],
      report({ roundTripMs: 2, jitterBufferMs: 40 }),
    ];
    expect(happened(1, turns).reports).toEqual({ heardResponseMs: 4, roundTripMs: 2, jitterBufferMs: 2, wholeWay: 1 });
  });
});

/** What the call log holds of turns whose reports were joined to them. */
const logOf = (turns: readonly AccountedTurn[], heardUnexplainedMs = -12) =>
  turns.map(({ call, index }) => ({ callId: call, turn: index + 1, heardMs: 630, heardUnexplainedMs }));

describe('the truth of reports', () => {
  it('is kept by callers who report what the second participant heard', () => {
    const turns = [told(), told({ index: 1, heardMs: 640 }), told({ call: 'b' })];
    const report = judgeTruth(turns, logOf(turns), turns.length);
    expect(Object.values(kept(report))).not.toContain(false);
  });

  it('is not kept by those who report something else, nor where stages do not add up', () => {
    const late = judgeTruth([told({ heardMs: 690 }), told({ call: 'b', heardMs: 570 })], [], 2);
    expect(kept(late)['|truth - reported heard|, P50']).toBe(false);
    const unexplained = judgeTruth([told({ unexplainedMs: 120 }), told({ call: 'b', unexplainedMs: 40 })], [], 2);
    expect(kept(unexplained)).toMatchObject({ 'unexplained, P50': false, 'unexplained above 100 ms': false });
    const off = judgeTruth([told(), told({ call: 'b', missingMs: 3 })], [], 2);
    expect(kept(off)['turns whose stages add up']).toBe(false);
  });

  it('is not complete where reports are missing from the call log, or more was heard than is explained', () => {
    const turns = [told(), told({ index: 1 }), told({ call: 'b' })];
    expect(kept(judgeTruth(turns, logOf(turns.slice(1)), 3))['reports in the call log']).toBe(false);
    const unexplained = judgeTruth(turns, logOf(turns, -110), 3);
    expect(kept(unexplained)).toMatchObject({
      '|heard unexplained|, P50': false,
      '|heard unexplained| above 100 ms': false,
    });
  });

  it('has what the jitter buffers differ by and each turn’s own way in it, and without them beside', () => {
    const late = { callerEndedAtMs: 1_155, ownEndedAtMs: 1_155, agentBeganAtMs: 1_630, wayMs: 155 };
    const deep = { bufferedMs: { caller: 100, witness: 40 } };
    const turns = [told(), told({ index: 1 }), told({ index: 2, over: { witnessed: late } })];
    const report = judgeTruth([...turns, told({ call: 'b', heardMs: 690, over: deep })], [], 4);
    expect(kept(report)).toMatchObject({
      '|truth - reported heard|, P50': true,
      '|truth - reported heard|, P95': true,
    });
    expect(report.data).toMatchObject({
      beside: {
        // 125 of one, by the call's usual way, and 60 of the other.
        uncorrected: { p50: { n: 4, value: 30 }, p95: { value: expect.closeTo(115.25, 6) } },
        buffersApart: { p95: { value: expect.closeTo(51, 6) } },
      },
    });
    expect(report.remarks.join('\n')).toContain(
      'whatever the jitter buffers differ by: |truth - reported heard| P50 30 ms',
    );
  });

  it('tells beside what it would be by the end of speech in the second participant’s own recording', () => {
    const sooner = { callerEndedAtMs: 1_030, ownEndedAtMs: 990, agentBeganAtMs: 1_630, wayMs: 30 };
    const turns = [told({ over: { witnessed: sooner } }), told({ call: 'b', over: { witnessed: sooner } })];
    const report = judgeTruth(turns, [], 2);
    expect(kept(report)['|truth - reported heard|, P50']).toBe(true);
    expect(report.data).toMatchObject({
      signed: { heardLessTruthMs: { value: 0 }, ownEndLaterMs: { value: -40 } },
      beside: { byOwnEnd: { p50: { value: 40 } } },
      each: [
        { truthMs: 630, truthByOwnEndMs: 670 },
        { truthMs: 630, truthByOwnEndMs: 670 },
      ],
    });
  });

  it('is not there for a turn in which the second participant missed sound, and is for those after it', () => {
    const { witnessed: _, ...unwitnessed } = told();
    const missed: AccountedTurn = { ...unwitnessed, witnessSlippedMs: 30 };
    const report = judgeTruth([missed, told({ index: 1 }), told({ call: 'b' })], [], 3);
    expect(report.verdicts[0]?.figure).toMatchObject({ n: 2, value: 0 });
    expect(report.remarks.join('\n')).toContain('it missed sound in 1');
  });

  it('leaves out of it what this program itself disturbed, and says so', () => {
    const report = judgeTruth([told(), told({ call: 'b', heardMs: 900, lagMs: 200 })], [], 2);
    expect(kept(report)['|truth - reported heard|, P95']).toBe(true);
    expect(report.remarks.join('\n')).toContain('1 of 2 turns disturbed');
  });
});

describe('turns that were planned', () => {
  const few = [told(), told({ call: 'b' })];

  it('must have been compared in the most part, lest the few that went well speak for all', () => {
    const { heardMs: _, report: __, witnessed: ___, bufferedMs: ____, ...unheard } = told({ call: 'c' });
    const unanswered = Array.from({ length: 8 }, (_one, index): AccountedTurn => ({ ...unheard, index }));
    const report = judgeTruth([...few, ...unanswered], logOf(few), 10);
    expect(kept(report)).toMatchObject({
      '|truth - reported heard|, P95': true,
      'planned turns that were compared': false,
    });
    // The same of turns that were never said, as their calls could not be had.
    expect(kept(judgeTruth(few, logOf(few), 3))['planned turns that were compared']).toBe(false);
    expect(kept(judgeTruth(few, logOf(few), 2))['planned turns that were compared']).toBe(true);
  });

  it('must have been compared in each arm of an injected delay', () => {
    const arm = (slower: 'stt' | undefined, turns: AccountedTurn[], speculation: 'off' | 'on') => ({
      ...{ name: slower ?? 'none', speculation, slower, turns },
    });
    const slow = few.map(({ call }) => told({ call, sttMs: 350 }));
    const whole = [arm(undefined, few, 'off'), arm('stt', slow, 'off')];
    expect(Object.values(kept(judgeInjection(whole, 2)))).not.toContain(false);
    const halved = [...whole, arm(undefined, few, 'on'), arm('stt', slow.slice(1), 'on')];
    expect(kept(judgeInjection(halved, 2))).toMatchObject({
      '+150 ms stt, speculation on: its own time, P50': true,
      'planned turns that were compared': false,
    });
  });
});

describe('an injected delay', () => {
  const arm = (slower: 'stt' | undefined, turns: readonly AccountedTurn[]) => ({
    ...{ name: slower ?? 'none', speculation: 'off' as const, slower, turns: [...turns] },
  });
  const base = [told(), told({ index: 1, sttMs: 240 })];

  it('shows in the figures of its own stage, turn by turn', () => {
    const slow = [told({ sttMs: 355 }), told({ index: 1, sttMs: 385 })];
    const report = judgeInjection([arm(undefined, base), arm('stt', slow)], 2);
    expect(Object.values(kept(report))).toEqual([true, true, true, true]);
  });

  it('is measured in calls enough for an interval, however few turns there are', () => {
    expect([100, 30, 12, 6].map((turns) => Math.ceil(turns / turnsACall(turns)))).toEqual([20, 6, 6, 6]);
    expect([3, 1].map(turnsACall)).toEqual([1, 1]);
  });

  it('says of how few calls its intervals are', () => {
    const few = judgeInjection([arm(undefined, base), arm('stt', base)], 2);
    expect(few.remarks).toContain('1 calls are few for an interval.');
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((call) => told({ call }));
    const enough = judgeInjection([arm(undefined, many), arm('stt', many)], 6);
    expect(enough.remarks.join('\n')).not.toContain('few for an interval');
    expect(enough.remarks.join('\n')).toContain('each figure of 6 calls at least');
  });

  it('does not where the stage grew by another time, or turns have no like', () => {
    const other = [told({ sttMs: 300 }), told({ index: 1 })];
    const report = judgeInjection([arm(undefined, base), arm('stt', other)], 2);
    expect(Object.values(kept(report))).toEqual([false, false, true, true]);
    const none = judgeInjection([arm(undefined, base), arm('stt', [told({ call: 'b' })])], 2);
    expect(Object.values(kept(none))).toEqual([false, false, false, true]);
  });
});

describe('the cost of measuring', () => {
  it('is that of the same turn with and without', () => {
    const turn = (call: string, index: number, heardMs: number) => ({
      ...{ call, index, heardMs, file: 'one.flac', set: 'orders' as const, pausesMs: [], lagMs: 0, boundMs: 500 },
      ...{ heard: { cutIn: [], elsewhere: 0 }, decided: { cutIn: [], elsewhere: 0 }, outcome: 'answered' as const },
      ...{ lastWordEndMs: 0, speechEndMs: 0, scriptedReply: '' },
    });
    const arms = {
      ours: { each: [turn('1-0', 0, 702), turn('2-0', 0, 803), turn('2-0', 1, 900)] },
      'without-accounts': { each: [turn('1-0', 0, 700), turn('2-0', 0, 800)] },
    };
    expect(judgeHeard({ arms, failed: {} }).data).toMatchObject({ pairedP50Ms: { n: 2, value: 2.5 } });
  });
});

describe('the parts', () => {
  it('are run in their own order, and unknown ones are refused', () => {
    expect(planParts('counts, truth')).toEqual(['truth', 'counts']);
    expect(() => planParts('counts,thruth')).toThrow('The parts are truth, browser, counts, injection, cost.');
    expect(() => planParts(' ')).toThrow(RangeError);
  });
});
