/** What is committed of a turn: its own words, or with those of a first half that was answered too early. */
import type { CommittedTurn } from './listener-forms.js';
import { type AnsweredTurn, confidenceOf, type OpenTurn, wordsOf } from './open-turn.js';
import { readOverlapWords } from './overlap-words.js';
import { textOf } from './words.js';

/** A turn's words, behind those of its first half where that was answered too early; a mere "stop" continues nothing. */
export function joined(
  turn: OpenTurn,
  language: string,
): Pick<CommittedTurn, 'text' | 'confidence' | 'speechStartedAtMs' | 'continues' | 'wasPremature'> {
  const text = textOf(wordsOf(turn));
  const { firstHalf } = turn;
  const own = { text, confidence: confidenceOf(turn), speechStartedAtMs: turn.startedAtMs };
  if (firstHalf === undefined || isMereStop(text, language)) return { ...own, continues: false, wasPremature: false };
  // A sound that was taken for words, and taken back: nobody went on, but the answer to the first half was stopped.
  if (text === '') return { ...firstHalfOf(firstHalf), wasPremature: false };
  return {
    text: `${firstHalf.text} ${text}`,
    confidence: Math.min(firstHalf.confidence, own.confidence),
    speechStartedAtMs: firstHalf.startedAtMs,
    continues: true,
    wasPremature: firstHalf.soundedAtMs !== undefined,
  };
}

function firstHalfOf({ text, confidence, startedAtMs }: AnsweredTurn) {
  return { text, confidence, speechStartedAtMs: startedAtMs, continues: true };
}

/** "Stop", "no, wait": at most one word beside it. */
function isMereStop(text: string, language: string): boolean {
  const { stopWord, contentWords } = readOverlapWords(text, language);
  return stopWord !== undefined && contentWords <= 2;
}
