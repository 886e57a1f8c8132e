/** The figures of a run, as JSON holds them. Pure. */
import { clusterResamples, wilsonInterval } from '../statistics.js';
import { type CurvePoint, type WaitsAt, waitsAt } from './curve.js';
import type { MeasuredSet } from './measure.js';
import { curveOf, RATES, type RateName, type Ratio, ratiosOf, resampledArm } from './ratios.js';
import type { Sweep } from './sweep.js';

/** The set that the headline is about: people who pause of themselves, as recorded. */
export const HEADLINE_SET = 'human-natural';
/** Fewer pauses or turns tell nothing about shares of 5 % and a 95th percentile. */
const MIN_PAUSES = 100;
const MIN_TURNS = 60;
const RESAMPLES = 1_000;
/** Whom the policy is compared with. */
const RIVALS = ['v1-mini', 'v1-mini-tuned', 'vad-silero'] as const;

export interface ArmReport {
  readonly curve: readonly CurvePoint[];
  readonly at5: WaitsAt;
  readonly at10: WaitsAt;
}

/** One arm at the setting that cuts in at most that often in the headline's set. */
export interface OperatingPoint {
  readonly setting: string;
  readonly cutIns: number;
  /** Commits in the middle of speech, outside of any pause. */
  readonly cutInsInSpeech: number;
  readonly cutInRate: number;
  readonly cutInInterval: readonly [number, number];
  readonly meanWaitMs: number;
  readonly p95WaitMs: number;
}

export interface SetReport {
  readonly recordings: number;
  readonly humanRecordings: number;
  readonly speakers: number;
  readonly pauses: number;
  readonly turns: number;
  /** Recordings left out: their pauses and ends cannot be told by level (`MeasuredSet`). */
  readonly disputed: readonly string[];
  /** Whether there is enough for a claim. */
  readonly isEnough: boolean;
  readonly arms: Readonly<Record<string, ArmReport>>;
  /** The decision without the recogniser's part of the wait. */
  readonly decisionAlone: Readonly<Record<string, ArmReport>>;
  readonly operating: Readonly<Record<string, Readonly<Record<RateName, OperatingPoint | null>>>>;
  readonly ratios: readonly Ratio[];
}

export interface TurnsReport {
  readonly arms: Readonly<Record<string, ArmReport>>;
  readonly ratios: readonly Ratio[];
  readonly n: { readonly recordings: number; readonly pauses: number; readonly turns: number };
  readonly sets: Readonly<Record<string, SetReport>>;
}

/** @param seed - Of the resamples. */
export function reportOf(sets: readonly MeasuredSet[], seed: number): TurnsReport {
  const headline = sets.find(({ name }) => name === HEADLINE_SET) ?? sets[0];
  const reports = Object.fromEntries(sets.map((set) => [set.name, setReport(set, headline ?? set, seed)]));
  const first = headline === undefined ? undefined : reports[headline.name];
  return {
    arms: first?.arms ?? {},
    ratios: first?.ratios ?? [],
    n: { recordings: first?.recordings ?? 0, pauses: first?.pauses ?? 0, turns: first?.turns ?? 0 },
    sets: reports,
  };
}

function setReport(set: MeasuredSet, headline: MeasuredSet, seed: number): SetReport {
  const arms = [...set.arms];
  return {
    recordings: set.recordings.length,
    humanRecordings: set.recordings.filter(({ isHuman }) => isHuman).length,
    speakers: new Set(set.clusters).size,
    pauses: set.pauses,
    turns: set.turns,
    disputed: set.disputed,
    isEnough: set.pauses >= MIN_PAUSES && set.turns >= MIN_TURNS,
    arms: Object.fromEntries(arms.map(([name, { withFinal }]) => [name, armReport(withFinal)])),
    decisionAlone: Object.fromEntries(arms.map(([name, { alone }]) => [name, armReport(alone)])),
    operating: Object.fromEntries(
      arms.map(([name, { withFinal }]) => [name, operatingPoints(withFinal, headline.arms.get(name)?.withFinal, set)]),
    ),
    ratios: ratioReports(set, seed),
  };
}

function armReport(sweep: Sweep): ArmReport {
  const curve = curveOf(sweep);
  return { curve: distinct(curve), at5: waitsAt(curve, RATES.at5), at10: waitsAt(curve, RATES.at10) };
}

/** By rate of cut-ins; settings that come to the same figures are one point. */
function distinct(curve: readonly CurvePoint[]): CurvePoint[] {
  const rounded = curve.map(({ cutInRate, meanWaitMs, p50WaitMs, p95WaitMs }) => ({
    cutInRate: Number(cutInRate.toFixed(4)),
    meanWaitMs: Number(meanWaitMs.toFixed(1)),
    p50WaitMs: Number(p50WaitMs.toFixed(1)),
    p95WaitMs: Number(p95WaitMs.toFixed(1)),
  }));
  const byFigures = new Map(rounded.map((point) => [JSON.stringify(point), point]));
  return [...byFigures.values()].sort((a, b) => a.cutInRate - b.cutInRate || a.meanWaitMs - b.meanWaitMs);
}

function operatingPoints(
  sweep: Sweep,
  headline: Sweep | undefined,
  { pauses }: MeasuredSet,
): Readonly<Record<RateName, OperatingPoint | null>> {
  const at = (name: RateName): OperatingPoint | null => {
    const setting = headline === undefined ? undefined : settingAt(headline, RATES[name]);
    const point = setting === undefined ? undefined : sweep.points()[setting];
    if (setting === undefined || point === undefined) return null;
    const { inPauses, inSpeech } = sweep.cutIns(setting);
    return {
      setting: sweep.settings[setting] ?? '',
      cutIns: inPauses,
      cutInsInSpeech: inSpeech,
      cutInRate: point.cutInRate,
      cutInInterval: wilsonInterval(inPauses, pauses),
      meanWaitMs: point.meanWaitMs,
      p95WaitMs: point.p95WaitMs,
    };
  };
  return { at5: at('at5'), at10: at('at10') };
}

/** The setting of the least mean wait among those that cut in no more often than `rate`. */
function settingAt(sweep: Sweep, rate: number): number | undefined {
  let best: number | undefined;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const [index, point] of sweep.points().entries()) {
    if (point === undefined || point.cutInRate > rate || point.meanWaitMs >= leastMs) continue;
    best = index;
    leastMs = point.meanWaitMs;
  }
  return best;
}

function ratioReports(set: MeasuredSet, seed: number): Ratio[] {
  const policy = set.arms.get('policy');
  if (policy === undefined || set.pauses === 0 || set.turns === 0) return [];
  const resamples = clusterResamples(set.clusters, RESAMPLES, seed);
  const ours = resampledArm('policy', policy.withFinal, resamples);
  return RIVALS.flatMap((name) => {
    const rival = set.arms.get(name);
    return rival === undefined ? [] : ratiosOf(ours, resampledArm(name, rival.withFinal, resamples));
  });
}
