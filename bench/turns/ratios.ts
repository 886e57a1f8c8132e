/** By how much less one arm waits than another at the same rate of cut-ins, with its uncertainty. Pure. */
import { middle95 } from '../statistics.js';
import { type CurvePoint, type Envelope, lowerEnvelope, type WaitMeasure, waitOn } from './curve.js';
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

/** An arm's curves: of all recordings, and of each resample. */
export interface ResampledArm {
  readonly name: string;
  readonly whole: Envelopes;
  readonly rounds: readonly Envelopes[];
}

type Envelopes = Readonly<Record<(typeof MEASURES)[number], Envelope>>;

/** @param resamples - How often each recording counts, by round; they must be the same for arms that are compared. */
export function resampledArm(name: string, sweep: Sweep, resamples: readonly Uint16Array[]): ResampledArm {
  const settings = sweep.undominated();
  const envelopes = (counts?: Uint16Array): Envelopes => {
    const curve = curveOf(sweep, counts, settings);
    return { meanWaitMs: lowerEnvelope(curve, 'meanWaitMs'), p95WaitMs: lowerEnvelope(curve, 'p95WaitMs') };
  };
  return { name, whole: envelopes(), rounds: resamples.map((counts) => envelopes(counts)) };
}

export function ratiosOf(arm: ResampledArm, against: ResampledArm): Ratio[] {
  return RATE_NAMES.flatMap((at) =>
    MEASURES.map((measure) => {
      const ratio = (one: Envelopes, other: Envelopes | undefined): number | null => {
        const waitMs = waitOn(one[measure], RATES[at]);
        const otherMs = waitOn(other?.[measure] ?? [], RATES[at]);
        return waitMs === null || otherMs === null || otherMs === 0 ? null : waitMs / otherMs;
      };
      const values = arm.rounds.flatMap((round, index) => ratio(round, against.rounds[index]) ?? []);
      const isSure = values.length > 0 && values.length >= arm.rounds.length * MIN_ROUNDS_SHARE;
      return {
        arm: arm.name,
        against: against.name,
        at,
        measure,
        ratio: ratio(arm.whole, against.whole),
        interval: isSure ? (middle95(values) ?? null) : null,
      };
    }),
  );
}

/** The points of a sweep that there are. */
export function curveOf(sweep: Sweep, counts?: Uint16Array, settings?: readonly number[]): CurvePoint[] {
  return sweep.points(counts, settings).filter((point) => point !== undefined);
}
