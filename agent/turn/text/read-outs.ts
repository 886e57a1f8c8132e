/**
 * Things read out piece by piece: phone and card numbers, e-mail addresses, spelled names, dates, street addresses. Their own
 * structure tells whether they are whole.
 */
import type { Question } from '../question.js';
import { readAddress } from './addresses.js';
import { readDate } from './dates.js';
import { readEmail } from './emails.js';
import { type DigitRun, isTens, readDigits, readNumber } from './numbers.js';
import { BEGUN, NO_READ_OUT, type ReadOut, WHOLE } from './read-out.js';
import { readSpelling } from './spelling.js';

/** What a text ends with, if it is a read-out; of several readings the first that fits. */
export function readReadOut(tokens: readonly string[], question: Question): ReadOut {
  return (
    readEmail(tokens, question) ??
    readAddress(tokens, question) ??
    readDate(tokens, question) ??
    readSpelling(tokens, question) ??
    readRun(tokens, question) ??
    NO_READ_OUT
  );
}

const CARD_CUE = /(?:^| )(?:card|visa|mastercard|amex|debit|credit)(?: |$)/;
const PHONE_CUE =
  /(?:^| )(?:phone|telephone|mobile|cell|landline|area code|digits|number's|number is|(?:call|reach|text) (?:me|us)(?: back)? (?:at|on))(?: |$)/;
const CODE_CUE = /(?:^| )(?:number|code|pin|confirmation|reference|account|id)(?: |$)/;
/** Tokens before the digits in which they are announced. */
const CUE_TOKENS = 6;
const CARD_DIGITS = 16;
/** Digits of a phone number in North America, without its country code. */
const PHONE_DIGITS = 10;
/** How surely a phone number goes on after so many digits; from 7 on it may be local, or a digit was not understood. */
const PHONE_UNFINISHED = [1, 1, 1, 1, 1, 1, 1, 0.6, 0.6, 0.5] as const;
const LOCAL_DIGITS = 7;
/** Certainty of the same for a code of any length, and for digits that nothing announced. */
const CODE_CERTAINTY = 0.8;
const UNANNOUNCED_CERTAINTY = 0.6;

/** Digits, by the length that what they stand for must have. */
function readRun(tokens: readonly string[], question: Question): ReadOut | undefined {
  const run = readDigits(tokens);
  const startAt = run?.startAt ?? tokens.length;
  const before = tokens.slice(Math.max(0, startAt - CUE_TOKENS), startAt).join(' ');
  if (tokens.at(-1) === 'point' && readNumber(tokens.at(-2) ?? '') !== undefined) return BEGUN;
  if (run === undefined) return /(?:^| )(?:area code|extension|country code)$/.test(before) ? BEGUN : undefined;
  if (CARD_CUE.test(before)) return readCard(run);
  if (/ extension$/.test(before)) return { unfinished: 0.4, complete: 0.5 };
  if (question === 'phone' || PHONE_CUE.test(before)) return readPhone(run, 1);
  if (CODE_CUE.test(before)) return readPhone(run, CODE_CERTAINTY);
  // "Twelve" and "two three" are quantities; more digits, one by one, are a number being read out.
  const tokensInRun = tokens.length - startAt;
  const isReadOut = run.digits.length >= 3 && (tokensInRun >= 3 || run.digits.length >= LOCAL_DIGITS);
  if (!isReadOut) return readQuantity(tokens);
  // Asked for a number, people read out what is printed in groups of three or four: an order's, an account's, a card's.
  return question === 'number' ? readAskedNumber(run) : readPhone(run, UNANNOUNCED_CERTAINTY);
}

function readCard(run: DigitRun): ReadOut {
  const missing = CARD_DIGITS - run.digits.length;
  if (missing <= 0 && !run.isBroken) return WHOLE;
  // American Express has 15 digits.
  return missing === 1 && !run.isBroken ? { unfinished: 0.4, complete: 0.6 } : BEGUN;
}

/** Of unknown length: as long as a card's it is whole, as long as a phone's it may be. */
function readAskedNumber(run: DigitRun): ReadOut {
  const count = run.digits.length;
  if (count >= CARD_DIGITS && !run.isBroken) return WHOLE;
  return { unfinished: run.isBroken || count !== PHONE_DIGITS ? CODE_CERTAINTY : 0.5, complete: 0 };
}

function readPhone(run: DigitRun, certainty: number): ReadOut {
  if (run.isBroken) return BEGUN;
  const count = run.digits.replace(/^1/, '').length;
  if (count >= PHONE_DIGITS) return WHOLE;
  return { unfinished: certainty * (PHONE_UNFINISHED[count] ?? 0), complete: count === LOCAL_DIGITS ? 0.3 : 0 };
}

/** "Twenty" may become "twenty two", "two hundred" "two hundred and ten"; "two" hardly anything. */
function readQuantity(tokens: readonly string[]): ReadOut | undefined {
  const last = tokens.at(-1) ?? '';
  // "Seven thirty" is a time more often than the beginning of another.
  if (isTens(last)) return { unfinished: readNumber(tokens.at(-2) ?? '') === undefined ? 0.5 : 0.2, complete: 0 };
  return /^(?:hundred|thousand)$/.test(last) ? { unfinished: 0.4, complete: 0 } : undefined;
}
