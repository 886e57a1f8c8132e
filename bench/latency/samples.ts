/** Values of many calls: their percentiles, how sure those are, and how two compare. Pure. */
import { clusterResamples, middle95, percentile } from '../statistics.js';

const RESAMPLES = 2_000;
const SEED = 1;

export type Interval = readonly [from: number, to: number] | null;

/** Values of one measure with the call that each belongs to. */
export interface Sample {
  readonly call: string;
  readonly ms: number;
}

export function percentileOf(samples: readonly Sample[], share: number): number | null {
  return (
    percentile(
      samples.map(({ ms }) => ms),
      share,
    ) ?? null
  );
}

/** Turns of one call share its process and its moment: they are drawn together. @returns null of fewer than two calls. */
export function intervalOf(samples: readonly Sample[], share: number): Interval {
  const calls = samples.map(({ call }) => call);
  if (new Set(calls).size < 2) return null;
  const drawn = clusterResamples(calls, RESAMPLES, SEED).flatMap(
    (times) => drawnPercentile(samples, times, share) ?? [],
  );
  return middle95(drawn) ?? null;
}

/** One arm's percentile against another's; both said the same recordings. */
export interface Comparison {
  readonly value: number;
  /** Bootstrap over the calls of both, 95 %. */
  readonly ci: Interval;
}

/** @returns How many times as much the one is; undefined where either has no turns. */
export function ratioOf(upper: readonly Sample[], lower: readonly Sample[], share: number): Comparison | undefined {
  return compare(upper, lower, share, (above, below) => (below === 0 ? undefined : above / below));
}

/** @returns How much more the one is, in ms; undefined where either has no turns. */
export function differenceOf(
  upper: readonly Sample[],
  lower: readonly Sample[],
  share: number,
): Comparison | undefined {
  return compare(upper, lower, share, (above, below) => above - below);
}

function compare(
  upper: readonly Sample[],
  lower: readonly Sample[],
  share: number,
  combine: (above: number, below: number) => number | undefined,
): Comparison | undefined {
  const combined = (above: number | undefined, below: number | undefined): number | undefined =>
    above === undefined || below === undefined ? undefined : combine(above, below);
  const value = combined(percentileOf(upper, share) ?? undefined, percentileOf(lower, share) ?? undefined);
  if (value === undefined) return undefined;
  // Calls of one name said the same, and are drawn together.
  const calls = [...new Set([...upper, ...lower].map(({ call }) => call))];
  if (calls.length < 2) return { value, ci: null };
  const numbers = new Map(calls.map((call, index) => [call, index]));
  const timesOf = (samples: readonly Sample[], round: Uint16Array): Uint16Array =>
    Uint16Array.from(samples, ({ call }) => round[numbers.get(call) ?? -1] ?? 0);
  const drawn = clusterResamples(calls, RESAMPLES, SEED).flatMap((round) => {
    const above = drawnPercentile(upper, timesOf(upper, round), share);
    return combined(above, drawnPercentile(lower, timesOf(lower, round), share)) ?? [];
  });
  return { value, ci: middle95(drawn) ?? null };
}

function drawnPercentile(samples: readonly Sample[], times: Uint16Array, share: number): number | undefined {
  const drawn = samples.flatMap(({ ms }, index) => Array.from({ length: times[index] ?? 0 }, () => ms));
  return percentile(drawn, share);
}
