/**
 * How long to go on waiting in silence: each piece of evidence adds or takes some ms, and the profile bounds the sum. Linear
 * in the evidence, hence monotone in each piece of it, and explainable: the record of a wait is its sum.
 *
 * Why linear: with pauses whose lengths fall off exponentially, the silence at which the odds that a turn is over reach a given
 * level is linear in the log odds that the evidence gives, and those a logistic model takes linear in the evidence.
 */
import type { Evidence, EvidenceName } from './evidence.js';

/** Bounds of the wait, in ms of silence; `config/profiles.ts` holds them per profile. */
export interface WaitBounds {
  readonly minSilenceMs: number;
  readonly maxSilenceMs: number;
}

/** What one unit of each piece of evidence adds to the wait, in ms; evidence that is not named adds nothing. */
export interface WaitWeights {
  readonly baseMs: number;
  readonly perUnitMs: Readonly<Partial<Record<EvidenceName, number>>>;
}

/** Fitted apart, since what the sound is worth depends on whether there are words beside it. */
export interface PolicyWeights {
  /** For English with words understood. */
  readonly withText: WaitWeights;
  /** For other languages, and where no word was understood. */
  readonly withoutText: WaitWeights;
}

/** Which evidence led to which wait: what a turn's document carries. */
export interface WaitRecord {
  /** Silence that was waited for, in ms. */
  readonly waitMs: number;
  /** Silence there had been by then, in ms; above `waitMs` where the recogniser's words came later. */
  readonly silenceMs: number;
  /** What each piece of evidence added, in ms, by its name; `base` and `profile` are the start, `bounds` what the bounds changed. */
  readonly contributions: Readonly<Record<string, number>>;
  /** The turn model's scores of the pause, oldest first. */
  readonly scores: readonly number[];
}

export interface Wait {
  readonly waitMs: number;
  readonly contributions: Readonly<Record<string, number>>;
}

/** Words count where they are understood and their language is known. */
export function weightsFor({ hasWords }: Evidence, language: string, weights: PolicyWeights): WaitWeights {
  return hasWords > 0 && /^en\b/i.test(language) ? weights.withText : weights.withoutText;
}

/**
 * @param extraMs - What is known beside the fitted evidence (the profile's own patience, the speaker's), in ms by name.
 * @returns A wait within the bounds, whatever the evidence is.
 */
export function weigh(
  evidence: Evidence,
  { baseMs, perUnitMs }: WaitWeights,
  bounds: WaitBounds,
  extraMs: Readonly<Record<string, number>> = {},
): Wait {
  const contributions: Record<string, number> = { base: baseMs };
  for (const [name, ms] of Object.entries(extraMs)) {
    if (Number.isFinite(ms) && ms !== 0) contributions[name] = ms;
  }
  for (const [name, perUnit] of Object.entries(perUnitMs)) {
    const ms = (perUnit ?? 0) * evidence[name as EvidenceName];
    if (Number.isFinite(ms) && ms !== 0) contributions[name] = ms;
  }
  const sumMs = Object.values(contributions).reduce((sum, ms) => sum + ms, 0);
  const waitMs = Math.min(bounds.maxSilenceMs, Math.max(bounds.minSilenceMs, sumMs));
  if (waitMs !== sumMs) contributions.bounds = waitMs - sumMs;
  return { waitMs, contributions };
}
