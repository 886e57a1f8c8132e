/** Cut-ins against wait, swept over one setting of an arm, and what lies between the swept points. Pure. */
export interface CurvePoint {
  /** Cut-ins by natural pauses, 0 to 1. */
  readonly cutInRate: number;
  readonly meanWaitMs: number;
  readonly p50WaitMs: number;
  readonly p95WaitMs: number;
}

export type WaitMeasure = 'meanWaitMs' | 'p50WaitMs' | 'p95WaitMs';
export const WAIT_MEASURES = ['meanWaitMs', 'p50WaitMs', 'p95WaitMs'] as const;

/** Waits at one rate of cut-ins; null where no setting of the arm cuts in so rarely. */
export type WaitsAt = Readonly<Record<WaitMeasure, number | null>>;

/** Points of an envelope, by rising rate. */
export type Envelope = readonly { readonly rate: number; readonly waitMs: number }[];

/**
 * The best points of a sweep: by rising rate of cut-ins and falling wait, without those that another one beats in both.
 * What lies between two of them can be had by mixing their settings.
 */
export function lowerEnvelope(points: readonly CurvePoint[], measure: WaitMeasure): Envelope {
  const sorted = points
    .map((point) => ({ rate: point.cutInRate, waitMs: point[measure] }))
    .sort((a, b) => a.rate - b.rate || a.waitMs - b.waitMs);
  let leastMs = Number.POSITIVE_INFINITY;
  return sorted.filter(({ waitMs }) => {
    if (waitMs >= leastMs) return false;
    leastMs = waitMs;
    return true;
  });
}

/** The least wait at a rate of cut-ins, in proportion between the envelope's neighbours; null below its lowest rate. */
export function waitAt(points: readonly CurvePoint[], rate: number, measure: WaitMeasure): number | null {
  return waitOn(lowerEnvelope(points, measure), rate);
}

/** The same on an envelope in hand. */
export function waitOn(envelope: Envelope, rate: number): number | null {
  const below = envelope.findLast((point) => point.rate <= rate);
  if (below === undefined) return null;
  const above = envelope.find((point) => point.rate > rate);
  if (above === undefined) return below.waitMs;
  const share = (rate - below.rate) / (above.rate - below.rate);
  return below.waitMs + (above.waitMs - below.waitMs) * share;
}

export function waitsAt(points: readonly CurvePoint[], rate: number): WaitsAt {
  return {
    meanWaitMs: waitAt(points, rate, 'meanWaitMs'),
    p50WaitMs: waitAt(points, rate, 'p50WaitMs'),
    p95WaitMs: waitAt(points, rate, 'p95WaitMs'),
  };
}
