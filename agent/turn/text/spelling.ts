/** Names spelled letter by letter: "smith s m i t h", "b as in boy". */
import type { Question } from '../question.js';
import { BEGUN, type ReadOut, WHOLE } from './read-out.js';

const LETTER = /^[b-hj-np-z]$/;
/** Letters that are words as well (one alone is no spelling), and "double t". */
const LETTER_OR_WORD = /^(?:[aio]|double)$/;
const CUE = /^(?:spell|spelled|spelt|spelling|letters?|initials?)$/;

/** Reads the letters that a text ends with; undefined when it ends otherwise. */
export function readSpelling(tokens: readonly string[], question: Question): ReadOut | undefined {
  const end = tokens.slice(-4).join(' ');
  if (/(?:^| )[a-z] as(?: in)?$/.test(end)) return BEGUN;
  if (/(?:^| )[a-z] as in \S+$/.test(end)) return { unfinished: 0.6, complete: 0 };
  const lettersAt = tokens.findLastIndex((token) => !LETTER.test(token) && !LETTER_OR_WORD.test(token)) + 1;
  const letters = tokens.slice(lettersAt);
  const before = tokens.slice(0, lettersAt);
  const isCued = question === 'name' || before.some((token) => CUE.test(token));
  if (!letters.some((token) => LETTER.test(token)) || (letters.length < 2 && !isCued)) return undefined;
  return letters.at(-1) === 'double' ? BEGUN : compare(letters, before);
}

/** Whoever says the name first and then spells it, ends where the name ends. */
function compare(letters: readonly string[], before: readonly string[]): ReadOut {
  const spelt = letters.map((letter, at) => (letter === 'double' ? (letters[at + 1] ?? '') : letter)).join('');
  const name = before.findLast((token) => token.length > 2 && token.startsWith(spelt));
  if (name !== undefined) return name === spelt ? WHOLE : BEGUN;
  // Names of two letters are rare, of four and more they may end anywhere.
  if (letters.length < 3) return { unfinished: 0.8, complete: 0 };
  return { unfinished: 0.5, complete: letters.length < 4 ? 0 : 0.3 };
}
