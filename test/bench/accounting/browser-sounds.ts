/** Sound as a page and a second participant would have it, made of what was said when. */
import type { TappedSound } from '../../../bench/interruptions/followed-sound.js';

export const WINDOW_MS = 5;
const RATE_HZ = 48_000;
const PIECE_MS = 10;
const QUIET_DBFS = -100;

export interface Sound {
  readonly atMs: number;
  readonly levelsDbfs: readonly number[];
}

/** A recording of so many ms: loud and quiet as syllables are, and another one for another seed. */
export function speech(seed: number, ms: number): number[] {
  return Array.from({ length: ms / WINDOW_MS }, (_, index) => {
    const syllable = Math.floor(index / (17 + seed));
    const isQuiet = index % (17 + seed) > 11 + (seed % 3);
    return isQuiet ? -56 : -18 - ((syllable * (7 + 2 * seed) + index) % 13);
  });
}

/** A voice that never pauses. */
export function voice(ms: number): number[] {
  return Array.from({ length: ms / WINDOW_MS }, () => -20);
}

function levels(lengthMs: number, sounds: readonly Sound[]): number[] {
  const track = new Array<number>(lengthMs / WINDOW_MS).fill(QUIET_DBFS);
  for (const { atMs, levelsDbfs } of sounds) {
    for (const [index, level] of levelsDbfs.entries()) track[Math.round(atMs / WINDOW_MS) + index] = level;
  }
  return track.slice(0, lengthMs / WINDOW_MS);
}

/**
 * The sound of a call as an ear had it, a page's or the second participant's.
 * @param startMs - Arrival of the first piece on the ear's clock.
 * @param lateMs - How late each piece was, by its number; skipped time is lateness that never ends.
 */
export function tapped(
  lengthMs: number,
  sounds: readonly Sound[],
  { startMs = 0, lateMs = () => 0 }: { readonly startMs?: number; readonly lateMs?: (piece: number) => number } = {},
): TappedSound {
  const samples = (RATE_HZ * PIECE_MS) / 1_000;
  return {
    sampleRateHz: RATE_HZ,
    windowFrames: (RATE_HZ * WINDOW_MS) / 1_000,
    pieces: Array.from({ length: lengthMs / PIECE_MS }, (_, piece) => [
      piece * samples,
      startMs + piece * PIECE_MS + lateMs(piece),
    ]),
    levelsDbfs: levels(lengthMs, sounds),
  };
}
