/**
 * What a worker's calls may spend on extra requests together. Pure. Every call that makes requests holds one extra request in
 * hand, so that it need not ask when it is late; the rest is with the pool. So all of them together never make more than
 * `BURST` + the shares of their requests, whatever is on its way between them; a process that is killed may have spent the one
 * in its hand untold.
 */
import { type Grant, isOne, MOST_SAVED } from './hedge-budget.js';

/** Extra requests before any is paid for: a worker's first call may hedge a reply twice and a voice once. */
export const BURST = 3;

/** What a process tells, of all its life: what is lost on the way is made up by the next. */
export interface Spending {
  /** Extra requests that its requests have paid for. */
  readonly earned: number;
  /** Extra requests that it has made. */
  readonly spent: number;
}

interface Holding extends Spending {
  /** Extra requests that it may make, of all its life. */
  readonly granted: number;
}

export interface HedgePool<Holder> {
  /** Paid for and held by nobody. Below 0 where somebody has spent what nobody granted. */
  readonly saved: number;
  /** In the order in which they are granted the next. */
  readonly holdings: ReadonlyMap<Holder, Holding>;
}

export function newPool<Holder>(): HedgePool<Holder> {
  return { saved: BURST, holdings: new Map() };
}

/** Takes in what a process tells. */
export function noteSpending<Holder>(
  pool: HedgePool<Holder>,
  holder: Holder,
  { earned, spent }: Spending,
): HedgePool<Holder> {
  const before = pool.holdings.get(holder) ?? { earned: 0, spent: 0, granted: 0 };
  const now = { earned: Math.max(before.earned, earned), spent: Math.max(before.spent, spent) };
  const granted = Math.max(before.granted, now.spent);
  const saved = Math.min(MOST_SAVED, pool.saved + now.earned - before.earned) - (granted - before.granted);
  const holdings = new Map(pool.holdings);
  // Who has just spent one is the last to be given another.
  if (now.spent > before.spent) holdings.delete(holder);
  holdings.set(holder, { ...now, granted });
  return handOut({ saved, holdings });
}

/** A process is gone: what it held is with the pool again. */
export function leave<Holder>(pool: HedgePool<Holder>, holder: Holder): HedgePool<Holder> {
  const held = pool.holdings.get(holder);
  if (held === undefined) return pool;
  const holdings = new Map(pool.holdings);
  holdings.delete(holder);
  return handOut({ saved: Math.min(MOST_SAVED, pool.saved + held.granted - held.spent), holdings });
}

/** What a process is told; nothing is granted before it has told of a request. */
export function grantTo<Holder>({ saved, holdings }: HedgePool<Holder>, holder: Holder): Grant {
  return { granted: holdings.get(holder)?.granted ?? 0, reserve: Math.max(0, Math.floor(saved)) };
}

function handOut<Holder>({ saved, holdings }: HedgePool<Holder>): HedgePool<Holder> {
  let left = saved;
  const given = new Map<Holder, Holding>();
  for (const [holder, held] of holdings) {
    const isGiven = held.granted === held.spent && isOne(left);
    if (isGiven) left -= 1;
    given.set(holder, isGiven ? { ...held, granted: held.granted + 1 } : held);
  }
  return { saved: left, holdings: given };
}
