/**
 * A circuit breaker: after failures in a row a provider is left alone for a while, then tried with one request. Pure.
 */

export interface Breaker {
  /** Failures since the last success. */
  readonly failuresInARow: number;
  /** When the provider may be tried again, in ms on the caller's monotonic clock; absent while closed. */
  readonly restsUntilMs?: number;
  /** How long the current rest is, in ms. */
  readonly restMs: number;
  /** When the probe under way was sent, in ms. */
  readonly trialAtMs?: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One slip is chance, two may be; at three the fourth caller should not wait for it. */
const FAILURES_TO_OPEN = 3;
const FIRST_REST_MS = 1_000;
/** A provider that came back is found within this, in ms. */
const LONGEST_REST_MS = 30_000;
/** A probe of which nothing was heard for this long is taken for lost, in ms; above every deadline of a request. */
const LONGEST_TRIAL_MS = 15_000;

export const CLOSED: Breaker = Object.freeze({ failuresInARow: 0, restMs: FIRST_REST_MS });

export function stateOf(breaker: Breaker, nowMs: number): BreakerState {
  if (breaker.restsUntilMs === undefined) return 'closed';
  return nowMs < breaker.restsUntilMs ? 'open' : 'half-open';
}

/** Whether a request may be sent. Of a half-open one, a single request: tell it with {@link noteTrial}. */
export function allows(breaker: Breaker, nowMs: number): boolean {
  const state = stateOf(breaker, nowMs);
  return state === 'closed' || (state === 'half-open' && !isTried(breaker, nowMs));
}

/** A request is sent. Changes something only while half-open: the request is the probe. */
export function noteTrial(breaker: Breaker, nowMs: number): Breaker {
  return stateOf(breaker, nowMs) === 'half-open' ? { ...breaker, trialAtMs: nowMs } : breaker;
}

/** A request ended without telling anything of the provider, e.g. because it was cancelled: the next one is the probe. */
export function noteNothing(breaker: Breaker): Breaker {
  const { trialAtMs: _, ...rest } = breaker;
  return rest;
}

export function noteSuccess(_breaker: Breaker): Breaker {
  return CLOSED;
}

/** Opens at the third failure in a row, and again, for twice as long up to 30 s, when a probe fails. */
export function noteFailure(breaker: Breaker, nowMs: number): Breaker {
  const failuresInARow = breaker.failuresInARow + 1;
  switch (stateOf(breaker, nowMs)) {
    case 'closed':
      if (failuresInARow < FAILURES_TO_OPEN) return { ...breaker, failuresInARow };
      return { failuresInARow, restMs: FIRST_REST_MS, restsUntilMs: nowMs + FIRST_REST_MS };
    case 'open':
      // Of a request sent before it opened: it says nothing new.
      return { ...breaker, failuresInARow };
    case 'half-open': {
      const restMs = Math.min(LONGEST_REST_MS, breaker.restMs * 2);
      return { failuresInARow, restMs, restsUntilMs: nowMs + restMs };
    }
  }
}

function isTried({ trialAtMs }: Breaker, nowMs: number): boolean {
  return trialAtMs !== undefined && nowMs - trialAtMs < LONGEST_TRIAL_MS;
}
