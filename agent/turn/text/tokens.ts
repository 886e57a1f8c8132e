/** The end of what was heard, as plain lower-case tokens: recognisers write "Milk.", "twenty-two", "555-1234", "jane@mail.com". */
import type { HeardWord } from '../words.js';

export interface Tail {
  /** Lower case and without punctuation, the last {@link TAIL_WORDS} at most. */
  readonly tokens: readonly string[];
  /** Punctuation of the recogniser behind the last word, such as "?", or ''. */
  readonly mark: string;
  /** Length of the last word's sound in ms; NaN where its beginning is not known. */
  readonly lastWordMs: number;
}

/** Words to look back on: above the longest read-out (a spelled e-mail address has some 40), so that work is bounded. */
const TAIL_WORDS = 64;
/** Characters of one word that are looked at: above the longest e-mail address anyone reads out. */
const WORD_CHARACTERS = 80;
/** Punctuation behind a word that is looked at. */
const MARK_CHARACTERS = 8;

const MARK = /[.,;:!?…。！？，]+(?=["'”’)\]]*$)/u;
const PLAIN = /^[a-z]+(?:'[a-z]+)?$/;
const HAS_CONTENT = /[\p{L}\p{N}]/u;

/** Reads the end of the words; a word without a letter or a digit counts as punctuation of the word before. */
export function readTail(words: readonly HeardWord[]): Tail {
  const tail = words.slice(-TAIL_WORDS);
  const lastAt = tail.findLastIndex((word) => HAS_CONTENT.test(ending(word.text)));
  const last = tail[lastAt];
  const written = tail.slice(Math.max(0, lastAt)).map((word) => ending(word.text));
  return {
    tokens: tail.flatMap((word) => tokensOf(word.text)).slice(-TAIL_WORDS),
    mark: last === undefined ? '' : (MARK.exec(written.join('').slice(-MARK_CHARACTERS))?.[0] ?? ''),
    lastWordMs: last === undefined ? Number.NaN : last.untilMs - (last.fromMs ?? Number.NaN),
  };
}

const ending = (text: string): string => text.slice(-WORD_CHARACTERS).trim();

/** Cuts text into tokens: lower case, no punctuation, and read-outs in the way they are spoken ("@" is "at"). */
function tokensOf(text: string): string[] {
  const written = ending(text).toLowerCase();
  // Most words are just words, and this runs often.
  if (PLAIN.test(written)) return [written];
  return written
    .split(/\s+/)
    .flatMap((piece) => spoken(piece.replace(/[‘’]/g, "'").replace(/^[^\p{L}\p{N}@+]+|[^\p{L}\p{N}@]+$/gu, '')))
    .filter((token) => token !== '');
}

function spoken(piece: string): string[] {
  if (/^[ap]\.m$/.test(piece)) return [piece.replace('.', '')];
  // "5551234567", "(555)123-4567", "$4.50", "3/14/1985", "5:30": the digits are what counts.
  if (/^\+?\d[\d().:/,-]*$/.test(piece)) return piece.split(/[^\d]+/);
  if (/@|\p{L}\.\p{L}/u.test(piece)) return piece.split(/(@|[._])/).map((part) => WRITTEN[part] ?? part);
  // "twenty-two" and "s-m-i-t-h" are several words, "mm-hm" and "e-mail" are one.
  const parts = piece.split('-');
  if (parts.length > 1 && (parts.every((part) => part.length === 1) || TENS.test(piece))) return parts;
  return [piece];
}

const WRITTEN: Readonly<Record<string, string>> = { '@': 'at', '.': 'dot', _: 'underscore' };
const TENS = /^(?:twen|thir|for|fif|six|seven|eigh|nine)ty-/;
