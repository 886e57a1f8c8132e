/** Figures of many overlaps: confusion, intervals, times, and the plain voice detector that they are compared with. Pure. */
import { percentile, wilsonInterval } from '../statistics.js';
import {
  HARMLESS_CLASSES,
  OVERLAP_CLASSES,
  type OverlapClass,
  type OverlapClip,
  SOURCES,
  type Source,
} from './interruption-clips.js';
import type { OverlapOutcome } from './interruption-run.js';

/** What came of one scene. */
export interface JudgedScene {
  readonly clip: Pick<OverlapClip, 'fingerprint' | 'class' | 'kind' | 'source' | 'cluster' | 'file'>;
  /** By the name of the recogniser's arm. */
  readonly outcomes: Readonly<Record<string, OverlapOutcome>>;
  /** For each of {@link VAD_DURATIONS_MS}, when so much voice was reached. */
  readonly voiceReachedMs: readonly (number | undefined)[];
}

/** Voice that stops the agent, in ms: whole windows, and stock's 500. */
export const VAD_DURATIONS_MS = [...Array.from({ length: 38 }, (_, index) => (index + 2) * 32), 500].sort(
  (a, b) => a - b,
);
export const STOCK_VAD_MS = 500;
/** A silence that begins later than this after the first audible sample has come too late, in ms. */
const LATEST_STOP_MS = 1_200;

export interface Rate {
  readonly rate: number;
  readonly scenes: number;
  /** Scenes of one recording are not independent: the interval counts recordings. */
  readonly recordings: number;
  readonly wilson95: readonly [number, number];
}

export interface Times {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface ClassFigures {
  readonly class: OverlapClass;
  readonly kind: string;
  readonly source: Source;
  /** Of interruptions: recall, stopped in time. Of the others: false stops. */
  readonly stopped: Rate;
  readonly verdicts: Readonly<Record<string, number>>;
  /** Since the first audible sample. */
  readonly verdictTimes: Times;
  readonly hushTimes: Times;
  readonly hushRate: number;
  readonly vadOnlyStopped: { readonly stock: number; readonly equalRecall: number };
}

/** Interval of a share that was taken over several scenes a recording: it is as wide as the recordings make it. */
export function wilson95(share: number, recordings: number): readonly [number, number] {
  return wilsonInterval(share * recordings, recordings);
}

export function isStopped({ clip, outcomes }: JudgedScene, arm: string): boolean {
  const outcome = outcomes[arm];
  return outcome?.verdict === 'interruption' && isInTime(clip.class, outcome.silencedMs);
}

export function isStoppedByVoice({ clip, voiceReachedMs }: JudgedScene, durationMs: number): boolean {
  return isInTime(clip.class, voiceReachedMs[VAD_DURATIONS_MS.indexOf(durationMs)]);
}

/** A false stop is one at any time; a right one has to be in time. */
function isInTime(overlap: OverlapClass, stoppedMs: number | undefined): boolean {
  return stoppedMs !== undefined && (overlap !== 'interruption' || stoppedMs <= LATEST_STOP_MS);
}

export function rateOf(scenes: readonly JudgedScene[], test: (scene: JudgedScene) => boolean): Rate {
  const rate = scenes.filter(test).length / Math.max(1, scenes.length);
  const recordings = new Set(scenes.map(({ clip }) => clip.fingerprint)).size;
  return { rate, scenes: scenes.length, recordings, wilson95: wilson95(rate, recordings) };
}

/** The mean over backchannels, coughs and noises, each class counting the same, whatever its number of recordings. */
export function meanOverHarmless(
  scenes: readonly JudgedScene[],
  test: (scene: JudgedScene) => boolean,
  classes: readonly OverlapClass[] = HARMLESS_CLASSES.filter((name) => name !== 'echo'),
): number {
  const groups = classes
    .map((name) => scenes.filter(({ clip }) => clip.class === name))
    .filter((one) => one.length > 0);
  const sum = groups.reduce((total, group) => total + rateOf(group, test).rate, 0);
  return sum / Math.max(1, groups.length);
}

/** The longest voice that still recalls `recall` of the interruptions; the shortest there is where none does. */
export function durationAtRecall(interruptions: readonly JudgedScene[], recall: number): number {
  const reaches = (durationMs: number) =>
    rateOf(interruptions, (scene) => isStoppedByVoice(scene, durationMs)).rate >= recall;
  return VAD_DURATIONS_MS.findLast(reaches) ?? VAD_DURATIONS_MS[0] ?? STOCK_VAD_MS;
}

/** A row for each class, source and kind, and one for each class and source. */
export function classFigures(scenes: readonly JudgedScene[], arm: string, vadMs: number): ClassFigures[] {
  return OVERLAP_CLASSES.flatMap((name) =>
    SOURCES.flatMap((source) => {
      const own = scenes.filter(({ clip }) => clip.class === name && clip.source === source);
      const kinds = [...new Set(own.map(({ clip }) => clip.kind))].sort();
      const groups = kinds.map((kind) => ({ kind, group: own.filter(({ clip }) => clip.kind === kind) }));
      const all = { kind: 'all', group: own };
      return (groups.length > 1 ? [all, ...groups] : [all])
        .filter(({ group }) => group.length > 0)
        .map(({ kind, group }) => ({ class: name, kind, source, ...figuresOf(group, arm, vadMs) }));
    }),
  );
}

function figuresOf(
  group: readonly JudgedScene[],
  arm: string,
  vadMs: number,
): Omit<ClassFigures, 'class' | 'kind' | 'source'> {
  const outcomes = group.flatMap((scene) => scene.outcomes[arm] ?? []);
  const verdicts: Record<string, number> = {};
  for (const { verdict } of outcomes) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return {
    stopped: rateOf(group, (scene) => isStopped(scene, arm)),
    verdicts,
    verdictTimes: timesOf(outcomes.flatMap(({ verdictMs }) => verdictMs ?? [])),
    hushTimes: timesOf(outcomes.flatMap(({ hushedMs }) => hushedMs ?? [])),
    hushRate: outcomes.filter(({ hushedMs }) => hushedMs !== undefined).length / Math.max(1, outcomes.length),
    vadOnlyStopped: {
      stock: rateOf(group, (scene) => isStoppedByVoice(scene, STOCK_VAD_MS)).rate,
      equalRecall: rateOf(group, (scene) => isStoppedByVoice(scene, vadMs)).rate,
    },
  };
}

export function timesOf(timesMs: readonly number[]): Times {
  return { p50Ms: percentile(timesMs, 0.5) ?? null, p95Ms: percentile(timesMs, 0.95) ?? null };
}
