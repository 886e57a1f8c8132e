/** A figure of many turns with its uncertainty, and whether it keeps its bound. Pure. */
import { type Interval, intervalOf, percentileOf, type Sample } from '../latency/samples.js';
import { percentile, wilsonInterval } from '../statistics.js';

export interface Figure {
  /** Turns, and the calls that they belong to. */
  readonly n: number;
  readonly calls: number;
  /** null of no turns. */
  readonly value: number | null;
  /** 95 %; by bootstrap over calls, or Wilson's for a share. null of fewer than two calls. */
  readonly ci: Interval;
}

/** A promise about a figure, and what came of it. */
export interface Verdict {
  readonly what: string;
  readonly unit: 'ms' | '%' | '';
  readonly figure: Figure;
  /** What the figure must lie within. */
  readonly from: number;
  readonly to: number;
  readonly isKept: boolean;
}

/** Fewer turns lie beyond the P95 than it takes to say where it is. */
export const ENOUGH_TURNS = { p50: 20, p95: 100 } as const;

export function figureOf(samples: readonly Sample[], share: number): Figure {
  const calls = new Set(samples.map(({ call }) => call)).size;
  return { n: samples.length, calls, value: percentileOf(samples, share), ci: intervalOf(samples, share) };
}

/** The mean; its interval by the normal approximation over turns, which are enough where a mean is asked for. */
export function meanOf(samples: readonly Sample[]): Figure {
  const n = samples.length;
  const calls = new Set(samples.map(({ call }) => call)).size;
  if (n === 0) return { n, calls, value: null, ci: null };
  const value = samples.reduce((sum, { ms }) => sum + ms, 0) / n;
  if (n < 2) return { n, calls, value, ci: null };
  const variance = samples.reduce((sum, { ms }) => sum + (ms - value) ** 2, 0) / (n - 1);
  const halfMs = 1.96 * Math.sqrt(variance / n);
  return { n, calls, value, ci: [value - halfMs, value + halfMs] };
}

/** The share of turns above a limit, in percent. */
export function shareAbove(samples: readonly Sample[], limitMs: number): Figure {
  const above = samples.filter(({ ms }) => ms > limitMs).length;
  const n = samples.length;
  const [from, to] = wilsonInterval(above, n);
  const calls = new Set(samples.map(({ call }) => call)).size;
  return { n, calls, value: n === 0 ? null : (100 * above) / n, ci: n === 0 ? null : [100 * from, 100 * to] };
}

/** So many of so many, in percent. */
export function shareOf(count: number, total: number): Figure {
  if (total === 0) return { n: 0, calls: 0, value: null, ci: null };
  const [from, to] = wilsonInterval(count, total);
  return { n: total, calls: 0, value: (100 * count) / total, ci: [100 * from, 100 * to] };
}

/** A count that has to be met exactly. */
export function exactly(what: string, counted: number, expected: number): Verdict {
  const figure = { n: expected, calls: 0, value: counted, ci: null };
  return { what, unit: '', figure, from: expected, to: expected, isKept: counted === expected };
}

export function verdictOf(
  what: string,
  figure: Figure,
  bound: { readonly from?: number; readonly to: number; readonly unit?: Verdict['unit'] },
): Verdict {
  const { from = Number.NEGATIVE_INFINITY, to, unit = 'ms' } = bound;
  const { value } = figure;
  return { what, unit, figure, from, to, isKept: value !== null && value >= from && value <= to };
}

/** How far what callers report may lie from the truth, in ms: the aim. */
const TRUTH = { p50Ms: 20, p95Ms: 50 } as const;

/** @param apart - What each turn's report says less the truth. */
export function truthVerdicts(apart: readonly Sample[]): Verdict[] {
  const { p50, p95 } = sizesOf(apart);
  return [
    verdictOf('|truth - reported heard|, P50', p50, { to: TRUTH.p50Ms }),
    verdictOf('|truth - reported heard|, P95', p95, { to: TRUTH.p95Ms }),
  ];
}

/** Of the turns that were planned so many at least must have been compared, in percent: figures of a few that went well are none. */
const LEAST_COMPARED_PERCENT = 80;

export function comparedVerdict(compared: number, planned: number): Verdict {
  const figure = shareOf(compared, planned);
  return verdictOf('planned turns that were compared', figure, { from: LEAST_COMPARED_PERCENT, to: 100, unit: '%' });
}

export function withoutSigns(samples: readonly Sample[]): Sample[] {
  return samples.map(({ call, ms }) => ({ call, ms: Math.abs(ms) }));
}

/** Largest of some values, as a figure: no interval says anything of it. */
export function largestOf(samples: readonly Sample[]): Figure {
  const value =
    percentile(
      samples.map(({ ms }) => ms),
      1,
    ) ?? null;
  return { n: samples.length, calls: new Set(samples.map(({ call }) => call)).size, value, ci: null };
}

/** One line a promise. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
  const width = Math.max(0, ...verdicts.map(({ what }) => what.length));
  return verdicts.map(({ what, unit, figure, from, to, isKept }) => {
    const bound = boundText(from, to);
    const kept = isKept ? 'kept' : 'NOT KEPT';
    return `${what.padEnd(width)}  ${figureText(figure, unit)}, ${bound}: ${kept}  (n = ${figure.n})`;
  });
}

/** The figure with its interval, where it has one. */
export function figureText({ value, ci }: Figure, unit: Verdict['unit'] = 'ms'): string {
  const told = value === null ? '-' : `${tidy(value)}${unit && ` ${unit}`}`;
  return ci === null ? told : `${told} (${tidy(ci[0])} to ${tidy(ci[1])})`;
}

/** Of sizes, whatever their signs; beside a verdict and without an aim of its own. */
export interface SizeFigures {
  readonly p50: Figure;
  readonly p95: Figure;
}

export function sizesOf(samples: readonly Sample[]): SizeFigures {
  const sizes = withoutSigns(samples);
  return { p50: figureOf(sizes, 0.5), p95: figureOf(sizes, 0.95) };
}

export function sizesText({ p50, p95 }: SizeFigures): string {
  return `P50 ${figureText(p50)}, P95 ${figureText(p95)} (n = ${p50.n})`;
}

function boundText(from: number, to: number): string {
  if (from === to) return `exactly ${tidy(to)}`;
  return from === Number.NEGATIVE_INFINITY ? `at most ${tidy(to)}` : `${tidy(from)} to ${tidy(to)}`;
}

function tidy(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}
