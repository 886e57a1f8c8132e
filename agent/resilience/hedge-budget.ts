/**
 * How many extra requests hedging may cost: a share of the requests made, lately and overall. Pure.
 */

/** Counts of the recent past; halved together now and then, so that a quiet past does not pay for a storm. */
export interface HedgeBudget {
  readonly requests: number;
  readonly extra: number;
}

export const NEW_BUDGET: HedgeBudget = Object.freeze({ requests: 0, extra: 0 });

/** Beyond this many requests both counts are halved. */
const LONGEST_MEMORY_REQUESTS = 200;

/** To be called for every first request, before {@link mayHedge} is asked for it. */
export function noteRequest(budget: HedgeBudget): HedgeBudget {
  const requests = budget.requests + 1;
  if (requests <= LONGEST_MEMORY_REQUESTS) return { ...budget, requests };
  return { requests: requests / 2, extra: budget.extra / 2 };
}

/** To be called for every extra request made. */
export function noteExtra(budget: HedgeBudget): HedgeBudget {
  return { ...budget, extra: budget.extra + 1 };
}

/**
 * @param share - Extra requests per request, e.g. 0.1. Nothing is allowed at 0.
 * @returns Whether one more is within the share. The first one is allowed early: a call has few turns.
 */
export function mayHedge(budget: HedgeBudget, share: number): boolean {
  return share > 0 && budget.extra + 1 <= Math.max(1, share * budget.requests);
}
