/**
 * Whether a change costs 50 ms or more: two runs, paired by what was said. Pure.
 *
 * The cost is the median of what each recording was answered later in the later run, with a 95 % interval by bootstrap over whole
 * calls. An interval that ends below 50 ms excludes such a cost. One that reaches up to 50 and begins above 0 shows a change
 * that costs something, and maybe that much. One that holds both 0 and 50 decides nothing.
 */
import { clusterResamples, middle95 } from '../statistics.js';
import { isTimely } from './figures.js';
import { drawnWith, type Interval } from './samples.js';

/** Issue: "whether a change costs >= 50 ms at P50". */
export const COST_MS = 50;
/** A bootstrap over fewer calls makes intervals that are too narrow. */
export const LEAST = { pairs: 20, calls: 10 } as const;

const RESAMPLES = 2_000;
const SEED = 1;
/** Standard deviations of the normal distribution: the middle 95 %, and the lower 80 %. */
const Z95 = 1.96;
const Z80 = 0.8416;

/** What of a turn is compared. */
export interface ComparedTurn {
  readonly call: string;
  readonly file: string;
  readonly outcome: 'answered' | 'unanswered';
  readonly heardMs?: number | undefined;
  readonly lagMs: number;
}

export interface ComparedRun {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly arms: Readonly<Record<string, { readonly each: readonly ComparedTurn[] }>>;
}

/** One recording, said in both runs and answered in both. */
export interface Pair {
  /** How much later it was answered in the later run, in ms. */
  readonly costMs: number;
  readonly callBefore: string;
  readonly callAfter: string;
}

/**
 * `costly`: 50 ms or more are proven. `slower`: it surely costs something, and 50 ms are not excluded. `excluded`: it costs less
 * than 50 ms, if anything. `undecided`: too few turns, or too unlike each other.
 */
export type Verdict = 'costly' | 'slower' | 'excluded' | 'undecided';

export interface ArmComparison {
  readonly pairs: number;
  /** The fewer of both runs. */
  readonly calls: number;
  /** Turns of the later run that have no counterpart, or were not answered. */
  readonly unpaired: number;
  readonly unanswered: { readonly before: number; readonly after: number };
  /** Null of no pairs. */
  readonly costMs: number | null;
  /** Null of too few pairs or calls. */
  readonly costCiMs: Interval;
  readonly verdict: Verdict;
  readonly power?: Power;
}

/** A comparison as `--json` has it. */
export interface Comparisons {
  /** File of the earlier run, as given. */
  readonly earlier: string;
  readonly arms: Readonly<Record<string, ArmComparison>>;
}

/** What so many turns, as unlike each other as these were, could have shown. */
export interface Power {
  /** The smallest cost that eight of ten such runs call slower, in ms. */
  readonly detectableMs: number;
  /** Share of such runs that call a cost of 50 ms slower. */
  readonly at50: number;
  /** Pairs with which eight of ten runs would. */
  readonly pairsNeeded: number;
}

/** Settings without which two runs have measured different things. What was said, how often and in which order may differ. */
const ALIKE = ['set', 'preset', 'faults', 'calls', 'callersPriority', 'handshakeMs', 'leadingSilenceMs'] as const;

/** @returns The names of settings that forbid a comparison. */
export function unlikeSettings(before: ComparedRun['settings'], after: ComparedRun['settings']): string[] {
  return ALIKE.filter((name) => before[name] !== after[name]);
}

/** By arms that are in both. */
export function compareRuns(before: ComparedRun, after: ComparedRun): Readonly<Record<string, ArmComparison>> {
  const compared = Object.entries(after.arms).flatMap(([name, arm]) => {
    const earlier = before.arms[name];
    return earlier === undefined ? [] : [[name, compareArms(earlier.each, arm.each)] as const];
  });
  return Object.fromEntries(compared);
}

export function compareArms(before: readonly ComparedTurn[], after: readonly ComparedTurn[]): ArmComparison {
  const pairs = pairsOf(before, after);
  const unanswered = (turns: readonly ComparedTurn[]): number =>
    turns.filter((turn) => isTimely(turn) && turn.outcome === 'unanswered').length;
  return {
    ...comparePairs(pairs),
    unpaired: after.filter(isTimely).length - pairs.length,
    unanswered: { before: unanswered(before), after: unanswered(after) },
  };
}

