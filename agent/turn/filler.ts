/**
 * Whether a caller who waits is told so now, and for how long. A phrase that has begun is said to its end, and the answer waits
 * for it: so none is begun where the answer is due before it would be over, and none is longer than need be. Pure; all in ms.
 */

/** Whatever is expected: who has heard nothing for so long is told to wait (docs/sources.md). */
export const FILLER_LATEST_MS = 2_500;

/** How far an answer is that is waited for; what has not happened is absent. */
export interface AnswerProgress {
  /** The model is asked. */
  readonly askedAtMs?: number | undefined;
  readonly firstTokenAtMs?: number | undefined;
  /** The synthesiser has its first clause. */
  readonly voiceAskedAtMs?: number | undefined;
}

/** What the call's last answers took, oldest first. */
export interface UsualTimes {
  /** From the request to the first token. */
  readonly tokenMs: readonly number[];
  /** From the first token, or from where it was wanted, to the first clause. */
  readonly clauseMs: readonly number[];
  /** From the first clause to the first sound. */
  readonly soundMs: readonly number[];
}

export const NO_TIMES: UsualTimes = Object.freeze({
  tokenMs: Object.freeze([]),
  clauseMs: Object.freeze([]),
  soundMs: Object.freeze([]),
});

/** Enough that one stall among them is no habit, few enough to follow a provider that slows down. */
const KEPT = 20;
/** Three answers of four take no longer; one stall among four is then left out. */
const QUANTILE = 0.75;
/** Before any is known: the model of profile `acceptable`, clauses of three to six words, and a synthesiser with its road. */
const UNKNOWN: Readonly<Record<keyof UsualTimes, number>> = { tokenMs: 400, clauseMs: 100, soundMs: 250 };
/**
 * A sound that is late is not given up at once: a second request, sent when the first is late (`providers/voice-timing.ts`),
 * takes as long again, and is sent so much later than usual.
 */
const SECOND_AFTER_MS = 100;
/** Phrases so much longer than the shortest are as short, that they may vary. */
const AS_SHORT_MS = 250;

/** @param ms - Anything but a finite number that is not negative is ignored. */
export function noteTime(usual: UsualTimes, leg: keyof UsualTimes, ms: number): UsualTimes {
  if (!Number.isFinite(ms) || ms < 0) return usual;
  return { ...usual, [leg]: [...usual[leg], ms].slice(-KEPT) };
}

interface Expected {
  /** When the answer is usually heard that has come so far. */
  readonly dueAtMs: number;
  /** Until when that is believed. */
  readonly untilMs: number;
}

export type FillerDecision =
  /** `restMs`: how long the answer will still take; absent where nothing tells. */
  { readonly kind: 'say'; readonly restMs?: number } | { readonly kind: 'hold'; readonly untilMs: number };

export interface FillerMoment {
  readonly nowMs: number;
  /** Later than this nothing is held back. */
  readonly latestAtMs: number;
  readonly progress: AnswerProgress;
  readonly usual: UsualTimes;
  /** The shortest phrase there is. */
  readonly shortestMs: number;
}

/** To be asked once the caller has waited for as long as the profile lets them, and again when a hold is over. */
export function decideFiller({ nowMs, latestAtMs, progress, usual, shortestMs }: FillerMoment): FillerDecision {
  const { dueAtMs, untilMs } = expected(progress, usual);
  if (nowMs >= untilMs) return { kind: 'say' };
  const restMs = Math.max(0, dueAtMs - nowMs);
  // What is over before the answer is due delays nothing.
  if (nowMs >= latestAtMs || restMs >= shortestMs) return { kind: 'say', restMs };
  return { kind: 'hold', untilMs: Math.min(untilMs, latestAtMs) };
}

/**
 * The phrases that may be said: those that are over when the answer is due, and the shortest ones at any rate. Where nothing
 * tells how long it takes, the shortest alone: should it take long, another follows.
 */
export function fittingFillers<Filler extends { readonly lengthMs: number }>(
  fillers: readonly Filler[],
  restMs = 0,
): Filler[] {
  const shortestMs = Math.min(...fillers.map(({ lengthMs }) => lengthMs));
  return fillers.filter(({ lengthMs }) => lengthMs <= Math.max(restMs, shortestMs + AS_SHORT_MS));
}

/** Goes by the last step that has happened; a first token that is late is waited for without knowing for how long. */
function expected({ askedAtMs, firstTokenAtMs, voiceAskedAtMs }: AnswerProgress, usual: UsualTimes): Expected {
  const [tokenMs, clauseMs, soundMs] = [
    usualMs(usual, 'tokenMs'),
    usualMs(usual, 'clauseMs'),
    usualMs(usual, 'soundMs'),
  ];
  const voiceDueAtMs = voiceAskedAtMs ?? (firstTokenAtMs === undefined ? undefined : firstTokenAtMs + clauseMs);
  if (voiceDueAtMs !== undefined) {
    const dueAtMs = voiceDueAtMs + soundMs;
    return { dueAtMs, untilMs: dueAtMs + soundMs + SECOND_AFTER_MS };
  }
  const tokenDueAtMs = (askedAtMs ?? Number.NEGATIVE_INFINITY) + tokenMs;
  return { dueAtMs: tokenDueAtMs + clauseMs + soundMs, untilMs: tokenDueAtMs };
}

/** Nearest rank. */
function usualMs(usual: UsualTimes, leg: keyof UsualTimes): number {
  const sorted = usual[leg].toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * QUANTILE) - 1] ?? UNKNOWN[leg];
}
