/** An opening or a filler is no answer: where in the sound the reply itself begins, and how long it was quiet before. Pure. */
import { z } from 'zod';
import type { TurnDocument } from '../../wire/turn.js';
import { AUDIBLE_DBFS } from '../caller/sound-detector.js';
import { HEARD_WINDOW_MS, type HeardWindow } from '../interruptions/heard-levels.js';

/** How far the sound is looked at beyond where the worker says that the answer began, in ms. */
const BEYOND_MS = 150;

/** Of the turn document, what only turns with something before their answer have. */
const Instants = z.object({
  playoutStartedAtMs: z.number(),
  answerStartedAtMs: z.number(),
  openingMs: z.number().optional(),
});

export interface Parted {
  /** First sound to first sound of the answer, in ms. */
  readonly answerAfterMs: number;
  /** Between the two as the worker played them, in ms; absent when it does not tell how long the opening is. */
  readonly gapMs?: number;
}

/** @returns undefined for a turn that began with its answer. */
export function partedBy({ instants }: Pick<TurnDocument, 'instants'>): Parted | undefined {
  const parsed = Instants.safeParse(instants);
  if (!parsed.success) return undefined;
  const { playoutStartedAtMs, answerStartedAtMs, openingMs } = parsed.data;
  const answerAfterMs = answerStartedAtMs - playoutStartedAtMs;
  if (answerAfterMs <= 0) return undefined;
  return { answerAfterMs, ...(openingMs !== undefined && { gapMs: Math.max(0, answerAfterMs - openingMs) }) };
}

/**
 * The longest quiet from the first sound to the answer's, in the caller's ear.
 * @param firstAtMs - The first sound, on the clock of the windows.
 * @returns In ms; undefined when nobody listened.
 */
export function heardGapMs(
  windows: readonly HeardWindow[],
  firstAtMs: number,
  { answerAfterMs }: Parted,
): number | undefined {
  const untilMs = firstAtMs + answerAfterMs + BEYOND_MS;
  const between = windows.filter(({ atMs }) => atMs >= firstAtMs && atMs < untilMs);
  if (between.length === 0) return undefined;
  let [longest, quiet] = [0, 0];
  for (const { levelDb } of between) {
    quiet = levelDb < AUDIBLE_DBFS ? quiet + 1 : 0;
    longest = Math.max(longest, quiet);
  }
  return longest * HEARD_WINDOW_MS;
}
