/** What the bench's ear in a page heard, on the bench's own clock. Pure. */
import type { HeardWindow } from '../interruptions/heard-levels.js';

/** An instant on the page's clock, asked for and told on the bench's; ms. */
export interface ClockReading {
  readonly askedAtMs: number;
  readonly pageMs: number;
  readonly toldAtMs: number;
}

/** A track as the page had it. */
export interface TappedSound {
  readonly sampleRateHz: number;
  /** Samples a window. */
  readonly windowFrames: number;
  /** Samples before each piece, and when the page had it, in ms on its own clock. */
  readonly pieces: readonly (readonly [before: number, arrivedAtMs: number])[];
  /** Of each window. */
  readonly levelsDbfs: readonly number[];
}

/** The same on the bench's clock. */
export interface FollowedSound {
  readonly windows: readonly HeardWindow[];
  readonly windowMs: number;
}

/** Something said that was found in what was heard. */
export interface FoundSpeech {
  readonly fromMs: number;
  readonly endedAtMs: number;
  /** As it was heard, from its first sound to its end. */
  readonly levelsDbfs: readonly number[];
  /** How much of its end was not within 30 dB of its loudest moment any more, in ms. */
  readonly swallowedMs: number;
}

/**
 * Arrivals this far before and after count for the instant of a sample, in ms: longer than a page's thread is busy at a time;
 * and where a microphone skipped time, what lies further off is told rightly again.
 */
const ANCHOR_MS = 1_000;
/** More than that, in ms. */
const SLIP_MARGIN_MS = ANCHOR_MS + 200;
/** Speech is what lies within this many dB of its loudest moment (DESIGN 7). */
const SPEECH_RANGE_DB = 30;
/** Nothing below this is speech, in dBFS: what a microphone without any leaves is digital silence. */
const FLOOR_DBFS = -60;
/** How much sooner and later than expected something said is looked for, in ms. */
const EARLY_MS = 300;
const LATE_MS = 2_000;
/** Mean difference of levels up to which two are of one recording, in dB; those of different speech differ by some 8. */
const ALIKE_DB = 5;

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
 * Instants by counting samples, anchored to the lowest arrival delay around each: a thread that was busy shows as lag and moves
 * nothing. As everywhere here a piece is heard from its arrival on.
 */
export function onBenchClock(sound: TappedSound, offsetMs: number): FollowedSound {
  const { sampleRateHz, windowFrames, pieces, levelsDbfs } = sound;
  const msOf = (frames: number): number => (frames / sampleRateHz) * 1_000;
  const delays = pieces.map(([before, arrivedAtMs]) => ({ atMs: msOf(before), delayMs: arrivedAtMs - msOf(before) }));
  const lowest = lowestAround(delays);
  let piece = 0;
  const windows = levelsDbfs.map((levelDb, index): HeardWindow => {
    const frame = index * windowFrames;
    while ((pieces[piece + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= frame) piece += 1;
    return { atMs: offsetMs + (lowest[piece] ?? 0) + msOf(frame), levelDb };
  });
  return { windows, windowMs: msOf(windowFrames) };
}

function lowestAround(delays: readonly { readonly atMs: number; readonly delayMs: number }[]): number[] {
  let from = 0;
  let to = 0;
  return delays.map(({ atMs }) => {
    while ((delays[from]?.atMs ?? atMs) < atMs - ANCHOR_MS) from += 1;
    while ((delays[to]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs + ANCHOR_MS) to += 1;
    return delays.slice(from, to).reduce((least, { delayMs }) => Math.min(least, delayMs), Number.POSITIVE_INFINITY);
  });
}

/**
 * How much time a track skipped or made up for over a stretch, in ms: a fake microphone whose thread came too late says the rest
 * of its file that much later. What was skipped shows in the instants only when the arrivals before it count no more.
 */
export function slipMs({ windows, windowMs }: FollowedSound, fromMs: number, toMs: number): number {
  const [firstMs, lastMs] = [fromMs - SLIP_MARGIN_MS, toMs + SLIP_MARGIN_MS];
  const origins = windows.flatMap(({ atMs }, index) =>
    atMs >= firstMs && atMs < lastMs ? atMs - index * windowMs : [],
  );
  return origins.length === 0 ? 0 : Math.max(...origins) - Math.min(...origins);
}

/**
 * Finds a recording in what the page's microphone heard, by its levels below its own loudest moment: echo canceller, noise
 * suppression and gain control stand before that, and change how loud it is, but not when.
 * @param levelsDbfs - The recording from its first sound to its end of speech.
 * @param expectedAtMs - Instant of its first sound, by the plan.
 * @returns undefined when it is not there.
 */
export function findSaid(
  { windows, windowMs }: FollowedSound,
  levelsDbfs: readonly number[],
  expectedAtMs: number,
): FoundSpeech | undefined {
  const said = belowPeak(levelsDbfs);
  const heard = windows.map(({ levelDb }) => levelDb);
  let best: { readonly start: number; readonly distance: number } | undefined;
  for (const [start, { atMs }] of windows.entries()) {
    if (atMs < expectedAtMs - EARLY_MS || atMs > expectedAtMs + LATE_MS) continue;
    if (start + said.length > heard.length) break;
    const there = belowPeak(heard.slice(start, start + said.length));
    const distance = there.reduce((sum, level, index) => sum + Math.abs(level - (said[index] ?? 0)), 0) / said.length;
    if (best === undefined || distance < best.distance) best = { start, distance };
  }
  const first = best && windows[best.start];
  if (best === undefined || first === undefined || best.distance > ALIKE_DB) return undefined;
  const levels = heard.slice(best.start, best.start + said.length);
  const last = belowPeak(levels).findLastIndex((level) => level > -SPEECH_RANGE_DB);
  return {
    fromMs: first.atMs,
    endedAtMs: first.atMs + said.length * windowMs,
    levelsDbfs: levels,
    swallowedMs: (said.length - 1 - last) * windowMs,
  };
}

/** Levels from 0, the loudest, to minus the range of speech. */
function belowPeak(levelsDbfs: readonly number[]): number[] {
  const peak = levelsDbfs.reduce((loudest, level) => Math.max(loudest, level), FLOOR_DBFS);
  return levelsDbfs.map((level) => Math.max(level - peak, -SPEECH_RANGE_DB));
}
