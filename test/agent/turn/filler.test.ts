import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideFiller,
  FILLER_LATEST_MS,
  fittingFillers,
  NO_TIMES,
  noteTime,
  type UsualTimes,
} from '../../../agent/turn/filler.js';
import { percentile } from '../../../bench/statistics.js';
import { answersOf, type FillerRule, type HeardTurn, hear, LENGTHS_MS, sayAtOnce, sayByRule } from './waiting-turns.js';

const USUAL: UsualTimes = { tokenMs: [500, 600, 700], clauseMs: [40, 50, 60], soundMs: [180, 190, 200] };
const moment = { latestAtMs: 2_500, shortestMs: 700, usual: USUAL };
const decide = (nowMs: number, progress: object) =>
  decideFiller({ ...moment, nowMs, progress: { askedAtMs: 300, ...progress } });

describe('a phrase that tells a caller to wait', () => {
  it('is held back while the synthesiser makes the first sound, until a second one would have made it too', () => {
    const progress = { firstTokenAtMs: 1_200, voiceAskedAtMs: 1_250 };
    expect(decide(1_500, progress)).toEqual({ kind: 'hold', untilMs: 1_750 });
    expect(decide(1_750, progress)).toEqual({ kind: 'say' });
  });

  it('is held back once the first words are there, a clause of which comes next', () => {
    expect(decide(1_500, { firstTokenAtMs: 1_450 })).toEqual({ kind: 'hold', untilMs: 2_010 });
  });

  it('is said while the first words are later than usual: nothing tells how much longer they will take', () => {
    expect(decide(1_500, {})).toEqual({ kind: 'say' });
  });

  it('is held back while a reply that was just asked for is due before it would be over', () => {
    expect(decide(1_500, { askedAtMs: 1_000 })).toEqual({ kind: 'hold', untilMs: 1_700 });
    // It would be over before the answer is due.
    expect(decide(1_500, { askedAtMs: 1_400 })).toEqual({ kind: 'say', restMs: 860 });
  });

  it('is said at the latest instant, however near the answer is', () => {
    expect(decide(2_500, { firstTokenAtMs: 2_350, voiceAskedAtMs: 2_400 })).toEqual({ kind: 'say', restMs: 100 });
    expect(decide(2_400, { firstTokenAtMs: 2_350 })).toEqual({ kind: 'hold', untilMs: 2_500 });
  });

  it('goes by what providers take before any answer of the call is known', () => {
    const unknown = { ...moment, usual: NO_TIMES, nowMs: 1_500 };
    expect(decideFiller({ ...unknown, progress: { askedAtMs: 300, voiceAskedAtMs: 1_400 } }).kind).toBe('hold');
    expect(decideFiller({ ...unknown, progress: { askedAtMs: 300 } }).kind).toBe('say');
    expect(decideFiller({ ...unknown, progress: {} }).kind).toBe('say');
  });

  it('is never held back beyond the latest instant, nor for no time at all', () => {
    const ms = fc.integer({ min: 0, max: 6_000 });
    const times = fc.array(ms, { maxLength: 30 });
    const step = fc.option(ms, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          ...{ nowMs: ms, latestAtMs: ms, shortestMs: fc.integer({ min: 1, max: 3_000 }) },
          usual: fc.record({ tokenMs: times, clauseMs: times, soundMs: times }),
          progress: fc.record({ askedAtMs: step, firstTokenAtMs: step, voiceAskedAtMs: step }),
        }),
        (at) => {
          const decision = decideFiller(at);
          fc.pre(decision.kind === 'hold');
          expect(decision.untilMs).toBeGreaterThan(at.nowMs);
          expect(decision.untilMs).toBeLessThanOrEqual(at.latestAtMs);
        },
      ),
    );
  });

  it('is judged by the last answers, of which one that stalled is no habit', () => {
    const stalled = [180, 190, 3_190, 185].reduce((usual, soundMs) => noteTime(usual, 'soundMs', soundMs), USUAL);
    const progress = { voiceAskedAtMs: 1_400 };
    expect(decideFiller({ ...moment, usual: stalled, nowMs: 1_500, progress })).toEqual({
      kind: 'hold',
      untilMs: 1_900,
    });
    const many = Array.from({ length: 50 }, (_, at) => at).reduce((usual, at) => noteTime(usual, 'tokenMs', at), USUAL);
    expect(many.tokenMs).toEqual(Array.from({ length: 20 }, (_, at) => 30 + at));
    expect(noteTime(USUAL, 'clauseMs', Number.NaN)).toBe(USUAL);
    expect(noteTime(USUAL, 'clauseMs', -1)).toBe(USUAL);
  });
});