/** A recording that was said several times is paired in the order in which it was: the first with the first, and so on. */
export function pairsOf(before: readonly ComparedTurn[], after: readonly ComparedTurn[]): Pair[] {
  const earlier = new Map<string, (ComparedTurn & { heardMs: number })[]>();
  for (const turn of before.filter(isAnswered)) earlier.set(turn.file, [...(earlier.get(turn.file) ?? []), turn]);
  return after.filter(isAnswered).flatMap((turn) => {
    const first = earlier.get(turn.file)?.shift();
    if (first === undefined) return [];
    return [
      { costMs: turn.heardMs - first.heardMs, callBefore: drawnWith(first.call), callAfter: drawnWith(turn.call) },
    ];
  });
}

function isAnswered(turn: ComparedTurn): turn is ComparedTurn & { heardMs: number } {
  return isTimely(turn) && turn.outcome === 'answered' && turn.heardMs !== undefined;
}

export function comparePairs(
  pairs: readonly Pair[],
  resamples = RESAMPLES,
): Pick<ArmComparison, 'pairs' | 'calls' | 'costMs' | 'costCiMs' | 'verdict' | 'power'> {
  const sorted = pairs.toSorted((a, b) => a.costMs - b.costMs);
  const costs = sorted.map(({ costMs }) => costMs);
  const groupings = [sorted.map(({ callBefore }) => callBefore), sorted.map(({ callAfter }) => callAfter)];
  const calls = Math.min(...groupings.map((names) => new Set(names).size));
  const costMs = medianDrawn(
    costs,
    costs.map(() => 1),
  );
  const known = { pairs: pairs.length, calls, costMs: costMs ?? null };
  if (costMs === undefined || pairs.length < LEAST.pairs || calls < LEAST.calls) {
    return { ...known, costCiMs: null, verdict: 'undecided' };
  }
  // Turns of a call share its process and its moment, in either run: the wider interval counts.
  const intervals = groupings.map((names) => intervalOf(costs, costMs, names, resamples));
  const low = Math.min(...intervals.map(([from]) => from));
  const high = Math.max(...intervals.map(([, to]) => to));
  const power = powerOf((high - low) / (2 * Z95), pairs.length);
  return { ...known, costCiMs: [low, high], verdict: verdictOf([low, high]), power };
}

export function verdictOf([low, high]: readonly [number, number]): Verdict {
  if (high < COST_MS) return 'excluded';
  if (low >= COST_MS) return 'costly';
  return low > 0 ? 'slower' : 'undecided';
}

/** @param spreadMs - Standard deviation of the cost over such runs. */
export function powerOf(spreadMs: number, pairs: number): Power {
  // Both ends of the interval have a say: its lower one must be above 0, its upper one not below 50.
  const thresholdMs = Math.max(Z95 * spreadMs, COST_MS - Z95 * spreadMs);
  const neededSpreadMs = COST_MS / (Z95 + Z80);
  return {
    detectableMs: thresholdMs + Z80 * spreadMs,
    at50: spreadMs === 0 ? 1 : normalShare((COST_MS - thresholdMs) / spreadMs),
    pairsNeeded: Math.ceil(pairs * (spreadMs / neededSpreadMs) ** 2),
  };
}

/** Bootstrap over whole groups, widened for few of them as Student's distribution is against the normal one. */
function intervalOf(
  sortedCosts: readonly number[],
  costMs: number,
  groups: readonly string[],
  resamples: number,
): readonly [number, number] {
  const drawn = clusterResamples(groups, resamples, SEED).flatMap((times) => medianDrawn(sortedCosts, times) ?? []);
  const [from, to] = middle95(drawn) ?? [costMs, costMs];
  const count = new Set(groups).size;
  const wider = (1 + (Z95 ** 2 + 1) / (4 * (count - 1))) * Math.sqrt(count / (count - 1));
  return [costMs - (costMs - from) * wider, costMs + (to - costMs) * wider];
}

/** The median of sorted values, each as often as it was drawn. @returns undefined when none was. */
function medianDrawn(sorted: readonly number[], times: ArrayLike<number>): number | undefined {
  let drawn = 0;
  for (let index = 0; index < times.length; index += 1) drawn += times[index] ?? 0;
  const middle = (drawn - 1) / 2;
  let seen = 0;
  let lower: number | undefined;
  for (let index = 0; index < sorted.length; index += 1) {
    seen += times[index] ?? 0;
    if (seen <= Math.floor(middle)) continue;
    lower ??= sorted[index];
    if (lower !== undefined && seen > Math.ceil(middle)) return (lower + (sorted[index] ?? lower)) / 2;
  }
  return undefined;
}

/** Share of the normal distribution below `z` (Abramowitz and Stegun 26.2.17; right to 1e-7). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail =
    (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * terms.reduceRight((sum, factor) => (sum + factor) * t, 0);
  return z > 0 ? 1 - tail : tail;
}
