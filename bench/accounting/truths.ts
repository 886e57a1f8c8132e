/**
 * What a caller must have heard of a turn, by the second participant's ear:
 *   truth = agent's first sound there - end of speech there + way + (caller's jitter buffer - second participant's)
 * The caller's end reaches the second participant one way late; the agent's voice reaches both ears alike, but for what it waits
 * in each one's jitter buffer. Pure.
 */
import type { Sample } from '../latency/samples.js';
import { percentile } from '../statistics.js';
import type { FollowedTurn, WitnessedTurn } from './truth.js';

/**
 * Which end of speech (docs/sources.md): `own` is that in the second participant's own recording, `recording` that of what was
 * said, as it was before anything processed it, aligned by its levels.
 */
export type EndOfSpeech = 'own' | 'recording';

/** A turn in its call. */
type Followed = Pick<FollowedTurn, 'witnessed' | 'bufferedMs'> & { readonly call: string };

export interface Truth<T> {
  readonly turn: T;
  readonly truthMs: number;
}

/**
 * By each turn's own way: what it is longer by in one turn is the second participant's jitter buffer before the caller's voice,
 * which says nothing of the agent's. Turns that the second participant could not follow, or whose buffers nobody read, are left out.
 */
export function truths<T extends Followed>(turns: readonly T[], end: EndOfSpeech): Truth<T>[] {
  return turns.flatMap((turn) => {
    const { witnessed, bufferedMs } = turn;
    const responseMs = witnessed && thereMs(witnessed, end);
    if (witnessed === undefined || responseMs === undefined || bufferedMs === undefined) return [];
    return [{ turn, truthMs: responseMs + witnessed.wayMs + bufferedMs.caller - bufferedMs.witness }];
  });
}

/** The same as it would be by its call's median way, and without the jitter buffers' own statistics. */
export function plainTruths<T extends Followed>(turns: readonly T[], end: EndOfSpeech): Truth<T>[] {
  const medianWayMs = (name: string): number | undefined =>
    percentile(
      turns.flatMap(({ call, witnessed }) => (call === name && witnessed !== undefined ? witnessed.wayMs : [])),
      0.5,
    );
  return turns.flatMap((turn) => {
    const wayMs = medianWayMs(turn.call);
    const responseMs = turn.witnessed && thereMs(turn.witnessed, end);
    return wayMs === undefined || responseMs === undefined ? [] : [{ turn, truthMs: responseMs + wayMs }];
  });
}

/** From the caller's end to the agent's first sound in the second participant's ear. */
function thereMs(
  { callerEndedAtMs, ownEndedAtMs, agentBeganAtMs }: WitnessedTurn,
  end: EndOfSpeech,
): number | undefined {
  const endedAtMs = end === 'own' ? ownEndedAtMs : callerEndedAtMs;
  return endedAtMs === undefined ? undefined : agentBeganAtMs - endedAtMs;
}

export function truthOf<T>(known: readonly Truth<T>[], turn: T): number | undefined {
  return known.find((one) => one.turn === turn)?.truthMs;
}

/** What was reported less the truth, of turns of which there is a report. */
export function apartFrom<T extends { readonly call: string; readonly heardMs?: number }>(
  known: readonly Truth<T>[],
): Sample[] {
  return known.flatMap(({ turn: { call, heardMs }, truthMs }) =>
    heardMs === undefined ? [] : [{ call, ms: heardMs - truthMs }],
  );
}

/** By how much this ear's own end of speech came after the recording's; below 0: sooner. */
export function ownEndsLater(turns: readonly Followed[]): Sample[] {
  return turns.flatMap(({ call, witnessed }) =>
    witnessed?.ownEndedAtMs === undefined ? [] : [{ call, ms: witnessed.ownEndedAtMs - witnessed.callerEndedAtMs }],
  );
}
