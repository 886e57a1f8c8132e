/**
 * How long to wait for a provider's first result, told by how long its recent ones took. Pure.
 */

/** Latencies of one provider's last requests. */
export interface RecentLatencies {
  /** In ms, oldest first, at most 50. */
  readonly samplesMs: readonly number[];
}

export interface DeadlineLimits {
  /** Used while too few are known, in ms. */
  readonly initialMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

export const NO_LATENCIES: RecentLatencies = Object.freeze({ samplesMs: Object.freeze([]) });

const KEPT_SAMPLES = 50;
/** Below this many, the ninth decile is no more than the largest of a few. */
const FEWEST_SAMPLES = 8;
/** One request in ten is later than this of its own accord: about what a hedge budget of a tenth can pay for. */
const QUANTILE = 0.9;

/** @param ms - From request to first result; anything but a finite number that is not negative is ignored. */
export function noteLatency(recent: RecentLatencies, ms: number): RecentLatencies {
  if (!Number.isFinite(ms) || ms < 0) return recent;
  return { samplesMs: [...recent.samplesMs, ms].slice(-KEPT_SAMPLES) };
}

/** @returns The ninth decile (nearest rank) of the recent latencies within the limits, in ms; `initialMs` below 8 samples. */
export function deadlineMs(recent: RecentLatencies, limits: DeadlineLimits): number {
  return Math.min(limits.mostMs, Math.max(limits.leastMs, expectedMs(recent, limits.initialMs)));
}

function expectedMs({ samplesMs }: RecentLatencies, initialMs: number): number {
  if (samplesMs.length < FEWEST_SAMPLES) return initialMs;
  const sorted = samplesMs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * QUANTILE) - 1] ?? initialMs;
}
