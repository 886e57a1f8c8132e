/**
 * The end of speech of docs/sources.md in sound as an ear recorded it: the last 10 ms within 30 dB of the loudest. It knows of the
 * recording that was said only where to look, and nothing of the page's meter (`web-client/call/heard-meter.ts`), with which it
 * shares no code. Pure.
 *
 * The loudest are the loudest 10 ms of this utterance as this ear has them, between the recording's aligned beginning and its
 * aligned end: no other utterance's, and no click's before or after it. Gain control stands before that, and is not taken back:
 * Chromium's begins with 12 dB too much and takes them back during the first speech, so that the end of a first utterance is
 * measured against a beginning that came too loud, and what lies below the 30 dB only for that is no speech here.
 *
 * What was suppressed before this ear is not in its recording, whatever a person said: it ends sooner here. And a stop's release
 * and a click within {@link GAP_MS} of the voice are the same by their levels: both belong to it.
 */
import type { FollowedSound } from '../interruptions/followed-sound.js';

/** Speech is what lies within this many dB of its loudest window, in windows of so many ms (docs/sources.md). */
const SPEECH_RANGE_DB = 30;
const RULE_WINDOW_MS = 10;
/** Quiet that parts a later sound from the voice, in ms: longer than the stop of a consonant, as for the callers of the benches. */
const GAP_MS = 200;
/**
 * Parted by that, after the recording's aligned end, and shorter, in ms, it is a click: half of the stretch by which voices are
 * told (`truth.ts`).
 */
const VOICE_MS = 30;
/** Where the ear's own noise is taken, in ms before the utterance: near it, and before a breath that begins it. */
const NOISE_FROM_MS = 600;
const NOISE_UNTIL_MS = 100;
/** Digital silence, in dBFS. */
const SILENCE_DB = -120;

/** Where an utterance lies in what an ear recorded, on that ear's clock. */
export interface Utterance {
  /** First sound and end of what was said, by alignment; the rule takes from them what is to be looked at, and no end. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** First sound of the answer: nothing is looked for from then on. */
  readonly answeredAtMs: number;
}

/** A window of the rule's. */
interface Window {
  readonly fromMs: number;
  readonly levelDb: number;
}

/** @returns undefined where nothing was heard, or where noise before it lies within the 30 dB, so that the rule finds no end. */
export function ownEndMs(sound: FollowedSound, { fromMs, untilMs, answeredAtMs }: Utterance): number | undefined {
  const windows = ruleWindows(sound, fromMs, answeredAtMs);
  const peakDb = windows.reduce(
    (loudest, window) => (window.fromMs < untilMs ? Math.max(loudest, window.levelDb) : loudest),
    SILENCE_DB,
  );
  const leastDb = peakDb - SPEECH_RANGE_DB;
  if (noiseDb(sound, fromMs) >= leastDb) return undefined;
  const stretches: { readonly fromMs: number; untilMs: number; soundingMs: number }[] = [];
  for (const window of windows) {
    if (window.levelDb < leastDb) continue;
    const last = stretches.at(-1);
    const windowUntilMs = window.fromMs + RULE_WINDOW_MS;
    if (last === undefined || window.fromMs - last.untilMs >= GAP_MS) {
      stretches.push({ fromMs: window.fromMs, untilMs: windowUntilMs, soundingMs: RULE_WINDOW_MS });
    } else {
      last.untilMs = windowUntilMs;
      last.soundingMs += RULE_WINDOW_MS;
    }
  }
  return stretches.findLast((stretch) => stretch.fromMs < untilMs || stretch.soundingMs >= VOICE_MS)?.untilMs;
}

/** Whole windows between two instants, counted from the first of them on. */
function ruleWindows({ windows, windowMs }: FollowedSound, fromMs: number, untilMs: number): Window[] {
  const each = Math.round(RULE_WINDOW_MS / windowMs);
  const from = windows.findIndex(({ atMs }) => atMs >= fromMs - windowMs / 2);
  if (from < 0) return [];
  const after = windows.findIndex(({ atMs }) => atMs + windowMs > untilMs + windowMs / 2);
  const heard = windows.slice(from, after < 0 ? windows.length : after);
  return Array.from({ length: Math.floor(heard.length / each) }, (_, index) => {
    const parts = heard.slice(index * each, (index + 1) * each);
    return { fromMs: parts[0]?.atMs ?? Number.NaN, levelDb: meanDb(parts.map(({ levelDb }) => levelDb)) };
  });
}

/** Median level before the utterance: a click or a breath there is none of the noise. */
function noiseDb(sound: FollowedSound, fromMs: number): number {
  const levels = ruleWindows(sound, fromMs - NOISE_FROM_MS, fromMs - NOISE_UNTIL_MS).map(({ levelDb }) => levelDb);
  return levels.toSorted((one, other) => one - other)[Math.floor(levels.length / 2)] ?? SILENCE_DB;
}

/** Level of windows of equal length together, by their power. */
function meanDb(levelsDb: readonly number[]): number {
  const power = levelsDb.reduce((sum, levelDb) => sum + 10 ** (levelDb / 10), 0) / levelsDb.length;
  return Math.max(SILENCE_DB, 10 * Math.log10(power));
}
