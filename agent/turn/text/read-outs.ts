/**
 * Things read out piece by piece: phone and card numbers, e-mail addresses, spelled names, dates, street addresses. Their own
 * structure tells whether they are whole.
 */
import type { Question } from '../question.js';
import { readDate } from './dates.js';
import { readDigits, readNumber } from './numbers.js';
import { readSpelling } from './spelling.js';

/** Both 0 to 1; not each other's complement: a local number of 7 digits may be whole or not. */
export interface ReadOut {
  readonly unfinished: number;
  readonly complete: number;
}

export const NO_READ_OUT: ReadOut = Object.freeze({ unfinished: 0, complete: 0 });
const BEGUN: ReadOut = Object.freeze({ unfinished: 1, complete: 0 });
const WHOLE: ReadOut = Object.freeze({ unfinished: 0, complete: 1 });

/** What a text ends with, if it is a read-out; of several readings the first that fits. */
export function readReadOut(tokens: readonly string[], question: Question): ReadOut {
  return (
    readEmail(tokens, question) ??
    readAddress(tokens, question) ??
    readDate(tokens, question) ??
    readSpelling(tokens, question) ??
    readNumbers(tokens, question) ??
    NO_READ_OUT
  );
}

const TOP_LEVEL = /^(?:com|org|net|edu|gov|io|uk|us|ca|de|fr|au|info|biz|me|ai|app|dev|co|eu|tv)$/;
const JOINT = /^(?:dot|at|underscore|dash|hyphen|minus|plus|period)$/;
const EMAIL_CUE = /^(?:e-?mail|mail|gmail|hotmail|outlook|yahoo)$/;
/** Words of sentences, not of addresses: "i don't have one". */
const SENTENCE =
  /^(?:i|i'd|i'll|i'm|don't|not|no|nope|can|could|would|want|have|need|that|same|yes|yeah|sure|okay|please|thanks|with|get|order|to|wait|sorry|you|what|why)$/;

