/** Dates and times of day: "march", "march third", "half past". */
import type { Question } from '../question.js';
import { isTens, readDigits, readNumber } from './numbers.js';
import type { ReadOut } from './read-outs.js';

const MONTH = /^(?:january|february|march|april|may|june|july|august|september|october|november|december)$/;
/** Months that are words as well. */
const MONTH_OR_WORD = /^(?:march|may)$/;
const ORDINAL =
  /^(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|\d{1,2}(?:st|nd|rd|th))$/;
const DAY = /^(?:today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/;
const WHOLE: ReadOut = { unfinished: 0, complete: 1 };

/** Reads the date or time that a text ends with; undefined when it ends otherwise. */
export function readDate(tokens: readonly string[], question: Question): ReadOut | undefined {
  const last = tokens.at(-1) ?? '';
  const before = tokens.at(-2) ?? '';
  if (/^(?:am|pm|o'clock|noon|midnight|noonish)$/.test(last) && (last.length > 2 || readNumber(before) !== undefined))
    return WHOLE;
  if (/(?:^| )(?:half past|quarter (?:to|past|of|after)|(?:half|quarter))$/.test(`${before} ${last}`)) {
    return question === 'date' || last !== 'half' ? { unfinished: 0.8, complete: 0 } : undefined;
  }
  const monthAt = tokens.findLastIndex((token, at) => MONTH.test(token) && isMonth(tokens, at, question));
  if (monthAt === -1) return readDay(tokens, question);
  const behind = tokens.slice(monthAt + 1);
  const hasDayBefore = /^(?:of)$/.test(tokens[monthAt - 1] ?? '') || ORDINAL.test(tokens[monthAt - 1] ?? '');
  const needsYear = tokens.some((token) => /^(?:born|birth|birthday|birthdate)$/.test(token));
  if (behind.length > 6) return undefined;
  if (behind.length === 0)
    return hasDayBefore && !needsYear ? { unfinished: 0.2, complete: 0.8 } : { unfinished: 0.9, complete: 0 };
  return readBehindMonth(behind, hasDayBefore, needsYear);
}

function isMonth(tokens: readonly string[], at: number, question: Question): boolean {
  if (!MONTH_OR_WORD.test(tokens[at] ?? '')) return true;
  if (/^(?:in|on|of|is|was|it's|next|last|since|until|born|by)$/.test(tokens[at - 1] ?? '')) return true;
  const next = tokens[at + 1] ?? '';
  return (
    ORDINAL.test(tokens[at - 1] ?? '') || ORDINAL.test(next) || readNumber(next) !== undefined || question === 'date'
  );
}

/** Day and year behind a month. */
function readBehindMonth(behind: readonly string[], hasDay: boolean, needsYear: boolean): ReadOut | undefined {
  const last = behind.at(-1) ?? '';
  if (last === 'the') return { unfinished: 1, complete: 0 };
  const ordinalAt = behind.findIndex((token) => ORDINAL.test(token));
  const year = hasDay ? behind : ordinalAt === -1 ? behind.slice(dayTokens(behind)) : behind.slice(ordinalAt + 1);
  if (year.length === 0) {
    // "March twenty" may still become the twenty-first.
    if (isTens(last)) return { unfinished: 0.6, complete: 0.2 };
    return needsYear ? { unfinished: 0.8, complete: 0 } : { unfinished: 0.2, complete: 0.8 };
  }
  const run = readDigits(year);
  if (run === undefined || run.startAt > 0) return undefined;
  if (run.digits.length >= 4) return isTens(last) ? { unfinished: 0.4, complete: 0.6 } : WHOLE;
  return { unfinished: 1, complete: 0 };
}

/** How many tokens behind the month are its day, said as a plain number. */
function dayTokens(behind: readonly string[]): number {
  if (readNumber(behind[0] ?? '') === undefined) return 0;
  return isTens(behind[0] ?? '') && readNumber(behind[1] ?? '')?.length === 1 ? 2 : 1;
}

function readDay(tokens: readonly string[], question: Question): ReadOut | undefined {
  if (question !== 'date') return undefined;
  const last = tokens.at(-1) ?? '';
  if (DAY.test(last)) return { unfinished: 0, complete: 0.8 };
  if (last === 'at' || last === 'the' || last === 'on') return { unfinished: 1, complete: 0 };
  if (ORDINAL.test(last)) return { unfinished: 0.5, complete: 0.5 };
  const run = readDigits(tokens);
  if (run === undefined) return undefined;
  const count = run.digits.length;
  // "At five" may be "five thirty"; "five thirty", "3 14" and "3 14 1985" are whole.
  if (count <= 2) return { unfinished: isTens(last) ? 0.6 : 0.4, complete: 0.3 };
  return { unfinished: isTens(last) ? 0.2 : 0.1, complete: 0.7 };
}
