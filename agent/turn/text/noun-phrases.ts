/** Attributes that wait for their noun: "a large", "with brown", "can i get two". */
import type { Question } from '../question.js';
import { isTens, readNumber } from './numbers.js';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Attributes that hardly stand alone. */
const BOUND = words('iced ice brown whole house drip dark light double triple single new next flat raw extra');
/** Attributes that are an answer by themselves: "What size?" - "Large." */
const FREE = words(
  'different other small medium large big little regular short tall hot cold decaf strong fresh almond soy oat coconut skim vanilla ' +
    'ounce ounces shot roast percent',
);
/** Of these, the ones that are attributes only behind another: "a shot" is a thing, "a double shot" is half of one. */
const BEHIND = words('ounce ounces shot roast percent');
/** Words that begin what is wanted; an attribute behind them is not the end of it. */
const OPENERS = words(
  'a an the my some any another with without of and or no to for add get have want need make give bring brew order take ' +
    'like me us prepare',
);
/** "Make it large" changes what is named already. */
const CHANGE = /(?:^| )(?:make|want|have) (?:it|that|them)(?: an?)?$/;

/**
 * How much the end of a text is an attribute without its noun.
 * @returns 0 to 1; an attribute that can answer a question about it counts nothing then.
 */
export function readDanglingAttribute(tokens: readonly string[], question: Question): number {
  const chainAt = tokens.findLastIndex((token) => !isAttribute(token)) + 1;
  const chain = tokens.slice(chainAt);
  const last = chain.at(-1);
  if (last === undefined || (chain.length === 1 && BEHIND.has(last))) return 0;
  const isAnswer = question === 'choice' || question === 'number';
  if (BOUND.has(last)) return isAnswer ? (chainAt <= 1 ? 0 : 0.5) : 1;
  const opener = tokens[chainAt - 1] ?? '';
  if (isAnswer || !OPENERS.has(opener) || CHANGE.test(tokens.slice(0, chainAt).slice(-3).join(' '))) return 0;
  return readNumber(last) === undefined ? 0.8 : danglingNumber(chain, opener);
}

function isAttribute(token: string): boolean {
  return BOUND.has(token) || FREE.has(token) || readNumber(token) !== undefined;
}

/** "A twelve" waits for its ounces; "get two" hardly ends; "one" may stand for the thing itself, "the large one" does. */
function danglingNumber(chain: readonly string[], opener: string): number {
  if (chain.at(-1) === 'one') return chain.length > 1 || opener === 'another' ? 0 : 0.4;
  // "A table for two", "for seven thirty".
  if (opener === 'for' || opener === 'to') return chain.length > 1 && !isTens(chain.at(-1) ?? '') ? 0.7 : 0.3;
  return chain.length > 1 || opener === 'a' || opener === 'an' ? 1 : 0.7;
}
