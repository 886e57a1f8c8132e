/**
 * What a recogniser would have shown, and when: words at its latency, with errors, from labels. The timing is that of the
 * design's scripted recogniser (section 7). Pure.
 */
import { seededRandom } from '../statistics.js';
import type { TimedWord } from './recording.js';

/** From the labelled end of a word to its showing, in ms (preset `fixed`). */
export const WORD_LATENCY_MS = 150;
/** From a request to finalize to its final, in ms, unless a word is still to come. */
export const FINALIZE_LATENCY_MS = 30;

export interface ErrorRates {
  readonly substitution: number;
  readonly deletion: number;
  readonly insertion: number;
}

/** Adds up to 7.5 % word errors: the middle of what is injected by design (5 to 10 %), in the shares that recognisers show. */
export const WORD_ERRORS: ErrorRates = { substitution: 0.045, deletion: 0.02, insertion: 0.01 };

/**
 * Puts errors into a recording's words; the same seed puts the same ones.
 * @param corpus - Words that stand in for others.
 */
export function withErrors(
  words: readonly TimedWord[],
  corpus: readonly string[],
  seed: number,
  rates: ErrorRates = WORD_ERRORS,
): TimedWord[] {
  const random = seededRandom(seed);
  // The generator's first numbers for neighbouring seeds are alike.
  for (let i = 0; i < 3; i += 1) random();
  const anyWord = (): string => corpus[Math.floor(random() * corpus.length)] ?? 'the';
  return words.flatMap((word) => {
    const chance = random();
    if (chance < rates.deletion) return [];
    if (chance < rates.deletion + rates.substitution) return [{ ...word, text: anyWord() }];
    if (chance >= 1 - rates.insertion) return [word, { text: anyWord(), startMs: word.endMs, endMs: word.endMs }];
    return [word];
  });
}

/** When the word is shown as interim. */
export function shownAtMs(word: TimedWord): number {
  return word.endMs + WORD_LATENCY_MS;
}

/** When the final comes that answers a request: with it come all words that had ended by the request. */
export function finalAtMs(words: readonly TimedWord[], askedAtMs: number): number {
  const last = words.findLast((word) => word.endMs <= askedAtMs);
  return Math.max(last === undefined ? 0 : shownAtMs(last), askedAtMs + FINALIZE_LATENCY_MS);
}
