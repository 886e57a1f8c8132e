/** Which provider is asked next. Pure. */

export interface Candidate {
  /** Whether its circuit breaker lets a request through. */
  readonly isAllowed: boolean;
  /** How often it has failed in this utterance. */
  readonly failures: number;
}

/** One chance more, on a new socket: two failures in one utterance are no chance. */
const FAILURES_TO_LEAVE = 2;

/**
 * @param candidates - In the order of preference.
 * @param busy - The one that is being waited for: any other is better, and itself the last resort.
 * @returns Its index; `undefined` when none is left.
 */
export function chooseProvider(candidates: readonly Candidate[], busy?: number): number | undefined {
  const left = [...candidates.entries()].filter(
    ([, { isAllowed, failures }]) => isAllowed && failures < FAILURES_TO_LEAVE,
  );
  const [best] = left.toSorted(
    ([a, { failures: failuresOfA }], [b, { failures: failuresOfB }]) =>
      Number(a === busy) - Number(b === busy) || failuresOfA - failuresOfB || a - b,
  );
  return best?.[0];
}
