/** Where a mark of punctuation ends a clause or a sentence, and where it is part of a number, a name or an address. */
import { isNeverLast, judgeStop } from './abbreviations.js';

/** `wait`: what follows decides, and has not come yet. */
export type Verdict = 'sentence' | 'clause' | 'none' | 'wait';

export interface Boundary {
  readonly verdict: Verdict;
  /** Index behind the mark and what closes with it; where a scan goes on when there is no boundary. */
  readonly end: number;
}

/** Marks that may end something. */
export const MARK = /[.?!…,;:—–。｡！？।॥؟۔、､，；：،؛]/u;

const SENTENCE_RUN = /[.?!…。｡！？।॥؟۔]+/uy;
const SENTENCE_MARK = /[.?!…。｡！？।॥؟۔]/u;
/** Marks with a width or a form of their own: no white space has to follow. */
const OWN_FORM = /[。｡！？।॥؟۔、､，；：،؛]/u;
const CLOSERS = /["'”’“»›)\]}*_]+/uy;
/** “ opens where the marks have a width of their own, and closes in German. */
const WIDE_CLOSERS = /["'”’」』）】》〉»›)\]}]+/uy;
const QUOTE_OR_BRACKET = /["“”„‘«»‹›()[\]{}「」『』（）【】《》〈〉]/u;
const PLAIN_WORD = /^[\p{L}\p{M}'’-]*[\p{L}\p{M}]$/u;
const DIGIT = /\p{Nd}/u;
const SPACE = /\s/u;
/** Characters of a word that are looked at: above the longest address. */
const WORD_CHARACTERS = 80;

/**
 * Judges a mark.
 * @param text - From the last cut on.
 * @param at - Index of a {@link MARK}.
 * @param isEnd - Whether nothing comes behind the text.
 * @returns A verdict that more text does not change, or `wait`.
 */
export function boundaryAt(text: string, at: number, isEnd: boolean): Boundary {
  const mark = text[at] ?? '';
  if (SENTENCE_MARK.test(mark)) return sentenceAt(text, at, isEnd);
  if (mark === '—' || mark === '–') return dashAt(text, at, isEnd);
  return OWN_FORM.test(mark) ? wideClauseAt(text, at, isEnd) : clauseAt(text, at, isEnd);
}

function sentenceAt(text: string, at: number, isEnd: boolean): Boundary {
  const runEnd = endOf(SENTENCE_RUN, text, at);
  const isWide = OWN_FORM.test(text[runEnd - 1] ?? '');
  const end = endOf(isWide ? WIDE_CLOSERS : CLOSERS, text, runEnd);
  if (end === text.length) return isEnd ? { verdict: 'sentence', end } : wait(end);
  if (isWide) return { verdict: 'sentence', end };
  if (!SPACE.test(text[end] ?? '')) return none(runEnd);
  const nextAt = skipSpace(text, end);
  // White space at the very end goes with the last sentence.
  if (nextAt === text.length) return isEnd ? { verdict: 'sentence', end: nextAt } : wait(end);
  const next = text[nextAt] ?? '';
  if (next === '»' || next === '›') {
    const behind = text[nextAt + 1];
    if (behind === undefined && !isEnd) return wait(end);
    // "« Oui ! »" closes, "»Ja« opens.
    if (behind === undefined || !/[\p{L}\p{N}]/u.test(behind)) return { verdict: 'sentence', end: nextAt + 1 };
  }
  const run = text.slice(at, runEnd);
  if (run !== '.') return { verdict: /^\p{Ll}/u.test(next) ? 'clause' : 'sentence', end };
  const verdict = judgeStop(text.slice(0, at), text.slice(nextAt), isEnd);
  if (verdict === 'ends') return { verdict: 'sentence', end };
  return verdict === 'wait' ? wait(end) : none(end);
}

/** Comma, semicolon and colon as Latin scripts write them. */
function clauseAt(text: string, at: number, isEnd: boolean): Boundary {
  const before = text.slice(0, at);
  const word = /\S*$/u.exec(before.slice(-WORD_CHARACTERS))?.[0] ?? '';
  // Nothing can follow "Sure," that would take the comma into the word, and the first sound waits for this.
  if (text[at] === ',' && PLAIN_WORD.test(word) && !QUOTE_OR_BRACKET.test(before)) {
    return { verdict: 'clause', end: at + 1 };
  }
  const end = endOf(CLOSERS, text, at + 1);
  if (end === text.length) return isEnd ? { verdict: 'clause', end } : wait(end);
  if (!SPACE.test(text[end] ?? '')) return none(at + 1);
  if (word.endsWith('.') && isNeverLast(word.slice(0, -1))) return none(end);
  if (DIGIT.test(before.slice(-1))) {
    // "June 3, 2026".
    const nextAt = skipSpace(text, end);
    if (nextAt === text.length) return isEnd ? { verdict: 'clause', end } : wait(end);
    if (DIGIT.test(text[nextAt] ?? '')) return none(end);
  }
  return { verdict: 'clause', end };
}

function wideClauseAt(text: string, at: number, isEnd: boolean): Boundary {
  const before = text.slice(0, at);
  if (DIGIT.test(before.slice(-1))) {
    const next = text[at + 1];
    if (next === undefined && !isEnd) return wait(at + 1);
    if (next !== undefined && DIGIT.test(next)) return none(at + 1);
  }
  if (!QUOTE_OR_BRACKET.test(before)) return { verdict: 'clause', end: at + 1 };
  const end = endOf(WIDE_CLOSERS, text, at + 1);
  return end === text.length && !isEnd ? wait(end) : { verdict: 'clause', end };
}

function dashAt(text: string, at: number, isEnd: boolean): Boundary {
  const runEnd = endOf(/[—–]+/uy, text, at);
  if (runEnd === text.length) return isEnd ? { verdict: 'clause', end: runEnd } : wait(runEnd);
  const isSpaced = SPACE.test(text[at - 1] ?? '') && SPACE.test(text[runEnd] ?? '');
  // "3–5", "Mon–Fri": the short dash joins unless there is white space around it.
  if (text[at] === '–' && !isSpaced) return none(runEnd);
  const nextAt = skipSpace(text, runEnd);
  if (nextAt === text.length && !isEnd) return wait(runEnd);
  const isBetweenDigits = DIGIT.test(text.slice(0, at).trimEnd().slice(-1)) && DIGIT.test(text[nextAt] ?? '');
  if (isBetweenDigits) return none(runEnd);
  const end = endOf(WIDE_CLOSERS, text, runEnd);
  return end === text.length && !isEnd ? wait(end) : { verdict: 'clause', end };
}

const wait = (end: number): Boundary => ({ verdict: 'wait', end });
const none = (end: number): Boundary => ({ verdict: 'none', end });

/** Index behind what a sticky pattern matches at an index; the index itself when it does not. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function skipSpace(text: string, at: number): number {
  return endOf(/\s+/uy, text, at);
}
