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

/** A measure of turns, of those that have it. */
export function samplesOf<T extends { readonly call: string }>(
  turns: readonly T[],
  measure: (turn: T) => number | undefined,
): Sample[] {
  return turns.flatMap((turn) => {
    const ms = measure(turn);
    return ms === undefined ? [] : [{ call: turn.call, ms }];
  });
}

export function percentileOf(samples: readonly Sample[], share: number): number | null {
  return (
    percentile(
      samples.map(({ ms }) => ms),
      share,
    ) ?? null
  );
}

/**
 * Turns of one call share its process and its moment: they are drawn together, and with them those of calls at once, which share
 * the machine's load, the recordings and what the providers drew. @returns null of fewer than two calls. */
export function intervalOf(samples: readonly Sample[], share: number): Interval {
  const calls = callsOf(samples);
  if (calls.length < 2) return null;
  const ordered = inOrder(samples, calls);
  const rounds = clusterResamples(calls, RESAMPLES, SEED);
  return middle95(rounds.flatMap((round) => drawnPercentile(ordered, round, share) ?? [])) ?? null;
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
  // Of an arm with one call each draw has the same: nothing would be known of how it differs.
  if (callsOf(upper).length < 2 || callsOf(lower).length < 2) return { value, ci: null };
  // Calls of one name said the same, and are drawn together.
  const calls = callsOf([...upper, ...lower]);
  const [above, below] = [inOrder(upper, calls), inOrder(lower, calls)];
  const drawn = clusterResamples(calls, RESAMPLES, SEED).flatMap(
    (round) => combined(drawnPercentile(above, round, share), drawnPercentile(below, round, share)) ?? [],
  );
  return { value, ci: middle95(drawn) ?? null };
}

/** What is drawn as a whole: calls, those at once as one. */
export function callsOf(samples: readonly Pick<Sample, 'call'>[]): string[] {
  return [...new Set(samples.map(({ call }) => drawnWith(call)))];
}

/** Of the calls at once that are named `7-0`, `7-1` and so on the name that they share; any other is drawn by itself. */
export function drawnWith(call: string): string {
  return /^(\d+)-\d+$/.exec(call)?.[1] ?? call;
}

/** Samples in order, each with the number of its call. */
type Ordered = readonly { readonly ms: number; readonly callNumber: number }[];

function inOrder(samples: readonly Sample[], calls: readonly string[]): Ordered {
  const numbers = new Map(calls.map((call, index) => [call, index]));
  return samples
    .map(({ call, ms }) => ({ ms, callNumber: numbers.get(drawnWith(call)) ?? -1 }))
    .sort((one, other) => one.ms - other.ms);
}

/**
 * The percentile of samples of which each is there as often as its call was drawn; no list of them is made, which is what a
 * bootstrap would take most of its time for.
 */
function drawnPercentile(ordered: Ordered, round: Uint16Array, share: number): number | undefined {
  let drawn = 0;
  for (const { callNumber } of ordered) drawn += round[callNumber] ?? 0;
  const position = (drawn - 1) * share;
  let seen = 0;
  let below: number | undefined;
  for (const { ms, callNumber } of ordered) {
    seen += round[callNumber] ?? 0;
    if (below === undefined && seen > Math.floor(position)) below = ms;
    if (below !== undefined && seen > Math.ceil(position)) {
      return below + (ms - below) * (position - Math.floor(position));
    }
  }
  return undefined;
}
