/**
 * The interruption part of `npm run bench -- turns`: what callers do while the agent speaks goes through the worker's own
 * reducer, and it is counted what stopped the agent and when. Thresholds were chosen on one half of the speakers; the figures
 * are the other half's.
 */
import { seededRandom } from '../../local-providers/random.js';
import { type AgentSpeech, speakReplies } from './interruption-agent.js';
import { loadClips, OVERLAP_CLASSES, type OverlapClip } from './interruption-clips.js';
import {
  type ClassFigures,
  classFigures,
  durationAtRecall,
  isStopped,
  isStoppedByVoice,
  type JudgedScene,
  meanOverHarmless,
  type Rate,
  rateOf,
  STOCK_VAD_MS,
  type Times,
  timesOf,
  VAD_DURATIONS_MS,
} from './interruption-figures.js';
import { hear, RECOGNISERS } from './interruption-recogniser.js';
import { overlapOutcome, voiceReachedMs, windowsOf } from './interruption-run.js';
import { echoSceneOf, type OverlapScene, sceneOf } from './interruption-scenes.js';
import { SceneWindows } from './interruption-windows.js';
import { fingerprintOf } from './recordings.js';

export type Half = 'tuning' | 'held-out' | 'all';

export interface InterruptionOptions {
  /** Folders with recordings of turns, whose beginnings interrupt; default those of the bench. */
  readonly folders?: readonly string[];
  /** Decides about positions, levels, noises and recogniser errors. Default 1. */
  readonly seed?: number;
  /** Whose figures; default `held-out`. */
  readonly half?: Half;
  /** Scenes of each class and source, at least, where there are recordings at all. Default 300. */
  readonly scenesPerClass?: number;
  readonly signal?: AbortSignal;
}

export interface ArmFigures {
  readonly recall: number;
  readonly falseStopRate: number;
  readonly hushRateOfHarmless: number;
  readonly verdictTimes: Times;
  readonly hushTimes: Times;
}

export interface InterruptionResult {
  /** Of the arm `invented words`, interruptions stopped within 1.2 s. */
  readonly recall: number;
  /** Mean of the classes backchannel, cough and noise. */
  readonly falseStopRate: number;
  /** The same of the rule "so much of Silero's voice stops", at the longest duration that recalls as much as `recall`. */
  readonly falseStopRateVadOnly: number;
  readonly vadOnly: {
    readonly equalRecall: { readonly voiceMs: number; readonly recall: number; readonly falseStopRate: number };
    readonly stock: { readonly voiceMs: number; readonly recall: number; readonly falseStopRate: number };
  };
  readonly human: { readonly recall: Rate; readonly falseStopRate: number; readonly falseStopRateVadOnly: number };
  /** Classes in which no recording is of a person. */
  readonly withoutHumanAudio: readonly string[];
  readonly half: Half;
  readonly arms: Readonly<Record<string, ArmFigures>>;
  readonly classes: readonly ClassFigures[];
}

/** The arm that the figures are of. */
const MAIN_ARM = 'invented words';

/** @throws CallError `BAD_INPUT`, AudioFileError for recordings that cannot be read; the reason of `signal`. */
export async function measureInterruptions(options: InterruptionOptions = {}): Promise<InterruptionResult> {
  const { half = 'held-out' } = options;
  return summarise(await judgeScenes(options), half);
}

/** Every scene of a half, judged by every arm. */
export async function judgeScenes(options: InterruptionOptions = {}): Promise<JudgedScene[]> {
  const windows = new SceneWindows();
  const judged: JudgedScene[] = [];
  try {
    for (const scene of await scenesFor(options)) {
      options.signal?.throwIfAborted();
      const probabilities = await windows.of(scene.samples);
      const heard = windowsOf(scene, probabilities);
      const outcomes = RECOGNISERS.map((arm) => [arm.name, overlapOutcome(scene, heard, hear(scene, arm))]);
      judged.push({
        clip: scene.clip,
        outcomes: Object.fromEntries(outcomes),
        voiceReachedMs: voiceReachedMs(scene, probabilities, VAD_DURATIONS_MS),
      });
    }
  } finally {
    await windows.save();
  }
  return judged;
}

/** The scenes that are judged, the same ones for the same recordings and seed. */
export async function scenesFor({
  folders,
  seed = 1,
  half = 'held-out',
  scenesPerClass = 300,
}: InterruptionOptions): Promise<OverlapScene[]> {
  const clips = (await loadClips(folders)).filter((clip) => isIn(clip, half));
  return scenesOf(clips, seed, half, scenesPerClass);
}

