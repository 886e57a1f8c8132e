/**
 * What a worker remembers for all of its calls: the latest latencies of each provider, and what hedging may still cost. Pure but
 * for its own state; whoever owns it brings the words between it and the calls (`telemetry/metric-receiver.ts`).
 */
import type { MemoryEvent, MemoryNotice } from './call-memory.js';
import { NO_LATENCIES, noteLatency, type RecentLatencies } from './deadline.js';
import { type Grant, PURPOSES, type Purpose } from './hedge-budget.js';
import { grantTo, type HedgePool, leave, newPool, noteSpending } from './hedge-pool.js';

/** Keys of latencies: a worker has few providers, and a call that is out of its mind must not fill the memory. */
const MAX_KEYS = 32;

/** @typeParam Holder - How a process is known. */
export class WorkerMemory<Holder> {
  readonly #latencies = new Map<string, RecentLatencies>();
  readonly #pools = new Map<Purpose, HedgePool<Holder>>(PURPOSES.map((purpose) => [purpose, newPool()]));

  /** Takes in what a process tells. @returns Whose grants have changed by it. */
  take(event: MemoryEvent, from: Holder): readonly Holder[] {
    switch (event.kind) {
      case 'latency': {
        const { key, ms } = event;
        const known = this.#latencies.get(key);
        if (known !== undefined || this.#latencies.size < MAX_KEYS)
          this.#latencies.set(key, noteLatency(known ?? NO_LATENCIES, ms));
        return [];
      }
      case 'hedges':
        return this.#change(event.purpose, (pool) => noteSpending(pool, from, event));
    }
  }

  /** A process is gone. @returns Whose grants have changed by it. */
  leave(holder: Holder): readonly Holder[] {
    return PURPOSES.flatMap((purpose) => this.#change(purpose, (pool) => leave(pool, holder)));
  }

  /** Everything that a process is to know. */
  latencies(): MemoryNotice {
    const entries = [...this.#latencies].map(([key, { samplesMs }]) => [key, samplesMs.map(Math.round)] as const);
    return { latencies: Object.fromEntries(entries) };
  }

  grants(holder: Holder): MemoryNotice {
    const entries = [...this.#pools].map(([purpose, pool]): [Purpose, Grant] => [purpose, grantTo(pool, holder)]);
    return { hedges: Object.fromEntries(entries) };
  }

  #change(purpose: Purpose, by: (pool: HedgePool<Holder>) => HedgePool<Holder>): readonly Holder[] {
    const before = this.#pools.get(purpose) ?? newPool();
    const after = by(before);
    this.#pools.set(purpose, after);
    const changed = [...after.holdings].filter(([holder, { granted }]) => {
      return before.holdings.get(holder)?.granted !== granted;
    });
    return changed.map(([holder]) => holder);
  }
}
