/** Attributes that wait for their noun: "a large", "with brown", "can i get two". */
import type { Question } from '../question.js';
import { readNumber } from './numbers.js';

/** Attributes that hardly stand alone. */
const BOUND = new Set([
  ...['iced', 'brown', 'whole', 'house', 'drip', 'dark', 'light', 'double', 'triple', 'single', 'quadruple'],
  ...['different', 'same', 'other', 'new', 'next', 'flat', 'raw', 'ice', 'extra', 'half'],
]);
/** Attributes that are an answer by themselves: "What size?" - "Large." */
const FREE = new Set([
  ...[
    'small',
    'medium',
    'large',
    'big',
    'little',
    'regular',
    'short',
    'tall',
    'hot',
    'cold',
    'decaf',
    'strong',
    'fresh',
  ],
  ...['almond', 'soy', 'oat', 'coconut', 'skim', 'vanilla', 'ounce', 'ounces', 'shot', 'roast', 'percent', 'sized'],
]);
/** Attributes only behind another: "a shot" is a thing, "a double shot" is half of one. */
const BEHIND = new Set(['ounce', 'ounces', 'shot', 'roast', 'percent', 'sized']);
/** Words that begin what is wanted; behind them an attribute is not the end of it. */
const OPENERS = new Set([
  ...['a', 'an', 'the', 'my', 'some', 'any', 'another', 'with', 'without', 'of', 'and', 'or', 'no', 'add', 'to'],
  ...[
    'get',
    'have',
    'want',
    'need',
    'make',
    'give',
    'bring',
    'brew',
    'order',
    'take',
    'like',
    'me',
    'us',
    'prepare',
    'for',
  ],
]);

/**
 * How much the end of a text is an attribute without its noun.
 * @returns 0 to 1; an attribute that can answer a question about it counts nothing then.
 */
export function readDanglingAttribute(tokens: readonly string[], question: Question): number {
  const isAttribute = (token: string): boolean =>
    BOUND.has(token) || FREE.has(token) || readNumber(token) !== undefined;
  const startAt = tokens.findLastIndex((token) => !isAttribute(token)) + 1;
  const last = tokens.at(-1);
  const chain = tokens.length - startAt;
  if (last === undefined || chain === 0 || (chain === 1 && BEHIND.has(last))) return 0;
  const answers = question === 'choice' || question === 'number';
  const opener = tokens[startAt - 1] ?? '';
  const isChange =
    /^(?:make|want|have) (?:it|that|them)(?: an?)?$/.test(tokens.slice(Math.max(0, startAt - 3), startAt).join(' ')) ||
    /(?:^| )(?:make|want|have) (?:it|that|them)(?: an?)?$/.test(
      tokens.slice(Math.max(0, startAt - 3), startAt).join(' '),
    );
  if (BOUND.has(last)) return answers ? 0.5 : 1;
  if (answers || isChange || !OPENERS.has(opener)) return 0;
  // "The large one", "just one": a number that stands for the thing itself.
  if (readNumber(last) !== undefined) return last === 'one' ? 0.4 : chain > 1 || /^(?:a|an)$/.test(opener) ? 1 : 0.7;
  return 0.8;
}