/** "jane dot doe at mail dot com". */
function readEmail(tokens: readonly string[], question: Question): ReadOut | undefined {
  const atAt = tokens.lastIndexOf('at');
  const domain = tokens.slice(atAt + 1);
  const isCued = question === 'email' || tokens.some((token) => EMAIL_CUE.test(token));
  const last = tokens.at(-1) ?? '';
  if (atAt === -1 || domain.some((token) => SENTENCE.test(token))) {
    // Only a local part so far; "." alone also belongs to web addresses.
    if (last === 'dot') return BEGUN;
    if (!isCued || tokens.length === 0) return undefined;
    if (question !== 'email') return /^(?:is|it's|address|underscore)$/.test(last) ? BEGUN : undefined;
    const local = tokens.slice(
      tokens.findLastIndex((token) => /^(?:is|it's|that's|sure|yes|okay|yeah|e-?mail|address)$/.test(token)) + 1,
    );
    return local.length > 0 && !local.some((token) => SENTENCE.test(token))
      ? { unfinished: 0.9, complete: 0 }
      : undefined;
  }
  if (domain.includes('dot')) {
    if (JOINT.test(last)) return BEGUN;
    if (!TOP_LEVEL.test(last) || domain.at(-2) !== 'dot') return { unfinished: 0.7, complete: 0 };
    return last === 'co' ? { unfinished: 0.5, complete: 0.5 } : WHOLE;
  }
  return isCued && (domain.length > 0 || tokens.length > 1) ? { unfinished: 0.9, complete: 0 } : undefined;
}

const STREET =
  /^(?:street|st|avenue|ave|road|rd|drive|lane|court|place|boulevard|blvd|way|terrace|circle|square|highway|parkway)$/;
const UNIT = /^(?:apartment|apt|unit|suite|floor|room|number)$/;

/** "forty two oak street, apartment five". */
function readAddress(tokens: readonly string[], question: Question): ReadOut | undefined {
  const isCued =
    question === 'address' ||
    tokens.some((token) => /^(?:address|live|deliver|located|zip|postcode|postal)$/.test(token));
  const streetAt = tokens.findLastIndex((token) => STREET.test(token));
  const numberAt = tokens.findLastIndex(
    (token, at) => (streetAt === -1 || at < streetAt) && readNumber(token) !== undefined,
  );
  const behind = tokens.slice(streetAt + 1);
  if (streetAt !== -1 && numberAt !== -1 && streetAt - numberAt <= 5) {
    if (behind.length === 0) return { unfinished: 0.3, complete: 0.6 };
    if (UNIT.test(behind.at(-1) ?? '')) return BEGUN;
    const digits = readDigits(behind)?.digits.length ?? 0;
    if (behind.some((token) => UNIT.test(token)) && digits > 0 && digits < 5) return { unfinished: 0.3, complete: 0.6 };
    if (digits > 0) return digits === 5 || digits === 9 ? WHOLE : { unfinished: 0.8, complete: 0 };
    return behind.length <= 4 && isCued ? { unfinished: 0.3, complete: 0.7 } : undefined;
  }
  if (!isCued || question === 'email' || question === 'phone') return undefined;
  const digits = readDigits(tokens)?.digits.length ?? 0;
  if (
    /^(?:zip|postcode|postal|code)$/.test(
      tokens.findLast((token) => /^(?:zip|postcode|postal|code|is)$/.test(token) && token !== 'is') ?? '',
    ) &&
    digits > 0
  )
    return digits === 5 || digits === 9 ? WHOLE : BEGUN;
  if (digits === 5) return { unfinished: 0.5, complete: 0.5 };
  const since = tokens.length - 1 - numberAt;
  return numberAt !== -1 && since <= 3 ? { unfinished: since === 0 ? 1 : 0.8, complete: 0 } : undefined;
}

const PHONE_CUE = /^(?:phone|telephone|cell|mobile|area|reach|call|digits|landline|contact|number's)$/;
const CARD_CUE = /^(?:card|visa|mastercard|amex|debit|credit)$/;
const CODE_CUE = /^(?:number|code|pin|confirmation|reference|account|id)$/;
/** How surely a phone number goes on after so many digits; from 7 on it may be local, or one digit was not understood. */
const PHONE_UNFINISHED = [0, 1, 1, 1, 1, 1, 1, 0.6, 0.6, 0.5] as const;
/** The same for digits that nothing announced: they may be any short code. */
const UNANNOUNCED = 0.6;
const CARD_DIGITS = 16;
const AMEX_DIGITS = 15;

/** Digits, by the length that what they stand for must have. */
function readNumbers(tokens: readonly string[], question: Question): ReadOut | undefined {
  const run = readDigits(tokens);
  const before = tokens.slice(0, run?.startAt ?? tokens.length);
  const isCued = (cue: RegExp): boolean => before.some((token) => cue.test(token));
  if (run === undefined) {
    if (
      /^(?:code|extension|plus|double|triple)$/.test(tokens.at(-1) ?? '') &&
      (question === 'phone' || isCued(/^(?:area|number|phone)$/))
    )
      return BEGUN;
    return undefined;
  }
  const count = run.digits.length;
  const open: ReadOut | undefined = run.isBroken ? BEGUN : undefined;
  if (isCued(CARD_CUE))
    return (
      open ??
      (count >= AMEX_DIGITS
        ? { unfinished: count < CARD_DIGITS ? 0.3 : 0, complete: count < CARD_DIGITS ? 0.6 : 1 }
        : BEGUN)
    );
  if (before.at(-1) === 'extension') return open ?? { unfinished: 0.4, complete: 0.5 };
  if (question === 'phone' || isCued(PHONE_CUE)) return open ?? readPhone(run.digits, 1);
  if (question === 'number' || count < 3) return open ?? readQuantity(tokens);
  if (isCued(CODE_CUE)) return open ?? readPhone(run.digits, count > 4 ? 0.8 : 1);
  // "A sixteen ounce" and "two three" are quantities; three digits one by one are a number being read out.
  return (
    open ?? (tokens.length - run.startAt >= 3 || count >= 7 ? readPhone(run.digits, UNANNOUNCED) : readQuantity(tokens))
  );
}

function readPhone(digits: string, certainty: number): ReadOut {
  const count = digits.startsWith('1') && digits.length > 1 ? digits.length - 1 : digits.length;
  if (count >= 10) return WHOLE;
  return { unfinished: certainty * (PHONE_UNFINISHED[Math.max(1, count)] ?? 0), complete: count === 7 ? 0.3 : 0 };
}

/** "Twenty" may become "twenty two", "two hundred" "two hundred and ten"; "two" hardly anything. */
function readQuantity(tokens: readonly string[]): ReadOut | undefined {
  const last = tokens.at(-1) ?? '';
  if (/^(?:twenty|thirty|four?ty|fifty|sixty|seventy|eighty|ninety)$/.test(last))
    return { unfinished: 0.5, complete: 0 };
  return /^(?:hundred|thousand|point)$/.test(last) ? { unfinished: 0.4, complete: 0 } : undefined;
}
