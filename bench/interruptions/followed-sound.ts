/** Sound that an ear took in piece by piece, with the instant of every window of it. Pure. */
import type { HeardWindow } from './heard-levels.js';

/** A track as an ear had it: a page's, or a program's. */
export interface TappedSound {
  readonly sampleRateHz: number;
  /** Samples a window. */
  readonly windowFrames: number;
  /** Samples before each piece, and when the ear had it, in ms on its own clock. */
  readonly pieces: readonly (readonly [before: number, arrivedAtMs: number])[];
  /** Of each window. */
  readonly levelsDbfs: readonly number[];
}

/** The same on the bench's clock, with an instant for each window. */
export interface FollowedSound {
  readonly windows: readonly HeardWindow[];
  readonly windowMs: number;
}

/**
 * Arrivals this far before and after count for the instant of a sample, in ms: longer than a page's thread is busy at a time;
 * and where a microphone skipped time, what lies further off is told rightly again.
 */
const ANCHOR_MS = 1_000;
/** More than that, in ms. */
const SLIP_MARGIN_MS = ANCHOR_MS + 200;

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
