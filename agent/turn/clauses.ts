/**
 * Where the text of a reply is cut while it streams in, so that a streaming synthesiser can begin before it is whole: the first
 * piece is a first clause, however short, since the first sound waits for it; the others are whole sentences, for their melody.
 */
import { boundaryAt, MARK } from './text/boundaries.js';
import { placeAt } from './text/phrase-places.js';

export interface CutText {
  /** In order; each but the last of a reply holds a letter or a digit. White space between two is at the second's beginning. */
  readonly pieces: readonly string[];
  /** What must wait for more text. */
  readonly rest: string;
}

export interface CutOptions {
  /** Whether no piece of this reply has been cut yet. */
  readonly isFirst: boolean;
  /** Whether the text ends here: all of it goes out. */
  readonly isEnd: boolean;
}

interface Bound {
  readonly characters: number;
  readonly words: number;
}

/** A first piece without a mark is cut at a phrase: ten words take a synthesiser's voice some three seconds. */
const FIRST_BOUND: Bound = { characters: 60, words: 10 };
/** The same for a sentence that does not end: above nearly all sentences that are spoken. */
const LATER_BOUND: Bound = { characters: 300, words: Number.POSITIVE_INFINITY };
/** Words before a cut at white space: fewer are no phrase. */
const PHRASE_WORDS = 3;

/**
 * Cuts what has come of a reply. Nothing is cut within numbers, abbreviations, initials, names with a dot and addresses.
 *
 * Pieces and rest, joined, are the text letter for letter. A cut is made only when no text that may follow could change it; so
 * feeding a reply in any split, each time as the last rest and what is new, gives the same pieces as the whole reply at once.
 * @param text - The rest of the call before and what has come since.
 */
export function cutForVoice(text: string, { isFirst, isEnd }: CutOptions): CutText {
  // Half of a character may stand at the end of a token.
  const known = isEnd || !/[\uD800-\uDBFF]$/.test(text) ? text : text.slice(0, -1);
  const pieces: string[] = [];
  let from = 0;
  for (;;) {
    const bound = isFirst && pieces.length === 0 ? FIRST_BOUND : LATER_BOUND;
    const length = lengthOfPiece(known.slice(from), bound, isEnd);
    if (length === undefined) break;
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  if (!isEnd || from === text.length) return { pieces, rest: text.slice(from) };
  return { pieces: [...pieces, text.slice(from)], rest: '' };
}

/** Places by worth, where none is good enough by itself before the bound. */
const WORTH = { clause: 4, phrase: 3, space: 2, poor: 1 } as const;

/** @returns Length of the first piece; `undefined` when more must come. */
function lengthOfPiece(text: string, bound: Bound, isEnd: boolean): number | undefined {
  const isFirst = bound === FIRST_BOUND;
  const boundAt = indexOfBound(text, bound);
  let best: { readonly length: number; readonly worth: number } | undefined;
  let hasWords = false;
  let words = 0;
  let at = 0;
  const offer = (length: number, worth: number): void => {
    if (worth >= (best?.worth ?? 0)) best = { length, worth };
  };
  while (at < text.length) {
    if (at > boundAt && best !== undefined) return best.length;
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (/\s/u.test(character)) {
      const isWordEnd = hasWords && !/\s/u.test(text[at - 1] ?? ' ');
      // A line's end, unless a full stop that ends nothing stands before it.
      if (hasWords && /[\n\u2028\u2029]/.test(character) && !/\.\s*$/u.test(text.slice(0, at))) return at;
      if (isWordEnd) words += 1;
      // As long as a mark may still come in time, nobody asks for a place.
      if (isWordEnd && words >= PHRASE_WORDS && boundAt < text.length) {
        const place = placeAt(text, at, isEnd);
        if (place === 'wait') return undefined;
        if (place !== 'none') offer(at, WORTH[place]);
      }
      at += 1;
      continue;
    }
    if (hasWords && MARK.test(character)) {
      const { verdict, end } = boundaryAt(text, at, isEnd);
      if (verdict === 'wait') return undefined;
      if (verdict === 'sentence' || (verdict === 'clause' && isFirst)) return end;
      if (verdict === 'clause') offer(end, WORTH.clause);
      at = end;
      continue;
    }
    hasWords ||= /[\p{L}\p{N}]/u.test(character);
    at += character.length;
  }
  return boundAt < text.length ? best?.length : undefined;
}

/** Index at which a piece should have ended; the text's length or more when it is not that long. */
function indexOfBound(text: string, { characters, words }: Bound): number {
  let count = 0;
  let isInWord = false;
  for (let at = 0; at < Math.min(text.length, characters); at += 1) {
    const isSpace = /\s/u.test(text[at] ?? '');
    if (isInWord && isSpace) count += 1;
    if (count >= words) return at;
    isInWord = !isSpace;
  }
  return characters;
}
