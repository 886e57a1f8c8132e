/** Cut-ins against wait, swept over one setting of an arm, and what lies between the swept points. Pure. */
import { percentile } from '../statistics.js';
import type { Outcome } from './outcome.js';

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

/** @returns undefined without any pause or any wait. A turn that was never committed counts as `missedWaitMs`. */
export function pointOf(outcomes: readonly Outcome[], missedWaitMs: number): CurvePoint | undefined {
  let cutIns = 0;
  let pauses = 0;
  const waits: number[] = [];
  for (const outcome of outcomes) {
    cutIns += outcome.cutIns;
    pauses += outcome.pauses;
    if (outcome.waitMs !== undefined) waits.push(outcome.waitMs);
    else if (outcome.isMissed) waits.push(missedWaitMs);
  }
  if (pauses === 0 || waits.length === 0) return undefined;
  return {
    cutInRate: cutIns / pauses,
    meanWaitMs: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
    p50WaitMs: percentile(waits, 0.5) ?? missedWaitMs,
    p95WaitMs: percentile(waits, 0.95) ?? missedWaitMs,
  };
}

/**
 * The best points of a sweep: by rising rate of cut-ins and falling wait, without those that another one beats in both.
 * What lies between two of them can be had by mixing their settings.
 */
export function lowerEnvelope(
  points: readonly CurvePoint[],
  measure: WaitMeasure,
): { readonly rate: number; readonly waitMs: number }[] {
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
  const envelope = lowerEnvelope(points, measure);
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