describe('its length', () => {
  const fillers = LENGTHS_MS.map((lengthMs) => ({ lengthMs }));
  const lengths = (restMs?: number) => fittingFillers(fillers, restMs).map(({ lengthMs }) => lengthMs);

  it('is no more than the rest of the wait, and short where that is not known', () => {
    expect(lengths()).toEqual([680, 880, 690]);
    expect(lengths(100)).toEqual([680, 880, 690]);
    expect(lengths(1_300)).toEqual([680, 880, 690, 1_210]);
    expect(lengths(3_000)).toEqual(LENGTHS_MS);
    expect(fittingFillers([], 1_000)).toEqual([]);
  });
});

describe('2,000 turns with slow and stalling providers', () => {
  const answers = answersOf(2_000, 1);
  const heardBy = (rule: FillerRule, againAfterMs: number) => answers.map((answer) => hear(answer, rule, againAfterMs));
  // Three phrases in turn, each after 1.5 s of silence, whatever is on its way.
  const before = heardBy(sayAtOnce([880, 1_210, 1_670]), 1_500);
  const after = heardBy(sayByRule(LENGTHS_MS), 2_000);
  const at = (turns: readonly HeardTurn[], share: number, value: (turn: HeardTurn) => number): number =>
    percentile(turns.map(value), share) ?? Number.NaN;
  const delayed = (turns: readonly HeardTurn[]) => turns.filter(({ delayMs }) => delayMs > 0);
  const sum = (turns: readonly HeardTurn[]) => turns.reduce((total, { delayMs }) => total + delayMs, 0);

  it('are told to wait less often for an answer that was there in no time, and wait less for what is being said', () => {
    expect(delayed(after).length).toBeLessThan(0.5 * delayed(before).length);
    expect(sum(after)).toBeLessThan(0.2 * sum(before));
  });

  it('hear the answer sooner in the tail, and at P99 as if nothing had been said before it', () => {
    const answerAtMs = (turn: HeardTurn) => turn.answerAtMs;
    const readyAtMs = (turn: HeardTurn) => turn.answerAtMs - turn.delayMs;
    expect(at(after, 0.9, answerAtMs)).toBeLessThan(at(before, 0.9, answerAtMs) - 500);
    expect(at(after, 0.95, answerAtMs)).toBeLessThan(at(before, 0.95, answerAtMs) - 100);
    expect(at(after, 0.99, answerAtMs)).toBeLessThan(at(before, 0.99, answerAtMs));
    expect(at(after, 0.99, answerAtMs) - at(after, 0.99, readyAtMs)).toBeLessThan(30);
  });

  it('hear something after 2.5 s whatever happens', () => {
    expect(Math.max(...after.map(({ quietMs }) => quietMs))).toBeLessThanOrEqual(FILLER_LATEST_MS);
    expect(at(after, 0.95, ({ firstSoundAtMs }) => firstSoundAtMs)).toBeLessThan(2_000);
  });

  it('and in any order of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000 }), (seed) => {
        const turns = answersOf(100, seed).map((answer) => hear(answer, sayByRule(LENGTHS_MS), 2_000));
        expect(Math.max(...turns.map(({ quietMs }) => quietMs))).toBeLessThanOrEqual(FILLER_LATEST_MS);
      }),
      { numRuns: 30 },
    );
  });
});
