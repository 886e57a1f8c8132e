/** What is asked for as a silence grows: the recogniser's finals once, the turn model's score a few times. */

import type { ListenerAction } from './listener-forms.js';
import type { Listener } from './listener-state.js';
import type { OpenTurn } from './open-turn.js';

/** Silence at which the recogniser is asked for its finals, in ms: shorter ones are closures of plosives and hesitations. */
export const FINALIZE_SILENCE_MS = 128;
/**
 * Silences at which the turn model is asked, in ms: the first so that its answer is there when the shortest wait ends, the
 * others as the silence grows, since one score alone is noisy (0.81, 0.38, 0.44 within one pause were seen).
 */
export const SCORE_SILENCES_MS = [96, 224, 448, 800] as const;
export interface AskedStep {
  readonly listener: Listener;
  readonly turn: OpenTurn;
  readonly actions: readonly ListenerAction[];
}

export function askToFinalize(listener: Listener, turn: OpenTurn, atMs: number, silenceMs: number): AskedStep {
  if (silenceMs < FINALIZE_SILENCE_MS || turn.finalizeAskedAtMs !== undefined) return { listener, turn, actions: [] };
  const asked = { ...turn, finalizeAskedAtMs: atMs };
  const unansweredFinalizes = listener.unansweredFinalizes + 1;
  return { listener: { ...listener, turn: asked, unansweredFinalizes }, turn: asked, actions: [{ kind: 'finalize' }] };
}

export function askForScore(listener: Listener, turn: OpenTurn, silenceMs: number): AskedStep {
  const dueMs = SCORE_SILENCES_MS[turn.scoresAsked];
  if (dueMs === undefined || silenceMs < dueMs) return { listener, turn, actions: [] };
  const asked = { ...turn, scoresAsked: turn.scoresAsked + 1 };
  const pauseAtMs = listener.voice.lastVoicedAtMs ?? turn.startedAtMs;
  return { listener: { ...listener, turn: asked }, turn: asked, actions: [{ kind: 'score', pauseAtMs }] };
}
