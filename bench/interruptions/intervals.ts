/** Percentiles with their uncertainty. Pure. */
import { middle95, percentile, seededRandom } from '../statistics.js';

const RESAMPLES = 2_000;

export interface Figure {
  readonly value: number;
  /** Bootstrap interval, 95 %. */
  readonly from: number;
  readonly to: number;
}

/** @returns undefined of no values. */
export function percentileFigure(values: readonly number[], share: number, seed = 1): Figure | undefined {
  const value = percentile(values, share);
  if (value === undefined) return undefined;
  const random = seededRandom(seed);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const sample = values.map(() => values[Math.floor(random() * values.length)] ?? value);
    return percentile(sample, share) ?? value;
  });
  const [from, to] = middle95(drawn) ?? [value, value];
  return { value, from, to };
}

export interface Summary {
  readonly n: number;
  readonly p50?: Figure;
  readonly p95?: Figure;
}

export function summary(values: readonly number[]): Summary {
  const p50 = percentileFigure(values, 0.5);
  const p95 = percentileFigure(values, 0.95);
  return { n: values.length, ...(p50 && { p50 }), ...(p95 && { p95 }) };
}
