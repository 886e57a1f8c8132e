/**
 * A reply's opening: a short beginning ("Sure,", "Let me see,") that is spoken while the language model, which is told of it, is
 * still at work on the rest of the sentence. It is left out wherever the rest might not go with it.
 */
import type { Question } from './question.js';
import { spokenWords } from './spoken-words.js';
import { kindOfSaid } from './text/said.js';

/** Beginnings of sentences, each ending with a comma, by what they answer. */
export interface OpeningTable {
  /** Before something that is taken up: "Sure,". */
  readonly request: readonly string[];
  /** Before an answer: "Let me see,". */
  readonly question: readonly string[];
  /** Before either: "Okay,". */
  readonly neutral: readonly string[];
}

export interface OpeningOptions {
  /** BCP 47 tag of what was said; of other languages than English nothing is known, and nothing is begun. */
  readonly language: string;
  readonly table: OpeningTable;
  /** Openings of this call, oldest first: none of the last {@link NOT_AGAIN} is used again. */
  readonly recent: readonly string[];
  /** What the agent asked before. */
  readonly asked: Question;
  /** What can be had here. With these, only a request that names one of them counts as taken up: "a pizza" may be refused. */
  readonly known?: readonly string[];
}

/** Openings that must pass before one is used again. */
const NOT_AGAIN = 2;

/**
 * Chooses how to begin the reply to what was said.
 * @returns An opening of the table; `undefined` where a refusal, a yes or a no may follow, and before anything unsure. The same
 *   words and the same past give the same opening.
 */
export function chooseOpening(said: string, options: OpeningOptions): string | undefined {
  const { language, table, recent, asked, known } = options;
  if (!/^en\b/i.test(language)) return undefined;
  const kind = kindOfSaid(said, asked, known);
  if (kind === undefined) return undefined;
  const last = recent.slice(-NOT_AGAIN);
  const fresh = table[kind].filter((opening) => !last.includes(opening));
  return fresh[hashOf(said) % fresh.length];
}

/** FNV-1a: spreads what was said over the openings without a state. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of spokenWords(text).join(' ')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash;
}

/** What the language model is told of an opening, as the last message before it answers. */
export function openingInstruction(opening: string): string {
  return (
    `You have already begun this reply aloud with "${opening.trim()}". Continue that very sentence from there: do not repeat it, ` +
    'do not begin with a greeting or another word of assent, and say nothing about having begun. ' +
    'What you say must be true and complete when it is heard behind those words.'
  );
}

/** How a text goes on from an opening. */
export type Continuation =
  | { readonly kind: 'needsMore' }
  | {
      readonly kind: 'known';
      /** Characters at the text's beginning that are left out: the opening once more, or marks that it has already. */
      readonly leaveOut: number;
      /** White space that is missing between the opening and the rest: one space or none. */
      readonly joint: '' | ' ';
    };

/** Characters beyond the opening's length at which what has come decides, whatever it is. */
const MORE_CHARACTERS = 32;
/** White space and marks that a sentence goes on with after its opening's comma. Not before a figure: ".5", "-5". */
const MARKS = /^(?:[\s,;:…—–]|\.(?!\d))*/u;
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;
/** Words that belong to a repeated opening: "Sure thing,", "Okay then,". */
const ADDED = /^\s+(?:thing|then|so)(?=[\s,.!;:…—–])/iu;

/**
 * Finds what is to be left out where a model's text follows an opening that was spoken already.
 * @param text - The beginning of the text, as far as it has come.
 * @param isEnd - Whether nothing more comes.
 * @returns `needsMore` while the text may still become a repetition: up to {@link MORE_CHARACTERS} more than the opening has.
 */
export function continuesFrom(opening: string, text: string, isEnd: boolean): Continuation {
  return continuation(opening, text, isEnd || text.length > opening.length + MORE_CHARACTERS);
}

function continuation(opening: string, text: string, isEnd: boolean): Continuation {
  const quoted = /^[\s"“'‘(]*/u.exec(text)?.[0] ?? '';
  const repeated = repeatedLength(opening, text.slice(quoted.length), isEnd);
  if (repeated === 'needsMore') return { kind: 'needsMore' };
  const from = repeated === 0 ? 0 : quoted.length + repeated;
  // What closes a quoted repetition goes with it.
  const closed =
    repeated === 0 || quoted.trim() === '' ? 0 : (/^[,.!?;:…]*["”'’)]+/u.exec(text.slice(from))?.[0].length ?? 0);
  const marks = (repeated === 0 ? MARKS : AFTER_REPEAT).exec(text.slice(from + closed))?.[0] ?? '';
  const end = from + closed + marks.length;
  if (end === text.length && !isEnd) return { kind: 'needsMore' };
  if (end < text.length && !isEnd && /^\.$/u.test(text.slice(end))) return { kind: 'needsMore' };
  const joint = end === text.length || /\s$/u.test(opening) ? '' : ' ';
  return { kind: 'known', leaveOut: end, joint };
}

/** Behind a repetition its own marks are left out as well: "Sure! One latte". */
const AFTER_REPEAT = /^(?:[\s,;:…—–!?]|\.(?!\d))*/u;

/** @returns Characters at the beginning of the text that say the opening again; 0 when they do not. */
function repeatedLength(opening: string, text: string, isEnd: boolean): number | 'needsMore' {
  const wanted = spokenWords(opening);
  const matches = [...text.matchAll(WORD)];
  const common = matches.findIndex(({ 0: word }, index) => fold(word) !== wanted[index]);
  const same = common === -1 ? matches.length : common;
  if (wanted.length === 0) return 0;
  if (same < wanted.length) {
    const next = matches[same];
    if (isEnd) return 0;
    if (next === undefined) return 'needsMore';
    // The last word may still grow into the one that is looked for.
    const isGrowing = next.index + next[0].length === text.length && (wanted[same] ?? '').startsWith(fold(next[0]));
    return isGrowing ? 'needsMore' : 0;
  }
  const last = matches[wanted.length - 1];
  const end = (last?.index ?? 0) + (last?.[0].length ?? 0);
  // "$ Sure" is no repetition.
  if (!/^[\s\p{P}]*$/u.test(text.slice(0, end).replaceAll(WORD, ''))) return 0;
  const rest = text.slice(end);
  if (isEnd && rest.trim() === '') return end;
  if (rest === '') return 'needsMore';
  const added = ADDED.exec(rest)?.[0].length ?? 0;
  if (added > 0) return end + added;
  // "Sure" and white space: "Sure thing" or "Sure one latte"?
  if (!isEnd && /^\s+[a-z]{0,5}$/iu.test(rest)) return 'needsMore';
  return end;
}

const fold = (word: string): string => word.toLowerCase().replaceAll('’', "'");
