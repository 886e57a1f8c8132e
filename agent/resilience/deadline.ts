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

export const KEPT_SAMPLES = 50;
/** Below this many, the ninth decile is no more than the largest of a few. */
const FEWEST_SAMPLES = 8;
/** One request in ten is later than this of its own accord: about what a hedge budget of a tenth can pay for. */
const QUANTILE = 0.9;
/** Where little is left to hedge with, only what is later than this is worth it; where much is, what is later than that. */
const FRUGAL_QUANTILE = 0.95;
const RICH_QUANTILE = 0.85;
/** Extra requests in reserve at which it is little, and much. */
const LITTLE = 1;
const MUCH = 10;
/**
 * Which share of the recent ones a second request has to let pass before it, too, counts as late. By the model in
 * `hedging.test.ts` over 60,000 turns (first tokens at 553/1,947 ms, P50/P95, first bytes at 188 ms, both stalling for 3 s in 5 %
 * of requests; 1.9 requests a turn), P99 of first token and first byte together, and extra requests per request:
 *
 * | | P99, s | extra |
 * |---|---|---|
 * | no hedge | 5.00 | 0 |
 * | behind P90 of the first: a second hedge behind P50, P60, P75 of the hedge | 3.11, 3.15, 3.25 | 0.088, 0.084, 0.076 |
 * | behind what the reserve pays for (P85 to P95): the same | 3.07, 2.99, **2.93** | 0.100, 0.100, 0.096 |
 *
 * At 1.3 requests a turn the budget runs short and P75 is the best as well: 3.44 s, against 3.49 and 3.52 at P60 and P50.
 */
export const SECOND_QUANTILE = 0.75;

/** @param ms - From request to first result; anything but a finite number that is not negative is ignored. */
export function noteLatency(recent: RecentLatencies, ms: number): RecentLatencies {
  if (!Number.isFinite(ms) || ms < 0) return recent;
  return { samplesMs: [...recent.samplesMs, ms].slice(-KEPT_SAMPLES) };
}

/**
 * @param quantile - Which of the recent latencies it is, 0 to 1; the ninth decile unless told.
 * @returns That quantile (nearest rank) of the recent latencies within the limits, in ms; the ninth decile where too few are known
 *   to tell a higher one from the largest; `initialMs` below 8 samples.
 */
export function deadlineMs(recent: RecentLatencies, limits: DeadlineLimits, quantile = QUANTILE): number {
  return Math.min(limits.mostMs, Math.max(limits.leastMs, expectedMs(recent, limits.initialMs, quantile)));
}

/**
 * What the reserve pays for sets the deadline that leads to a hedge: around the ninth decile, later where a hedge now would be
 * missing for a worse straggler, earlier where nobody else needs it.
 * @param reserve - Extra requests that could be made now.
 */
export function lateQuantile(reserve: number): number {
  const filled = Math.min(1, Math.max(0, (reserve - LITTLE) / (MUCH - LITTLE)));
  return FRUGAL_QUANTILE - filled * (FRUGAL_QUANTILE - RICH_QUANTILE);
}

function expectedMs({ samplesMs }: RecentLatencies, initialMs: number, quantile: number): number {
  if (samplesMs.length < FEWEST_SAMPLES) return initialMs;
  const sorted = samplesMs.toSorted((a, b) => a - b);
  // Of fewer than twenty, P95 is the largest: one slow start would be the deadline of all that follow.
  const known = sorted.length * (1 - quantile) < 1 ? QUANTILE : quantile;
  return sorted[Math.ceil(sorted.length * known) - 1] ?? initialMs;
}
