/**
 * What one reply does next while no provider has answered: wait, ask another, give one up, or fail. Pure.
 */
import { LOOK_AGAIN_MS } from '../resilience/hedge-budget.js';

/** One request of this reply. */
export interface Asked {
  /** Its place in the list of providers. */
  readonly provider: number;
  readonly askedAtMs: number;
  /** It was sent because those before it were late. */
  readonly isHedge: boolean;
  readonly state: 'waiting' | 'failed';
  /** When it counts as late, when as failed if somebody else can be asked, and when in any case; in ms after it was asked. */
  readonly lateAfterMs: number;
  readonly failsAfterMs: number;
  readonly endsAfterMs: number;
}

export interface ReplyState {
  readonly asked: readonly Asked[];
  /** For each provider, whether its breaker lets a request through; and whether its last requests were all right. */
  readonly providers: readonly { readonly allows: boolean; readonly isWell: boolean }[];
  readonly fallback: boolean;
  /** The switch, the budget and the kind of request allow a hedge. */
  readonly mayHedge: boolean;
  /**
   * The budget alone forbids one, and may allow it soon: what pays for a call's first hedge is granted a moment after its first
   * request, and another call may give back what it holds.
   */
  readonly mayHedgeLater?: boolean;
  /** Asking the same again may help: the last failure was not the request's own fault. */
  readonly isWorthRepeating: boolean;
}

export type Move =
  | { readonly kind: 'ask'; readonly provider: number; readonly why: 'first' | 'hedge' | 'failover' }
  /** Take the request with this index for failed. */
  | { readonly kind: 'expire'; readonly index: number }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'give-up' };

/** A second request, and one more where that is late, too: three are on their way then, and a fourth would win little. */
const MOST_HEDGES = 2;
/** @param nowMs - On the clock of `askedAtMs`. */
export function nextMove(state: ReplyState, nowMs: number): Move {
  const { asked, mayHedge, mayHedgeLater = false } = state;
  const untried = state.fallback ? untriedIn(state) : undefined;
  // A slow answer is better than none: who alone can be asked is waited for, and asked once more beside.
  const failsAtMs = ({ askedAtMs, failsAfterMs, endsAfterMs }: Asked) =>
    askedAtMs + (untried === undefined ? endsAfterMs : failsAfterMs);
  const expired = asked.findIndex((one) => one.state === 'waiting' && nowMs >= failsAtMs(one));
  if (expired !== -1) return { kind: 'expire', index: expired };
  const waiting = asked.filter((one) => one.state === 'waiting');
  const [only] = waiting;
  if (only === undefined) return afterFailures(state);
  // What still waits stands with providers that have failed this very reply: another one is asked beside it.
  const isDoubtful = waiting.every(({ provider }) => hasFailed(asked, provider));
  if (isDoubtful && untried !== undefined) return { kind: 'ask', provider: untried, why: 'failover' };
  const hedges = asked.filter((one) => one.isHedge).length;
  const isHedged = hedges >= MOST_HEDGES || waiting.length > MOST_HEDGES;
  const isHedgeable = state.isWorthRepeating && !isHedged;
  const hedger = mayHedge && isHedgeable ? hedgeFor(only, state) : undefined;
  // Each is given its own time, also where it failed at once.
  const lateAtMs = Math.max(...asked.map(({ askedAtMs, lateAfterMs }) => askedAtMs + lateAfterMs));
  if (hedger !== undefined && nowMs >= lateAtMs) return { kind: 'ask', provider: hedger, why: 'hedge' };
  const overdueAtMs = only.askedAtMs + only.failsAfterMs;
  const again = state.fallback && asked.length === 1 && state.providers[only.provider]?.allows === true;
  if (again && nowMs >= overdueAtMs) return { kind: 'ask', provider: only.provider, why: 'failover' };
  const dueAtMs = [
    ...waiting.map(failsAtMs),
    ...(hedger === undefined ? [] : [lateAtMs]),
    ...(mayHedgeLater && isHedgeable ? [nowMs < lateAtMs ? lateAtMs : nowMs + LOOK_AGAIN_MS] : []),
    ...(again ? [overdueAtMs] : []),
  ];
  return { kind: 'wait', untilMs: Math.min(...dueAtMs) };
}

function afterFailures(state: ReplyState): Move {
  const { asked, providers, fallback, isWorthRepeating } = state;
  // Without fallback the breaker has nothing to offer: the one provider is asked whatever it did before.
  if (!fallback) return asked.length === 0 ? { kind: 'ask', provider: 0, why: 'first' } : { kind: 'give-up' };
  const untried = untriedIn(state);
  if (untried !== undefined) return { kind: 'ask', provider: untried, why: asked.length === 0 ? 'first' : 'failover' };
  const again = providers.findIndex(({ allows }) => allows);
  const tries = asked.filter((one) => !one.isHedge).length;
  if (again === -1 || tries !== 1 || !isWorthRepeating) return { kind: 'give-up' };
  return { kind: 'ask', provider: again, why: 'failover' };
}

function untriedIn({ asked, providers }: ReplyState): number | undefined {
  const index = providers.findIndex(({ allows }, at) => allows && !asked.some(({ provider }) => provider === at));
  return index === -1 ? undefined : index;
}

function hasFailed(asked: readonly Asked[], provider: number): boolean {
  return asked.some((one) => one.state === 'failed' && one.provider === provider);
}

/**
 * A straggler of a provider that does well otherwise is chance: the same one has the prompt cached. After a failure of
 * it, or two stragglers, another provider is the better bet.
 */
function hedgeFor(late: Asked, { asked, providers }: ReplyState): number | undefined {
  const same = providers[late.provider];
  const isChance = asked.filter(({ provider }) => provider === late.provider).length === 1;
  if (same?.allows && same.isWell && isChance) return late.provider;
  const other = providers.findIndex(({ allows }, index) => allows && index !== late.provider);
  if (other !== -1) return other;
  return same?.allows ? late.provider : undefined;
}
