/**
 * How many extra requests hedging may cost one process: a share of the requests made, of all of them, those too that nobody
 * came to want. Pure. Calls of one worker share what they have (`hedge-pool.ts`): each holds one extra request in hand and is
 * given the next when it is spent. A process that shares with nobody saves up for itself.
 */

/**
 * What extra requests are paid for apart. Model and voice share one budget: a late first token and a late first byte are silence
 * alike, and a voice, being quick when all is well, has use for less than its tenth. The recogniser's sockets have their own.
 */
export const PURPOSES = ['answers', 'recognition'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface HedgeBudget {
  /** Extra requests that this process's requests have paid for since it began. */
  readonly earned: number;
  /** Extra requests that it has made since it began. */
  readonly spent: number;
  /** What it may spend where it shares with nobody. */
  readonly saved: number;
  /** What it shares, once it does. */
  readonly shared?: Grant;
}

/** What the worker tells one of its calls. */
export interface Grant {
  /** Extra requests that this process may make, since it began. */
  readonly granted: number;
  /** What the worker has left to grant to anybody. */
  readonly reserve: number;
}

/** Extra requests that may be made before any request has paid for them: a lone first call has few turns. */
const SAVED_ALONE_AT_FIRST = 1;
/** How soon a late request is looked at again whose hedge is not paid for yet, in ms. */
export const LOOK_AGAIN_MS = 50;
/** No more is saved up than 200 requests pay for at a tenth: a quiet past does not pay for a storm. */
export const MOST_SAVED = 20;
/** Ten times 0.1 is less than one. */
const ROUNDING = 1e-9;

export const NEW_BUDGET: HedgeBudget = Object.freeze({ earned: 0, spent: 0, saved: SAVED_ALONE_AT_FIRST });

/**
 * To be called for every first request, before {@link mayHedge} is asked for it.
 * @param share - Extra requests per request, e.g. 0.1.
 */
export function noteRequest(budget: HedgeBudget, share: number): HedgeBudget {
  return { ...budget, earned: budget.earned + share, saved: Math.min(MOST_SAVED, budget.saved + share) };
}

/** To be called for every extra request made. */
export function noteExtra(budget: HedgeBudget): HedgeBudget {
  return { ...budget, spent: budget.spent + 1, saved: budget.saved - 1 };
}

/** From now on it spends what it is granted; without a grant, what it has saved itself. */
export function withGrant({ shared: _, ...own }: HedgeBudget, grant?: Grant): HedgeBudget {
  return grant === undefined ? own : { ...own, shared: grant };
}

/** @param share - As in {@link noteRequest}. Nothing is allowed at 0. @returns Whether one more is within the budget. */
export function mayHedge({ spent, saved, shared }: HedgeBudget, share: number): boolean {
  return share > 0 && isOne(shared === undefined ? saved : shared.granted - spent);
}

/** Extra requests that could be made now, those in hand and those that would be granted. */
export function reserveOf({ spent, saved, shared }: HedgeBudget): number {
  return Math.max(0, shared === undefined ? saved : shared.granted - spent + shared.reserve);
}

/** Whether there is one whole extra request in it. */
export function isOne(saved: number): boolean {
  return saved >= 1 - ROUNDING;
}
