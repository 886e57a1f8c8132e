/** What the calls of an arm come to. Pure. */
import { OWN_LAG_MAX_MS } from '../spoken-turn.js';
import { wilsonInterval } from '../statistics.js';
import { boundMs, type ProviderTimes } from './bound.js';
import type { PlayedCall, PlayedTurn } from './calls.js';
import { type FirstTurnFigures, firstTurnFigures } from './first-turns.js';
import { firstClauseTokens } from './replies.js';
import { type Interval, intervalOf, percentileOf, type Sample, samplesOf } from './samples.js';

/** Below so many turns fewer than five lie beyond the percentile, and it says little. */
export const ENOUGH_TURNS = { p95: 100, p99: 500 } as const;

/** A turn with what it is measured against. */
export interface MeasuredTurn extends PlayedTurn {
  /** What was heard was sent before the caller's end can have been heard: it answers something else, and has no wait. */
  readonly isPremature?: true;
  readonly call: string;
  readonly boundMs: number;
}

export interface ArmFigures extends FirstTurnFigures {
  /** Turns that this program itself did not disturb. */
  readonly turns: number;
  readonly answered: number;
  /** Pauses that count, and those in which the agent was heard. */
  readonly pauses: number;
  readonly cutIns: number;
  /** Cut-ins per pause; null where there was none. */
  readonly cutInRate: number | null;
  /** Sounds of the agent inside the speech and in none of those pauses; their turns have no wait either. */
  readonly cutInsElsewhere: number;
  /** Turns whose first sound came sooner than the road there and back takes: they answer something else, and have no wait. */
  readonly premature: number;
  /** By Wilson, 95 %. */
  readonly cutInRateCi: Interval;
  /** Pauses in which the agent's state said it had taken the floor, heard or not. */
  readonly earlyDecisions: number;
  /** First sound, from the last one of the caller. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Bootstrap over calls, 95 %. */
  readonly p50CiMs: Interval;
  readonly p95CiMs: Interval;
  readonly p99CiMs: Interval;
  readonly excessP50Ms: number | null;
  readonly excessP95Ms: number | null;
  readonly excessP50CiMs: Interval;
  readonly excessP95CiMs: Interval;
  readonly boundP50Ms: number | null;
  readonly greetings: number;
  readonly greetingP50Ms: number | null;
  readonly greetingP95Ms: number | null;
  readonly greetingP50CiMs: Interval;
  readonly greetingP95CiMs: Interval;
  /** The same to the answer's own first sound: later where an opening or a filler was said before it. */
  readonly answerP50Ms: number | null;
  readonly answerP95Ms: number | null;
  readonly answerP99Ms: number | null;
  readonly answerP50CiMs: Interval;
  readonly answerP95CiMs: Interval;
  readonly answerP99CiMs: Interval;
  readonly answerExcessP50Ms: number | null;
  readonly answerExcessP95Ms: number | null;
  /** Where something was said before the answer. */
  readonly openings?: OpeningFigures;
  /** Connections begun after the caller's first word, a call; absent when nobody counted. */
  readonly lateHandshakesPerCall?: number;
  readonly recordings: number;
  /** Where more than one set was said. */
  readonly bySet?: Readonly<Record<string, SetFigures>>;
  /** Turns that this program was too busy to say in time; in no figure above. */
  readonly disturbed: number;
}

/** First sound in the turns of one set of recordings. */
export interface SetFigures {
  readonly turns: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p50CiMs: Interval;
  readonly p95CiMs: Interval;
  readonly excessP50Ms: number | null;
  readonly excessP95Ms: number | null;
}

/** Openings and fillers. */
export interface OpeningFigures {
  readonly turns: number;
  /** Quiet before the answer, as the worker played it; null when it does not tell. */
  readonly gapP50Ms: number | null;
  readonly gapP95Ms: number | null;
  /** The same in the caller's ear. */
  readonly heardGapP50Ms: number | null;
  readonly heardGapP95Ms: number | null;
}

/** @param roundTripMs - Of the run. */
export function measureTurns(
  calls: readonly PlayedCall[],
  times: ProviderTimes,
  roundTripMs: number,
): readonly MeasuredTurn[] {
  return calls.flatMap(({ call, turns }) =>
    turns.map((turn) => {
      const { lastWordEndMs, speechEndMs, scriptedReply } = turn;
      const clip = { roundTripMs, lastWordEndMs, speechEndMs, firstClauseTokens: firstClauseTokens(scriptedReply) };
      return { ...answerOf(turn, roundTripMs), call, boundMs: boundMs(times, clip) };
    }),
  );
}

function answerOf(turn: PlayedTurn, roundTripMs: number): PlayedTurn & Pick<MeasuredTurn, 'isPremature'> {
  const { heardMs, answerMs, gapMs, heardGapMs, ...without } = turn;
  return heardMs !== undefined && heardMs < roundTripMs ? { ...without, isPremature: true } : turn;
}

export function isTimely({ lagMs }: Pick<PlayedTurn, 'lagMs'>): boolean {
  return lagMs <= OWN_LAG_MAX_MS;
}

