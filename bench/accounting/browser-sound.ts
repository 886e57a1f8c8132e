/** What the page's microphone said, found in what the bench's ear in the page heard; and the page's clock. Pure. */
import type { FollowedSound } from '../interruptions/followed-sound.js';
import { percentile } from '../statistics.js';

/** An instant on the page's clock, asked for and told on the bench's; ms. */
export interface ClockReading {
  readonly askedAtMs: number;
  readonly pageMs: number;
  readonly toldAtMs: number;
}

/** Something said that was found in what was heard. */
export interface FoundSpeech {
  readonly fromMs: number;
  readonly endedAtMs: number;
  /** As it was heard, from its first sound to its end. */
  readonly levelsDbfs: readonly number[];
  /** How much of its end was not within 30 dB of its loudest moment any more, apart from what gain control did; in ms. */
  readonly swallowedMs: number;
}

/** Speech is what lies within this many dB of its loudest moment (docs/sources.md). */
const SPEECH_RANGE_DB = 30;
/** Nothing below this is speech, in dBFS: what a microphone without any leaves is digital silence. */
const FLOOR_DBFS = -60;
/** How much sooner and later than expected something said is looked for, in ms. */
const EARLY_MS = 300;
const LATE_MS = 2_000;
/** By how much gain control may change within a recording, in dB. */
const GAIN_RANGE_DB = 15;
/** Mean difference of levels up to which two are of one recording, in dB: up to 2 where they are, 7 and more where they are not. */
const ALIKE_DB = 4;

/**
 * How far the bench's clock is ahead of the page's, by the reading whose way there and back was the shortest.
 * @returns undefined of no readings. `exactToMs`: the error is at most this, however the two ways share the time.
 */
export function clockOffset(readings: readonly ClockReading[]): { offsetMs: number; exactToMs: number } | undefined {
  const wayMs = ({ askedAtMs, toldAtMs }: ClockReading): number => toldAtMs - askedAtMs;
  const [best] = readings.toSorted((one, other) => wayMs(one) - wayMs(other));
  if (best === undefined) return undefined;
  return { offsetMs: (best.askedAtMs + best.toldAtMs) / 2 - best.pageMs, exactToMs: wayMs(best) / 2 };
}

/**
 * Finds a recording in what the page's microphone heard, by its levels. Echo canceller, noise suppression and gain control stand
 * before that and change how loud it is, but not when: Chromium's gain control begins with 12 dB and takes them back during the
 * first seconds that it hears speech, so that a first recording is told by its levels within each second.
 * @param levelsDbfs - The recording from its first sound to its end of speech.
 * @param expectedAtMs - Instant of its first sound, by the plan.
 * @returns undefined when it is not there.
 */
export function findSaid(
  { windows, windowMs }: FollowedSound,
  levelsDbfs: readonly number[],
  expectedAtMs: number,
): FoundSpeech | undefined {
  const said = belowPeak(levelsDbfs, SPEECH_RANGE_DB);
  const heard = windows.map(({ levelDb }) => levelDb);
  const secondWindows = Math.round(1_000 / windowMs);
  let best: { readonly start: number; readonly distance: number; readonly levels: readonly number[] } | undefined;
  for (const [start, { atMs }] of windows.entries()) {
    if (atMs < expectedAtMs - EARLY_MS || atMs > expectedAtMs + LATE_MS) continue;
    if (start + said.length > heard.length) break;
    const levels = withoutGain(heard.slice(start, start + said.length), said, secondWindows);
    const distance = levels.reduce((sum, level, index) => sum + Math.abs(level - (said[index] ?? 0)), 0) / said.length;
    if (best === undefined || distance < best.distance) best = { start, distance, levels };
  }
  const first = best && windows[best.start];
  if (best === undefined || first === undefined || best.distance > ALIKE_DB) return undefined;
  const last = best.levels.findLastIndex((level) => level > -SPEECH_RANGE_DB);
  return {
    fromMs: first.atMs,
    endedAtMs: first.atMs + said.length * windowMs,
    levelsDbfs: heard.slice(best.start, best.start + said.length),
    swallowedMs: (said.length - 1 - last) * windowMs,
  };
}

/** Levels from 0, the loudest, to minus a range. */
function belowPeak(levelsDbfs: readonly number[], rangeDb: number): number[] {
  const peak = levelsDbfs.reduce((loudest, level) => Math.max(loudest, level), FLOOR_DBFS);
  return levelsDbfs.map((level) => Math.max(level - peak, -rangeDb));
}

/** Levels below the recording's peak, as they would be had what was said in each second become louder or softer by nothing. */
function withoutGain(levelsDbfs: readonly number[], said: readonly number[], secondWindows: number): number[] {
  const heard = belowPeak(levelsDbfs, SPEECH_RANGE_DB + GAIN_RANGE_DB);
  return said.flatMap((_, start) => {
    if (start % secondWindows > 0) return [];
    const second = heard.slice(start, start + secondWindows);
    const gains = second.flatMap((level, index) => {
      const asSaid = said[start + index] ?? -SPEECH_RANGE_DB;
      return asSaid > -SPEECH_RANGE_DB ? level - asSaid : [];
    });
    const gainDb = Math.min(GAIN_RANGE_DB, Math.max(-GAIN_RANGE_DB, percentile(gains, 0.5) ?? 0));
    return second.map((level) => Math.max(level - gainDb, -SPEECH_RANGE_DB));
  });
}
