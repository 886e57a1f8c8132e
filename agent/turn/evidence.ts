/** Everything that speaks for or against the end of a turn, as bounded numbers: what the wait is weighed from. */
import { readText, type TextEvidence } from './completeness.js';
import type { Question } from './question.js';
import { type HeardWindow, type RecentSound, semitones } from './recent-sound.js';
import { habitMs, type SpeakerHabits } from './speaker.js';
import type { HeardWord } from './words.js';

/** What the sound tells; each is 0 where nothing is known. */
export interface SoundEvidence {
  /** Logit of v1-mini's mean score in this pause, -3 to 3. */
  readonly turnModel: number;
  /** 1 without any score. */
  readonly unscored: number;
  /** Silero's mean probability since the last voiced window, in tenths, 0 to 3: breath, noise, or a soft voice. */
  readonly vadLevel: number;
  /** How far Silero's probability had fallen over the last windows of voice, 0 to 1: a voice that fades. */
  readonly vadFade: number;
  /** How far the voice's last 100 ms lay below its loudness, in 10 dB, 0 to 3. */
  readonly volumeDrop: number;
  /** Level over the last 500 ms of voice, in 30 dB a second, -2 to 2; negative when it fell. */
  readonly volumeSlope: number;
  /** How far the last pitch lay below the usual one, in 4 semitones, -2 to 2. */
  readonly pitchDrop: number;
  /** Pitch over the last 500 ms of voice, in 10 semitones a second, -2 to 2; negative when it fell. */
  readonly pitchSlope: number;
  /** Voice so far, 0 (none) to 1 (5 s and more), by its logarithm: the longer, the likelier all is said. */
  readonly voiceSoFar: number;
  /** 1 when the last stretch of voice was shorter than 250 ms. */
  readonly shortStretch: number;
}

/** What the words tell beside {@link TextEvidence}: how long they have been the same. */
export interface WordTiming {
  /** Since the words last changed, 0 to 1 at 500 ms. */
  readonly stability: number;
}

/** What was asked before. */
export interface AskedEvidence {
  /** 1 when a number, name, date, address, phone number or e-mail address was asked for. */
  readonly askedReadOut: number;
  /** 1 when yes or no, or one of a few, was asked for. */
  readonly askedShort: number;
}

export type Evidence = SoundEvidence & TextEvidence & WordTiming & AskedEvidence;
export type EvidenceName = keyof Evidence;

export interface PauseFacts {
  readonly sound: RecentSound;
  /** End of the last window with voice. */
  readonly lastVoicedAtMs: number;
  /** Voice in the whole turn, and in its last stretch, in ms. */
  readonly voicedMs: number;
  readonly stretchMs: number;
  /** v1-mini's scores of this pause, oldest first. */
  readonly scores: readonly number[];
  readonly words: readonly HeardWord[];
  /** When the words last changed. */
  readonly wordsChangedAtMs: number | undefined;
  readonly language: string;
  readonly question: Question;
}

/** Silero's probability from which a window belongs to the voice. */
const VOICED = 0.35;
/** Over how much of the voice slopes are taken, in ms. */
const SLOPE_MS = 500;
/** The voice's end, in ms. */
const LAST_MS = 100;
const READ_OUTS: ReadonlySet<Question> = new Set(['name', 'number', 'phone', 'date', 'email', 'address']);
const SHORT_ANSWERS: ReadonlySet<Question> = new Set(['yesno', 'choice']);

/** Weighs nothing, only reads; every value is finite whatever came in. */
export function readEvidence(facts: PauseFacts, atMs: number): Evidence {
  const { words, language, question, wordsChangedAtMs } = facts;
  const text = readText(words, language, question);
  return {
    ...readSound(facts),
    ...text,
    stability: wordsChangedAtMs === undefined ? 0 : within((atMs - wordsChangedAtMs) / 500, 0, 1),
    askedReadOut: READ_OUTS.has(question) ? 1 : 0,
    askedShort: SHORT_ANSWERS.has(question) ? 1 : 0,
  };
}