export function summariseArm(calls: readonly PlayedCall[], measured: readonly MeasuredTurn[]): ArmFigures {
  const timely = measured.filter(isTimely);
  const pauses = timely.flatMap(({ pausesMs, heard, decided }) =>
    pausesMs.map((_, index) => ({ isHeard: heard.cutIn[index] === true, isDecided: decided.cutIn[index] === true })),
  );
  const cutIns = pauses.filter(({ isHeard }) => isHeard).length;
  const heard = samplesOf(timely, ({ heardMs }) => heardMs);
  const excess = samplesOf(timely, excessMsOf);
  const at = (samples: readonly Sample[], share: number): number | null => percentileOf(samples, share);
  const answers = samplesOf(timely, answerMsOf);
  const answerExcess = samplesOf(timely, (turn) => {
    const ms = answerMsOf(turn);
    return ms === undefined ? undefined : ms - turn.boundMs;
  });
  const greetings = calls.map(({ call, greetingMs }) => ({ call, ms: greetingMs }));
  const late = calls.flatMap(({ lateHandshakes }) => lateHandshakes ?? []);
  const opening = openingFigures(timely);
  const bySet = setFigures(timely);
  return {
    turns: timely.length,
    answered: timely.filter(({ outcome }) => outcome === 'answered').length,
    pauses: pauses.length,
    cutIns,
    cutInsElsewhere: timely.reduce((sum, { heard: { elsewhere } }) => sum + elsewhere, 0),
    premature: timely.filter(({ isPremature }) => isPremature).length,
    cutInRate: pauses.length === 0 ? null : cutIns / pauses.length,
    cutInRateCi: pauses.length === 0 ? null : wilsonInterval(cutIns, pauses.length),
    earlyDecisions: pauses.filter(({ isHeard, isDecided }) => isHeard || isDecided).length,
    p50Ms: at(heard, 0.5),
    p95Ms: at(heard, 0.95),
    p99Ms: at(heard, 0.99),
    p50CiMs: intervalOf(heard, 0.5),
    p95CiMs: intervalOf(heard, 0.95),
    p99CiMs: intervalOf(heard, 0.99),
    excessP50Ms: at(excess, 0.5),
    excessP95Ms: at(excess, 0.95),
    excessP50CiMs: intervalOf(excess, 0.5),
    excessP95CiMs: intervalOf(excess, 0.95),
    boundP50Ms: at(
      samplesOf(timely, ({ boundMs: bound }) => bound),
      0.5,
    ),
    answerP50Ms: at(answers, 0.5),
    answerP95Ms: at(answers, 0.95),
    answerP99Ms: at(answers, 0.99),
    answerP50CiMs: intervalOf(answers, 0.5),
    answerP95CiMs: intervalOf(answers, 0.95),
    answerP99CiMs: intervalOf(answers, 0.99),
    answerExcessP50Ms: at(answerExcess, 0.5),
    answerExcessP95Ms: at(answerExcess, 0.95),
    greetings: greetings.length,
    greetingP50Ms: at(greetings, 0.5),
    greetingP95Ms: at(greetings, 0.95),
    greetingP50CiMs: intervalOf(greetings, 0.5),
    greetingP95CiMs: intervalOf(greetings, 0.95),
    ...(opening && { openings: opening }),
    ...firstTurnFigures(timely),
    ...(late.length > 0 && { lateHandshakesPerCall: late.reduce((sum, count) => sum + count, 0) / late.length }),
    recordings: new Set(timely.map(({ file }) => file)).size,
    ...(bySet && { bySet }),
    disturbed: measured.length - timely.length,
  };
}

function answerMsOf({ answerMs, heardMs }: MeasuredTurn): number | undefined {
  return answerMs ?? heardMs;
}

function excessMsOf({ heardMs, boundMs: bound }: MeasuredTurn): number | undefined {
  return heardMs === undefined ? undefined : heardMs - bound;
}

function setFigures(turns: readonly MeasuredTurn[]): Record<string, SetFigures> | undefined {
  const sets = [...new Set(turns.map(({ set }) => set))].sort();
  if (sets.length < 2) return undefined;
  const figures = sets.map((set) => {
    const those = turns.filter((turn) => turn.set === set);
    const heard = samplesOf(those, ({ heardMs }) => heardMs);
    const excess = samplesOf(those, excessMsOf);
    const of: SetFigures = {
      turns: those.length,
      p50Ms: percentileOf(heard, 0.5),
      p95Ms: percentileOf(heard, 0.95),
      p50CiMs: intervalOf(heard, 0.5),
      p95CiMs: intervalOf(heard, 0.95),
      excessP50Ms: percentileOf(excess, 0.5),
      excessP95Ms: percentileOf(excess, 0.95),
    };
    return [set, of] as const;
  });
  return Object.fromEntries(figures);
}

function openingFigures(turns: readonly MeasuredTurn[]): OpeningFigures | undefined {
  const opened = turns.filter(({ answerMs }) => answerMs !== undefined);
  if (opened.length === 0) return undefined;
  const gaps = samplesOf(opened, ({ gapMs }) => gapMs);
  const heardGaps = samplesOf(opened, ({ heardGapMs }) => heardGapMs);
  return {
    turns: opened.length,
    gapP50Ms: percentileOf(gaps, 0.5),
    gapP95Ms: percentileOf(gaps, 0.95),
    heardGapP50Ms: percentileOf(heardGaps, 0.5),
    heardGapP95Ms: percentileOf(heardGaps, 0.95),
  };
}
