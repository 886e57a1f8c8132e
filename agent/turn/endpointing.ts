import { breaksOff } from './completeness.js';

/** Bounds of the wait, in ms of silence; see `config/profiles.ts`, which holds them per profile. */
export interface EndpointingBounds {
  readonly minSilenceMs: number;
  readonly maxSilenceMs: number;
  readonly unscoredSilenceMs: number;
}

export interface EndpointingEvidence {
  /** v1-mini's scores in this pause, each 0 to 1, oldest first; empty when none came. */
  readonly scores: readonly number[];
  readonly text: string;
  readonly language: string;
}

/** Score at and below which nothing speaks for an end. v1-mini gives natural mid-sentence pauses 0.02 to 0.1. */
const NO_EVIDENCE = 0.05;
/** Score from which the end is as good as sure; its English operating threshold of 0.36 lies in the middle of the curve. */
const SURE = 0.6;
/** Silence to allow for at least, as a share of the longest, when the last word calls for another. */
const BROKEN_OFF_SHARE = 0.65;

/**
 * How much silence commits the turn: graded, falling with the evidence that the caller has finished.
 * @returns Silence in ms since the last voiced window, within the bounds whatever the evidence is.
 */
export function silenceBeforeCommitMs(evidence: EndpointingEvidence, bounds: EndpointingBounds): number {
  const { minSilenceMs, maxSilenceMs, unscoredSilenceMs } = bounds;
  const scores = evidence.scores.filter((score) => score >= 0 && score <= 1);
  // One score alone is noisy (0.81, 0.38, 0.44 within one pause were seen), so that the latest never decides by itself.
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const certainty = Math.sqrt(Math.min(1, Math.max(0, (mean - NO_EVIDENCE) / (SURE - NO_EVIDENCE))));
  const byScore = scores.length === 0 ? unscoredSilenceMs : maxSilenceMs - (maxSilenceMs - minSilenceMs) * certainty;
  const byText = breaksOff(evidence.text, evidence.language) ? maxSilenceMs * BROKEN_OFF_SHARE : minSilenceMs;
  return Math.min(maxSilenceMs, Math.max(minSilenceMs, byScore, byText));
}
