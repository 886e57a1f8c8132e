/** The first turns of calls against their later ones: what a call's beginning costs the caller. Pure. */
import { differenceOf, type Interval, percentileOf, type Sample } from './samples.js';

/** A turn, as far as it is looked at here. */
export interface PlacedTurn {
  readonly call: string;
  /** Position in its call, from 0. */
  readonly index: number;
  readonly heardMs?: number;
  readonly boundMs: number;
}

export interface FirstTurnFigures {
  /** First sound. First and later turns say other recordings, whose ends are known sooner or later: compare them by their excess. */
  readonly firstTurnP50Ms: number | null;
  readonly laterTurnsP50Ms: number | null;
  /** Beyond the bound of each turn's own recording. */
  readonly firstTurnExcessP50Ms: number | null;
  readonly laterTurnsExcessP50Ms: number | null;
  /** By how much the first exceeds the later; null where either has no turns. */
  readonly firstTurnExcessMoreP50Ms: number | null;
  /** Bootstrap over calls, 95 %: a call's first turn and its later ones are drawn together. Null of fewer than two calls. */
  readonly firstTurnExcessMoreP50CiMs: Interval;
}

export function firstTurnFigures(turns: readonly PlacedTurn[]): FirstTurnFigures {
  const first = turns.filter(({ index }) => index === 0);
  const later = turns.filter(({ index }) => index > 0);
  const [firstExcess, laterExcess] = [excessOf(first), excessOf(later)];
  const more = differenceOf(firstExcess, laterExcess, 0.5);
  return {
    firstTurnP50Ms: percentileOf(heardOf(first), 0.5),
    laterTurnsP50Ms: percentileOf(heardOf(later), 0.5),
    firstTurnExcessP50Ms: percentileOf(firstExcess, 0.5),
    laterTurnsExcessP50Ms: percentileOf(laterExcess, 0.5),
    firstTurnExcessMoreP50Ms: more?.value ?? null,
    firstTurnExcessMoreP50CiMs: more?.ci ?? null,
  };
}

function heardOf(turns: readonly PlacedTurn[]): Sample[] {
  return turns.flatMap(({ call, heardMs }) => (heardMs === undefined ? [] : [{ call, ms: heardMs }]));
}

function excessOf(turns: readonly PlacedTurn[]): Sample[] {
  return turns.flatMap(({ call, heardMs, boundMs }) =>
    heardMs === undefined ? [] : [{ call, ms: heardMs - boundMs }],
  );
}
