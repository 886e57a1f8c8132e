/** Where a text is taken up again whose synthesis broke off. Pure. */
import type { TimedWord } from './cartesia-messages.js';

/** Rounding between a word's end and the samples that hold it, in ms. */
const TOLERANCE_MS = 10;
/** How far ahead a word is looked for that is not the next one, in letters: synthesisers say "$4.50" in words of their own. */
const LOOK_AHEAD = 40;
/** Speech where no word has a time, in characters a second: rather slow, so that a word is said twice before one is lost. */
const CHARACTERS_PER_SECOND = 13;
/** Faster than any voice: less sound than this cannot be all of a text. */
const FASTEST_CHARACTERS_PER_SECOND = 25;

const SPEAKABLE = /[\p{L}\p{N}]/u;

/** Whether there is anything in it to say; vendors refuse a text without. */
export function isSpeakable(text: string): boolean {
  return SPEAKABLE.test(text);
}

/** Whether a word that ends there has come whole. */
export function isWhole(endMs: number, receivedMs: number): boolean {
  return endMs <= receivedMs + TOLERANCE_MS;
}

/**
 * @param text - What the synthesiser was given.
 * @param words - Its words with their ends, in ms from the first sample, in their order.
 * @param receivedMs - Sound that came.
 * @returns Where in the text the first word stands that did not come whole: what is before it is not to be said again. In
 * doubt it lies too early.
 */
export function saidUpTo(text: string, words: readonly TimedWord[], receivedMs: number): number {
  if (words.length === 0) return estimate(text, receivedMs);
  const letters = lettersOf(text);
  const { at } = align(letters.letters, words, receivedMs);
  return at === 0 ? 0 : skipMarks(text, letters.endsAt[at - 1] ?? 0);
}

/**
 * Whether a pause after this sound is no sign of trouble: all may have been said, by the words or by the length of the sound.
 * In doubt the answer is yes, where {@link saidUpTo} would say something again.
 */
export function isPerhapsAllSaid(text: string, words: readonly TimedWord[], receivedMs: number): boolean {
  if (words.length === 0) return receivedMs * FASTEST_CHARACTERS_PER_SECOND >= text.length * 1_000;
  const { letters } = lettersOf(text);
  const { at, strangeLetters } = align(letters, words, receivedMs);
  // "four dollars fifty" stands for the rest "$4.50": words of its own are longer than what they say.
  return letters.length - at <= strangeLetters && words.every(({ endMs }) => isWhole(endMs, receivedMs));
}

/** How many of the text's letters the words that came whole have said, and the letters behind these that it does not have. */
function align(
  letters: string,
  words: readonly TimedWord[],
  receivedMs: number,
): { readonly at: number; readonly strangeLetters: number } {
  const spoken = words
    .filter(({ endMs }) => isWhole(endMs, receivedMs))
    .map(({ word }) => lettersOf(word).letters)
    .filter((word) => word !== '');
  let at = 0;
  let strangeLetters = 0;
  for (const [index, word] of spoken.entries()) {
    const found = letters.indexOf(word, at);
    // A leap must be confirmed by the word behind it: "four" of "$4.50" must not be taken for the four that comes later.
    const next = spoken[index + 1];
    const isConfirmed = next !== undefined && letters.startsWith(next, found + word.length);
    if (found === at || (found > at && found - at <= LOOK_AHEAD && isConfirmed)) {
      at = found + word.length;
      strangeLetters = 0;
    } else {
      strangeLetters += word.length;
    }
  }
  return { at, strangeLetters };
}

/** The text's letters and digits in lower case, each with the place in the text behind it. */
function lettersOf(text: string): { readonly letters: string; readonly endsAt: readonly number[] } {
  let letters = '';
  const endsAt: number[] = [];
  let at = 0;
  for (const character of text) {
    at += character.length;
    if (!SPEAKABLE.test(character)) continue;
    const lower = character.toLowerCase();
    letters += lower;
    for (let index = 0; index < lower.length; index += 1) endsAt.push(at);
  }
  return { letters, endsAt };
}

/** The marks behind a word belong to it; the white space behind them to nobody. */
function skipMarks(text: string, from: number): number {
  const marks = /^(?:[。、！？]+|[^\s\p{L}\p{N}]*(?:\s+|$))/u.exec(text.slice(from));
  return from + (marks?.[0].length ?? 0);
}

function estimate(text: string, receivedMs: number): number {
  const characters = Math.floor((receivedMs * CHARACTERS_PER_SECOND) / 1_000);
  if (characters >= text.length) return text.length;
  return text.slice(0, characters).search(/\S*$/u);
}
