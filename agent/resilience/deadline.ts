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
/** Below this many, what is missing counts as the initial deadline where that is sooner: one slow start must not hold for all. */
const ENOUGH_SAMPLES = 20;
/** One request in ten is later than this of its own accord: about what a hedge budget of a tenth can pay for. */
const QUANTILE = 0.9;
/**
 * Where much is left, what is later than this; where it is no more than the one in hand, than {@link QUANTILE}. By the model in
 * `hedging.test.ts` over 60,000 turns (first tokens at 553/1,947 ms, P50/P95, first bytes at 188 ms, both stalling for 3 s in 5 %
 * of requests; 1.8 requests a turn to the model, 1.2 to the synthesiser), P99 of first token and first byte together, and extra
 * requests per request:
 *
 * | | P99, s | extra |
 * |---|---|---|
 * | no hedge | 5.01 | 0 |
 * | P85 where 8 are left; a second hedge behind P75 of the first | 2.93 | 0.078 |
 * | P75 where 8 are left; behind P50, P65, P75 | 2.78, 2.73, 2.75 | 0.100 |
 * | P80 where 8 are left; behind P50, P60, P65, P75 | 2.72, 2.67, 2.66, 2.72 | 0.097 to 0.100 |
 * | P80 where 5 are left; behind P65 | **2.66** | 0.099 |
 */
const RICH_QUANTILE = 0.8;
/** Extra requests in reserve at which it is little, and much. */
const LITTLE = 1;
const MUCH = 5;
/** Which share of the recent ones a second request has to let pass before it, too, counts as late. */
export const SECOND_QUANTILE = 0.65;

/** @param ms - From request to first result; anything but a finite number that is not negative is ignored. */
export function noteLatency(recent: RecentLatencies, ms: number): RecentLatencies {
  if (!Number.isFinite(ms) || ms < 0) return recent;
  return { samplesMs: [...recent.samplesMs, ms].slice(-KEPT_SAMPLES) };
}

/**
 * @param quantile - Which of the recent latencies it is, 0 to 1; the ninth decile unless told.
 * @returns That quantile (nearest rank) of the recent latencies within the limits, in ms; `initialMs` below 8 samples, and no more
 *   than it below 20 unless several were slower.
 */
export function deadlineMs(recent: RecentLatencies, limits: DeadlineLimits, quantile = QUANTILE): number {
  return Math.min(limits.mostMs, Math.max(limits.leastMs, expectedMs(recent, limits.initialMs, quantile)));
}

/**
 * What the reserve pays for sets the deadline that leads to a hedge: the ninth decile where a hedge now would be missing for a
 * worse straggler, earlier where nobody else needs it.
 * @param reserve - Extra requests that could be made now.
 */
export function lateQuantile(reserve: number): number {
  const filled = Math.min(1, Math.max(0, (reserve - LITTLE) / (MUCH - LITTLE)));
  return QUANTILE - filled * (QUANTILE - RICH_QUANTILE);
}

function expectedMs({ samplesMs }: RecentLatencies, initialMs: number, quantile: number): number {
  if (samplesMs.length < FEWEST_SAMPLES) return initialMs;
  const missing = ENOUGH_SAMPLES - samplesMs.length;
  const own = quantileOf(samplesMs, quantile);
  if (missing <= 0) return own;
  return Math.min(own, quantileOf([...samplesMs, ...Array(missing).fill(initialMs)], quantile));
}

/** By nearest rank. */
function quantileOf(samplesMs: readonly number[], quantile: number): number {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * quantile) - 1] ?? Number.NaN;
}
