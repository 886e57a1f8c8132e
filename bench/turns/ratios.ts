/** By how much less one arm waits than another at the same rate of cut-ins, with its uncertainty. Pure. */
import { middle95 } from '../statistics.js';
import { type CurvePoint, type WaitMeasure, waitAt } from './curve.js';
import type { Sweep } from './sweep.js';

/** Rates of cut-ins at which arms are compared. */
export const RATES = { at5: 0.05, at10: 0.1 } as const;
export type RateName = keyof typeof RATES;
export const RATE_NAMES = ['at5', 'at10'] as const;
const MEASURES = ['meanWaitMs', 'p95WaitMs'] as const satisfies readonly WaitMeasure[];

/** Fewer rounds in which both arms reach the rate, as a share, tell no interval. */
const MIN_ROUNDS_SHARE = 0.9;

export interface Ratio {
  readonly arm: string;
  readonly against: string;
  readonly at: RateName;
  readonly measure: WaitMeasure;
  /** Wait of the one by wait of the other; null where one of them never cuts in so rarely. */
  readonly ratio: number | null;
  /** 95 % by resampling whole clusters; null where too many resamples have no ratio. */
  readonly interval: readonly [number, number] | null;
}

interface NamedSweep {
  readonly name: string;
  readonly sweep: Sweep;
}

/** @param resamples - How often each recording counts, by round; the same for both arms. */
export function ratiosOf(arm: NamedSweep, against: NamedSweep, resamples: readonly Uint16Array[]): Ratio[] {
  const wholes = [curveOf(arm.sweep), curveOf(against.sweep)] as const;
  const rounds = resamples.map((counts) => [curveOf(arm.sweep, counts), curveOf(against.sweep, counts)] as const);
  return RATE_NAMES.flatMap((at) =>
    MEASURES.map((measure) => {
      const values = rounds.flatMap((curves) => ratioAt(curves, RATES[at], measure) ?? []);
      const isSure = values.length >= resamples.length * MIN_ROUNDS_SHARE;
      return {
        arm: arm.name,
        against: against.name,
        at,
        measure,
        ratio: ratioAt(wholes, RATES[at], measure),
        interval: isSure ? (middle95(values) ?? null) : null,
      };
    }),
  );
}

/** The points of a sweep that there are. */
export function curveOf(sweep: Sweep, counts?: Uint16Array): CurvePoint[] {
  return sweep.points(counts).filter((point) => point !== undefined);
}

function ratioAt(
  [one, other]: readonly [readonly CurvePoint[], readonly CurvePoint[]],
  rate: number,
  measure: WaitMeasure,
): number | null {
  const waitMs = waitAt(one, rate, measure);
  const otherMs = waitAt(other, rate, measure);
  return waitMs === null || otherMs === null || otherMs === 0 ? null : waitMs / otherMs;
}
