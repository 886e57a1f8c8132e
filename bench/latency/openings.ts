/** An opening is no answer: where in the sound the reply itself begins, and how long it was quiet between the two. Pure. */
import { z } from 'zod';
import type { TurnDocument } from '../../wire/turn.js';
import { AUDIBLE_DBFS } from '../caller/sound-detector.js';
import type { HeardWindow } from '../interruptions/heard-levels.js';
import { HEARD_WINDOW_MS } from '../interruptions/heard-levels.js';

/** How far the sound is looked at around where the worker says the two meet, in ms. */
const AROUND_MS = 150;

/** Of the turn document, what only turns with an opening have. */
const WithOpening = z.object({
  playoutStartedAtMs: z.number(),
  answerStartedAtMs: z.number(),
  openingMs: z.number().optional(),
});

export interface Parted {
  /** First sound of the opening to first sound of the answer, in ms. */
  readonly answerAfterMs: number;
  /** Sound of the opening, in ms; absent when the worker does not tell. */
  readonly openingMs?: number;
  /** Between the two as the worker played them, in ms. */
  readonly gapMs?: number;
}

/** @returns undefined for a turn without an opening. */
export function partedBy({ instants }: Pick<TurnDocument, 'instants'>): Parted | undefined {
  const parsed = WithOpening.safeParse(instants);
  if (!parsed.success) return undefined;
  const { playoutStartedAtMs, answerStartedAtMs, openingMs } = parsed.data;
  const answerAfterMs = answerStartedAtMs - playoutStartedAtMs;
  if (answerAfterMs <= 0) return undefined;
  if (openingMs === undefined) return { answerAfterMs };
  return { answerAfterMs, openingMs, gapMs: Math.max(0, answerAfterMs - openingMs) };
}

/**
 * The longest quiet where opening and answer meet, in the caller's ear.
 * @param firstAtMs - The first sound, on the clock of the windows.
 * @returns In ms; undefined when nothing was heard there, or nobody knows where that is.
 */
export function heardGapMs(
  windows: readonly HeardWindow[],
  firstAtMs: number,
  { answerAfterMs, openingMs }: Parted,
): number | undefined {
  if (openingMs === undefined) return undefined;
  const fromMs = firstAtMs + openingMs - AROUND_MS;
  const toMs = firstAtMs + Math.max(answerAfterMs, openingMs) + AROUND_MS;
  const around = windows.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  if (around.length === 0) return undefined;
  let [longest, quiet] = [0, 0];
  for (const { levelDb } of around) {
    quiet = levelDb < AUDIBLE_DBFS ? quiet + 1 : 0;
    longest = Math.max(longest, quiet);
  }
  return longest * HEARD_WINDOW_MS;
}
