/**
 * What one process knows of its providers: how long they took lately, and what it may spend on extra requests. A process of a
 * worker shares both with the worker's other calls, so that a call of five turns begins with what others learnt: what it notes it
 * tells, and what it is told takes the place of what it knew. Nothing is waited for: without word from the worker it goes by
 * what it has noted itself.
 */
import { NO_LATENCIES, noteLatency, type RecentLatencies } from './deadline.js';
import {
  type Grant,
  type HedgeBudget,
  mayHedge,
  NEW_BUDGET,
  noteExtra,
  noteRequest,
  PURPOSES,
  type Purpose,
  reserveOf,
  withGrant,
} from './hedge-budget.js';

/** Longest key of a provider's latencies, in characters. */
export const MAX_KEY = 160;

const NOTHING_GRANTED: Grant = Object.freeze({ granted: 0, reserve: 0 });

/** What a process tells its worker. */
export type MemoryEvent =
  | { readonly kind: 'latency'; readonly key: string; readonly ms: number }
  /** Both of all its life. */
  | { readonly kind: 'hedges'; readonly purpose: Purpose; readonly earned: number; readonly spent: number };

/** What the worker tells its processes; what is not in it has not changed. */
export interface MemoryNotice {
  /** In ms, oldest first, by the keys of {@link latencyKey}. */
  readonly latencies?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly hedges?: Readonly<Partial<Record<Purpose, Grant>>> | undefined;
}

/**
 * Under which name latencies are kept.
 * @param measure - What is measured: one provider's final takes another time than its first word.
 * @param place - Of the provider in the list of its component: two may be of the same name, at different addresses.
 */
export function latencyKey(
  measure: 'llm' | 'tts' | 'stt-onset' | 'stt-final',
  place: number,
  { provider, model }: { readonly provider: string; readonly model: string },
): string {
  return `${measure} ${place} ${provider}/${model}`.slice(0, MAX_KEY);
}

export class CallMemory {
  readonly #tell: (event: MemoryEvent) => void;
  readonly #latencies = new Map<string, RecentLatencies>();
  readonly #budgets = new Map<Purpose, HedgeBudget>();
  #isShared = false;

  /** @param tell - Told of everything that is noted. Default: nobody is, and nothing is shared. */
  constructor(tell: (event: MemoryEvent) => void = () => undefined) {
    this.#tell = tell;
  }

  latencies(key: string): RecentLatencies {
    return this.#latencies.get(key) ?? NO_LATENCIES;
  }

  /** @param ms - From request to first result. */
  noteLatency(key: string, ms: number): void {
    const before = this.latencies(key);
    const after = noteLatency(before, ms);
    if (after === before) return;
    this.#latencies.set(key, after);
    this.#tell({ kind: 'latency', key, ms });
  }

  budget(purpose: Purpose): HedgeBudget {
    return this.#budgets.get(purpose) ?? withGrant(NEW_BUDGET, this.#isShared ? NOTHING_GRANTED : undefined);
  }

  /** @param budget - What has become of {@link budget}'s. */
  setBudget(purpose: Purpose, budget: HedgeBudget): void {
    const { earned, spent } = this.budget(purpose);
    this.#budgets.set(purpose, budget);
    if (budget.earned === earned && budget.spent === spent) return;
    this.#tell({ kind: 'hedges', purpose, earned: budget.earned, spent: budget.spent });
  }

  /** A first request is made. @param share - Extra requests that it pays for; 0 where its call makes none. */
  noteRequest(purpose: Purpose, share: number): void {
    if (share > 0) this.setBudget(purpose, noteRequest(this.budget(purpose), share));
  }

  noteExtra(purpose: Purpose): void {
    this.setBudget(purpose, noteExtra(this.budget(purpose)));
  }

  mayHedge(purpose: Purpose, share: number): boolean {
    return mayHedge(this.budget(purpose), share);
  }

  /** Extra requests that could be made now. */
  reserve(purpose: Purpose): number {
    return reserveOf(this.budget(purpose));
  }

  /** Takes in what the worker tells. The first word of it is that there is somebody to share with. */
  take({ latencies = {}, hedges = {} }: MemoryNotice): void {
    this.#isShared = true;
    for (const [key, samplesMs] of Object.entries(latencies)) this.#latencies.set(key, { samplesMs });
    for (const purpose of PURPOSES) {
      const { shared = NOTHING_GRANTED, ...own } = this.budget(purpose);
      this.#budgets.set(purpose, withGrant(own, hedges[purpose] ?? shared));
    }
  }

  /** The worker is gone: what is known stays, and from now on it spends what it has saved itself. */
  leave(): void {
    this.#isShared = false;
    for (const [purpose, budget] of this.#budgets) this.#budgets.set(purpose, withGrant(budget));
  }
}