/** As many variants of each clip as its class and source need, and the agent's echo. */
async function scenesOf(
  clips: readonly OverlapClip[],
  seed: number,
  half: Half,
  wanted: number,
): Promise<OverlapScene[]> {
  const speeches = await speakReplies();
  const groupOf = (clip: OverlapClip) => `${clip.class} ${clip.source}`;
  const counts = new Map<string, number>();
  for (const clip of clips) counts.set(groupOf(clip), (counts.get(groupOf(clip)) ?? 0) + 1);
  const scenes = clips.flatMap((clip) => {
    const variants = Math.min(MAX_VARIANTS, Math.ceil(wanted / (counts.get(groupOf(clip)) ?? 1)));
    return Array.from({ length: variants }, (_, variant) => sceneOf(clip, variant, speeches, seed));
  });
  const echoed = speeches
    .map((speech) => ({ speech, clip: echoClipOf(speech) }))
    .filter(({ clip }) => isIn(clip, half));
  const variants = Math.ceil(wanted / Math.max(1, echoed.length));
  const echoes = echoed.flatMap(({ speech, clip }) =>
    Array.from({ length: variants }, (_, variant) => echoSceneOf(clip, speech, variant, seed)),
  );
  return [...scenes, ...echoes];
}

function echoClipOf({ samples, voice, text, words }: AgentSpeech): OverlapClip {
  return {
    fingerprint: fingerprintOf(samples),
    file: `${voice}: ${text}`,
    ...{ class: 'echo', kind: 'echo', source: 'synthetic', cluster: text },
    ...{ samples, words, startMs: 0 },
  };
}

function isIn(clip: OverlapClip, half: Half): boolean {
  return half === 'all' || halfOf(clip) === half;
}

/** More variants of one recording than this tell nothing new. */
const MAX_VARIANTS = 40;

/** By speaker, or by recording where speakers are not known; does not change with the data. */
export function halfOf({ cluster }: Pick<OverlapClip, 'cluster'>): Exclude<Half, 'all'> {
  return seededRandom('half', cluster)() < 0.5 ? 'tuning' : 'held-out';
}

export function summarise(scenes: readonly JudgedScene[], half: Half): InterruptionResult {
  const interruptions = scenes.filter(({ clip }) => clip.class === 'interruption');
  const own = (scene: JudgedScene) => isStopped(scene, MAIN_ARM);
  const recall = rateOf(interruptions, own).rate;
  const equalMs = durationAtRecall(interruptions, recall);
  const vadAt = (voiceMs: number) => ({
    voiceMs,
    recall: rateOf(interruptions, (scene) => isStoppedByVoice(scene, voiceMs)).rate,
    falseStopRate: meanOverHarmless(scenes, (scene) => isStoppedByVoice(scene, voiceMs)),
  });
  const people = scenes.filter(({ clip }) => clip.source === 'human');
  const equalRecall = vadAt(equalMs);
  return {
    recall,
    falseStopRate: meanOverHarmless(scenes, own),
    falseStopRateVadOnly: equalRecall.falseStopRate,
    vadOnly: { equalRecall, stock: vadAt(STOCK_VAD_MS) },
    human: {
      recall: rateOf(
        people.filter(({ clip }) => clip.class === 'interruption'),
        own,
      ),
      falseStopRate: meanOverHarmless(people, own),
      falseStopRateVadOnly: meanOverHarmless(people, (scene) => isStoppedByVoice(scene, equalMs)),
    },
    withoutHumanAudio: OVERLAP_CLASSES.filter((name) => !people.some(({ clip }) => clip.class === name)),
    half,
    arms: Object.fromEntries(RECOGNISERS.map(({ name }) => [name, armFigures(scenes, name)])),
    classes: classFigures(scenes, MAIN_ARM, equalMs),
  };
}

function armFigures(scenes: readonly JudgedScene[], arm: string): ArmFigures {
  const interruptions = scenes.filter(({ clip }) => clip.class === 'interruption');
  const outcomes = interruptions.flatMap((scene) => scene.outcomes[arm] ?? []);
  return {
    recall: rateOf(interruptions, (scene) => isStopped(scene, arm)).rate,
    falseStopRate: meanOverHarmless(scenes, (scene) => isStopped(scene, arm)),
    hushRateOfHarmless: meanOverHarmless(scenes, (scene) => scene.outcomes[arm]?.hushedMs !== undefined),
    verdictTimes: timesOf(outcomes.flatMap(({ verdictMs }) => verdictMs ?? [])),
    hushTimes: timesOf(outcomes.flatMap(({ hushedMs }) => hushedMs ?? [])),
  };
}
