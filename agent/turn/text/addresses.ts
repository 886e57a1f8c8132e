/** Street addresses: "forty two oak street, apartment five". */
import type { Question } from '../question.js';
import { readDigits, readNumber } from './numbers.js';
import { BEGUN, type ReadOut, WHOLE } from './read-out.js';
import { SENTENCE_WORD } from './sentence-words.js';

const STREET =
  /^(?:street|st|avenue|ave|road|rd|drive|lane|court|place|boulevard|blvd|way|terrace|circle|square|highway|parkway)$/;
/** Of these, the ones that mean a street wherever they stand behind a number. */
const PLAIN_STREET = /^(?:street|avenue|ave|road|rd|boulevard|blvd|lane|terrace|parkway)$/;
const UNIT = /^(?:apartment|apt|unit|suite|floor|room|number)$/;
const CUE = /^(?:address|live|deliver|located|zip|postcode|postal)$/;
const ZIP_CUE = /^(?:zip|postcode|postal)$/;
/** Words of a street's name at most: "martin luther king junior". */
const NAME_TOKENS = 4;
/** Words behind the street that can be its town. */
const TOWN_TOKENS = 4;
const STREET_ONLY: ReadOut = Object.freeze({ unfinished: 0.3, complete: 0.6 });

/** Reads the address that a text ends with; undefined when it ends otherwise. */
export function readAddress(tokens: readonly string[], question: Question): ReadOut | undefined {
  const isCued = question === 'address' || tokens.some((token) => CUE.test(token));
  const streetAt = findStreet(tokens, isCued);
  if (streetAt !== -1) return readBehindStreet(tokens.slice(streetAt + 1), isCued);
  // "My email address is": another kind of address.
  if (!isCued || question === 'email' || question === 'phone') return undefined;
  const digits = readDigits(tokens)?.digits.length ?? 0;
  if (digits > 0 && tokens.some((token) => ZIP_CUE.test(token))) return isZip(digits) ? WHOLE : BEGUN;
  // House numbers of five digits are rarer than ZIP codes.
  if (digits === 5) return { unfinished: 0.3, complete: 0.7 };
  return readHouse(tokens);
}

/** Index of the street behind its number and name, or -1. */
function findStreet(tokens: readonly string[], isCued: boolean): number {
  const isStreet = isCued ? STREET : PLAIN_STREET;
  return tokens.findLastIndex((token, at) => {
    if (!isStreet.test(token)) return false;
    const numberAt = tokens.findLastIndex((word, index) => index < at && readNumber(word) !== undefined);
    const name = tokens.slice(numberAt + 1, at);
    const isName = name.length <= NAME_TOKENS && !name.some((word) => SENTENCE_WORD.test(word));
    return numberAt !== -1 && isName;
  });
}

function readBehindStreet(behind: readonly string[], isCued: boolean): ReadOut | undefined {
  if (behind.length === 0) return STREET_ONLY;
  if (UNIT.test(behind.at(-1) ?? '')) return BEGUN;
  const digits = readDigits(behind)?.digits.length ?? 0;
  if (isZip(digits)) return WHOLE;
  if (digits > 0) return behind.some((token) => UNIT.test(token)) ? STREET_ONLY : { unfinished: 0.8, complete: 0 };
  return isCued && behind.length <= TOWN_TOKENS && !behind.some((word) => SENTENCE_WORD.test(word))
    ? { unfinished: 0.3, complete: 0.7 }
    : undefined;
}

/** A house number and perhaps a part of the street's name. */
function readHouse(tokens: readonly string[]): ReadOut | undefined {
  const numberAt = tokens.findLastIndex((token) => readNumber(token) !== undefined);
  const name = tokens.slice(numberAt + 1);
  if (numberAt === -1 || name.length >= NAME_TOKENS || name.some((word) => SENTENCE_WORD.test(word))) return undefined;
  return name.length === 0 ? BEGUN : { unfinished: 0.8, complete: 0 };
}

/** ZIP and ZIP+4. */
const isZip = (digits: number): boolean => digits === 5 || digits === 9;
