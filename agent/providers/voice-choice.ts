/** Which provider is asked next. Pure. */

export interface Candidate {
  /** Whether its circuit breaker lets a request through. */
  readonly isAllowed: boolean;
  /** How often it has failed in this utterance. */
  readonly failures: number;
  /** How often it has stopped behind more of the text: slow at one clause, it may be quick at the next. */
  readonly stalls: number;
}

/** One chance more, on a new socket: two failures in one utterance are no chance. */
const FAILURES_TO_LEAVE = 2;

/**
 * @param candidates - In the order of preference.
 * @param busy - The one that is being waited for: any other is better, and itself the last resort.
 * @returns Its index; `undefined` when none is left.
 */
export function chooseProvider(candidates: readonly Candidate[], busy?: number): number | undefined {
  const left = [...candidates.entries()]
    .filter(([, { isAllowed, failures }]) => isAllowed && failures < FAILURES_TO_LEAVE)
    .map(([index, { failures, stalls }]) => ({ index, troubles: failures + stalls }));
  const [best] = left.toSorted(
    (a, b) => Number(a.index === busy) - Number(b.index === busy) || a.troubles - b.troubles || a.index - b.index,
  );
  return best?.index;
}
