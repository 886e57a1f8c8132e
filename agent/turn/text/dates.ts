/** Dates and times of day: "march", "march third", "half past". */
import type { Question } from '../question.js';
import { isTens, readDigits, readNumber } from './numbers.js';
import { BEGUN, type ReadOut, WHOLE } from './read-out.js';

const MONTH = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;
/** Months that are words as well. */
const MONTH_OR_WORD = /^(?:march|may)$/;
const ORDINAL =
  /^(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|\d{1,2}(?:st|nd|rd|th))$/;
const DAY = /^(?:today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/;
/** Words before a month that is whole without its day. */
const NEAR = /^(?:in|last|next|this|since|until|by|of)$/;
const BIRTH = /^(?:born|birth|birthday|birthdate)$/;
/** Tokens behind a month that can still belong to it: "march the twenty first nineteen eighty four". */
const DATE_TOKENS = 6;

/** Reads the date or time that a text ends with; undefined when it ends otherwise. */
export function readDate(tokens: readonly string[], question: Question): ReadOut | undefined {
  // June and April are names, too.
  if (question === 'name') return undefined;
  return (
    readClock(tokens, question) ?? readMonth(tokens, question) ?? (question === 'date' ? readDay(tokens) : undefined)
  );
}

function readClock(tokens: readonly string[], question: Question): ReadOut | undefined {
  const last = tokens.at(-1) ?? '';
  const before = tokens.at(-2) ?? '';
  if (/^(?:o'clock|noon|midnight)$/.test(last)) return WHOLE;
  if (/^[ap]m$/.test(last)) return readNumber(before) === undefined ? undefined : WHOLE;
  if (/(?:^| )(?:half past|quarter (?:to|past|of|after))$/.test(`${before} ${last}`)) return BEGUN;
  if (/(?:^| )(?:half past|quarter (?:to|past|of|after)) \S+$/.test(tokens.slice(-3).join(' '))) {
    return readNumber(last) === undefined ? undefined : WHOLE;
  }
  return question === 'date' && /^(?:half|quarter|past)$/.test(last) ? { unfinished: 0.8, complete: 0 } : undefined;
}

function readMonth(tokens: readonly string[], question: Question): ReadOut | undefined {
  const monthAt = tokens.findLastIndex((token, at) => MONTH.test(token) && isMonth(tokens, at, question));
  const behind = tokens.slice(monthAt + 1);
  if (monthAt === -1 || behind.length > DATE_TOKENS) return undefined;
  const before = tokens[monthAt - 1] ?? '';
  const hasDay = ORDINAL.test(before) || (before === 'of' && ORDINAL.test(tokens[monthAt - 2] ?? ''));
  const needsYear = tokens.some((token) => BIRTH.test(token));
  if (behind.length > 0) return readBehindMonth(behind, hasDay, needsYear);
  if (needsYear) return { unfinished: 0.9, complete: 0 };
  if (hasDay) return { unfinished: 0.2, complete: 0.8 };
  return NEAR.test(before) ? { unfinished: 0.5, complete: 0.5 } : { unfinished: 0.9, complete: 0 };
}

function isMonth(tokens: readonly string[], at: number, question: Question): boolean {
  if (!MONTH_OR_WORD.test(tokens[at] ?? '')) return true;
  const before = tokens[at - 1] ?? '';
  const next = tokens[at + 1] ?? '';
  if (/^(?:i|we|you)$/.test(next)) return false;
  if (NEAR.test(before) || /^(?:on|is|was|it's|born)$/.test(before) || ORDINAL.test(before)) return true;
  return ORDINAL.test(next) || readNumber(next) !== undefined || question === 'date';
}

/** Day and year behind a month. */
function readBehindMonth(behind: readonly string[], hasDay: boolean, needsYear: boolean): ReadOut | undefined {
  const last = behind.at(-1) ?? '';
  if (last === 'the') return BEGUN;
  const year = hasDay ? behind : behind.slice(dayTokens(behind));
  if (year.length === 0) {
    // "March twenty" may still become the twenty-first.
    if (isTens(last)) return { unfinished: 0.6, complete: 0.2 };
    return needsYear ? { unfinished: 0.8, complete: 0 } : { unfinished: 0.2, complete: 0.8 };
  }
  const run = readDigits(year);
  if (run === undefined || run.startAt > 0) return undefined;
  if (run.digits.length < 4) return BEGUN;
  return isTens(last) ? { unfinished: 0.4, complete: 0.6 } : WHOLE;
}

/** How many tokens behind the month are its day: "the twenty first", "twenty one", "3". */
function dayTokens(behind: readonly string[]): number {
  const ordinalAt = behind.findIndex((token) => ORDINAL.test(token));
  if (ordinalAt !== -1) return ordinalAt + 1;
  const from = behind[0] === 'the' ? 1 : 0;
  if (readNumber(behind[from] ?? '') === undefined) return 0;
  const hasUnit = isTens(behind[from] ?? '') && readNumber(behind[from + 1] ?? '')?.length === 1;
  return from + (hasUnit ? 2 : 1);
}

/** A day or a time in answer to "when?". */
function readDay(tokens: readonly string[]): ReadOut | undefined {
  const last = tokens.at(-1) ?? '';
  if (DAY.test(last)) return { unfinished: 0, complete: 0.8 };
  if (/^(?:at|the|on|around|after|before)$/.test(last)) return BEGUN;
  if (ORDINAL.test(last)) return { unfinished: 0.5, complete: 0.5 };
  const count = readDigits(tokens)?.digits.length;
  if (count === undefined) return undefined;
  // "At five" may be "five thirty"; "five thirty", "3 14" and "3 14 1985" are whole.
  if (count <= 2) return { unfinished: isTens(last) ? 0.6 : 0.4, complete: 0.3 };
  return { unfinished: isTens(last) ? 0.2 : 0.1, complete: 0.7 };
}