function readSound({ sound, lastVoicedAtMs, voicedMs, stretchMs, scores }: PauseFacts): SoundEvidence {
  const voice = sound.windows.filter(({ atMs, probability }) => atMs <= lastVoicedAtMs && probability >= VOICED);
  const silence = sound.windows.filter(({ atMs }) => atMs > lastVoicedAtMs);
  const recent = voice.filter(({ atMs }) => atMs > lastVoicedAtMs - SLOPE_MS);
  const last = voice.filter(({ atMs }) => atMs > lastVoicedAtMs - LAST_MS);
  const lastDb = mean(levels(last));
  const lastPitch = mean(pitches(voice.filter(({ atMs }) => atMs > lastVoicedAtMs - 2 * LAST_MS)));
  const levelSlope = slopePerS(recent, (window) => window.levelDb);
  const pitchSlope = slopePerS(recent, ({ pitchHz }) => (pitchHz === undefined ? undefined : semitones(pitchHz)));
  return {
    turnModel: scores.length === 0 ? 0 : logit(mean(scores) ?? 0.5),
    unscored: scores.length === 0 ? 1 : 0,
    vadLevel: within((mean(silence.map(({ probability }) => probability)) ?? 0) * 10, 0, 3),
    vadFade: within(1 - (mean(last.map(({ probability }) => probability)) ?? 1), 0, 1),
    volumeDrop: within(((sound.loudDb ?? 0) - (lastDb ?? sound.loudDb ?? 0)) / 10, 0, 3),
    volumeSlope: within((levelSlope ?? 0) / 30, -2, 2),
    pitchDrop: within(((sound.usualPitch ?? 0) - (lastPitch ?? sound.usualPitch ?? 0)) / 4, -2, 2),
    pitchSlope: within((pitchSlope ?? 0) / 10, -2, 2),
    voiceSoFar: within(Math.log2(1 + voicedMs / 500) / Math.log2(11), 0, 1),
    shortStretch: stretchMs < 250 ? 1 : 0,
  };
}

/** What the speaker's own habits add, in ms: not fitted, since recordings of single turns hold no habits. */
export function speakerMs(speaker: SpeakerHabits): { readonly ownPauses: number; readonly patience: number } {
  return { ownPauses: habitMs(speaker), patience: speaker.patienceMs };
}

function levels(windows: readonly HeardWindow[]): number[] {
  return windows.flatMap(({ levelDb }) => (levelDb === undefined ? [] : [levelDb]));
}

function pitches(windows: readonly HeardWindow[]): number[] {
  return windows.flatMap(({ pitchHz }) => (pitchHz === undefined ? [] : [semitones(pitchHz)]));
}

/** Least-squares slope over the windows that have a value; `undefined` for fewer than four. */
function slopePerS(
  windows: readonly HeardWindow[],
  read: (window: HeardWindow) => number | undefined,
): number | undefined {
  const points = windows.flatMap((window) => {
    const value = read(window);
    return value === undefined ? [] : [{ s: window.atMs / 1_000, value }];
  });
  if (points.length < 4) return undefined;
  const meanS = points.reduce((sum, { s }) => sum + s, 0) / points.length;
  const meanValue = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  const spread = points.reduce((sum, { s }) => sum + (s - meanS) ** 2, 0);
  const shared = points.reduce((sum, { s, value }) => sum + (s - meanS) * (value - meanValue), 0);
  return spread > 0 ? shared / spread : undefined;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function logit(probability: number): number {
  return within(Math.log(probability / (1 - probability)), -3, 3);
}

/** @returns `min` to `max`; 0, or the bound next to it, for what is no number. */
function within(value: number, min: number, max: number): number {
  if (Number.isNaN(value)) return Math.min(max, Math.max(min, 0));
  return Math.min(max, Math.max(min, value));
}
