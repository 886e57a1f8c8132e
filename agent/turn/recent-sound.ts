/** The sound of a call lately, as far as the end of a turn can be told from it: bounded, whatever is said for however long. */
import { SILENCE_DB } from './prosody.js';

/** One Silero window, as it was heard. */
export interface HeardWindow {
  readonly atMs: number;
  /** Silero's raw output, 0 to 1. */
  readonly probability: number;
  /** RMS in dBFS; absent where nobody measured it. */
  readonly levelDb?: number;
  /** Absent where the window is unvoiced. */
  readonly pitchHz?: number;
}

export interface RecentSound {
  /** Windows before and in the present pause, oldest first. */
  readonly windows: readonly HeardWindow[];
  /** Loudness of the voice so far in dBFS, leaning to its loud parts; absent before any. */
  readonly loudDb: number | undefined;
  /** The voice's usual pitch, in semitones above 1 Hz; absent before any. */
  readonly usualPitch: number | undefined;
}

export const NO_SOUND: RecentSound = Object.freeze({ windows: [], loudDb: undefined, usualPitch: undefined });

/** Windows kept: 1.3 s, enough for the last 500 ms of voice and the pause in which it is scored. */
const KEPT = 40;
/** Probability from which a window tells about the voice. */
const VOICED = 0.5;
/** Shares by which the turn's loudness follows a louder and a quieter window. */
const RISE = 0.3;
const FALL = 0.03;
/** Share by which the usual pitch follows a window: about a second. */
const PITCH_SHARE = 0.05;

/** Takes one window in; a level or a pitch that is none is dropped. */
export function hearSound(sound: RecentSound, window: HeardWindow): RecentSound {
  const { atMs, probability } = window;
  const levelDb = inRange(window.levelDb, SILENCE_DB, 0);
  const pitchHz = inRange(window.pitchHz, 40, 1_000);
  const heard: HeardWindow = {
    atMs,
    probability: inRange(probability, 0, 1) ?? 0,
    ...(levelDb !== undefined && { levelDb }),
    ...(pitchHz !== undefined && { pitchHz }),
  };
  const windows = [...sound.windows.slice(1 - KEPT), heard];
  if (heard.probability < VOICED) return { ...sound, windows };
  const { loudDb, usualPitch } = sound;
  return {
    windows,
    loudDb: levelDb === undefined ? loudDb : followed(loudDb, levelDb, levelDb > (loudDb ?? levelDb) ? RISE : FALL),
    usualPitch: pitchHz === undefined ? usualPitch : followed(usualPitch, semitones(pitchHz), PITCH_SHARE),
  };
}

/** Semitones above 1 Hz: what is heard as the same step is the same number. */
export function semitones(pitchHz: number): number {
  return 12 * Math.log2(pitchHz);
}

function followed(value: number | undefined, next: number, share: number): number {
  return value === undefined ? next : value + (next - value) * share;
}

function inRange(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
