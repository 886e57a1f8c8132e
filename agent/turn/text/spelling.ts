/** Names spelled letter by letter: "smith s m i t h". */
import type { Question } from '../question.js';
import type { ReadOut } from './read-outs.js';

const LETTER = /^(?:[b-hj-np-z]|double)$/;
/** Letters that are words as well; one of them alone is no spelling. */
const LETTER_OR_WORD = /^[aio]$/;
const CUE = /^(?:spell|spelled|spelt|spelling|letters?|initials?)$/;

/** Reads the letters that a text ends with; undefined when it ends otherwise. */
export function readSpelling(tokens: readonly string[], question: Question): ReadOut | undefined {
  const end = tokens.slice(-4).join(' ');
  if (/(?:^| )(?:[a-z] (?:as in|for|like))$/.test(end)) return { unfinished: 1, complete: 0 };
  if (/(?:^| )[a-z] as in \S+$/.test(end)) return { unfinished: 0.6, complete: 0 };
  const letterAt = tokens.findLastIndex((token) => !LETTER.test(token) && !LETTER_OR_WORD.test(token)) + 1;
  const letters = tokens.slice(letterAt);
  const before = tokens.slice(0, letterAt);
  const isCued = question === 'name' || question === 'email' || before.some((token) => CUE.test(token));
  if (!letters.some((token) => LETTER.test(token)) || (letters.length < 2 && !isCued)) return undefined;
  if (letters.at(-1) === 'double') return { unfinished: 1, complete: 0 };
  const spelt = letters.map((letter, at) => (letter === 'double' ? (letters[at + 1] ?? '') : letter)).join('');
  // Whoever says the name first and then spells it, ends where the name ends.
  const name = before.findLast(
    (token) => token.length > 1 && token.startsWith(spelt.slice(0, 1)) && sharesStart(token, spelt),
  );
  if (name === spelt) return { unfinished: 0, complete: 1 };
  if (name !== undefined) return { unfinished: 1, complete: 0 };
  return { unfinished: letters.length < 3 ? 0.8 : 0.5, complete: letters.length < 4 ? 0 : 0.3 };
}

/** A name that is as yet spelled in part; its spelling may differ from what the recogniser wrote, but not in its first half. */
function sharesStart(name: string, spelt: string): boolean {
  return name.startsWith(spelt);
}
