/** How long the present silence of an open turn is waited for: the one question that the worker and the bench both ask. */
import { type PauseFacts, readEvidence, speakerMs } from './evidence.js';
import type { ListenerSettings } from './listener-forms.js';
import type { Listener } from './listener-state.js';
import { type OpenTurn, wordsOf } from './open-turn.js';
import { type Wait, weigh, weightsFor } from './wait.js';

export interface PendingWait extends Wait {
  /** Silence since the last voiced window, in ms. */
  readonly silenceMs: number;
  /** Whether the recogniser has given all words of what was said before the silence. */
  readonly isFinalized: boolean;
}

/** Silence since the turn's last voiced window, in ms; 0 while someone speaks, and where clocks have jumped back. */
export function silenceAt({ voice }: Pick<Listener, 'voice'>, turn: OpenTurn, atMs: number): number {
  return voice.isSpeaking ? 0 : Math.max(0, atMs - (voice.lastVoicedAtMs ?? turn.startedAtMs));
}

/** The facts that an open turn's present pause is judged by. */
export function pauseFacts({ voice, sound, question }: Listener, turn: OpenTurn, language: string): PauseFacts {
  return {
    sound,
    lastVoicedAtMs: voice.lastVoicedAtMs ?? turn.startedAtMs,
    voicedMs: turn.earlierVoicedMs + voice.voicedMs,
    stretchMs: voice.voicedMs,
    scores: turn.scores,
    words: wordsOf(turn),
    wordsChangedAtMs: turn.wordsChangedAtMs,
    language,
    // What an answer goes on from was asked before its first half.
    question: turn.firstHalf?.question ?? question,
  };
}

/** @returns `undefined` while someone speaks, and where no turn is open. */
export function pendingWait(listener: Listener, atMs: number, settings: ListenerSettings): PendingWait | undefined {
  const { turn, voice, speaker } = listener;
  if (turn === undefined || voice.isSpeaking) return undefined;
  const evidence = readEvidence(pauseFacts(listener, turn, settings.language), atMs);
  const weights = weightsFor(evidence, settings.language, settings.weights);
  const wait = weigh(evidence, weights, settings.bounds, { profile: settings.biasMs, ...speakerMs(speaker) });
  return { ...wait, silenceMs: silenceAt(listener, turn, atMs), isFinalized: turn.isFinalized };
}
