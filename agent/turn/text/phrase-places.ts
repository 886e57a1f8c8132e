/** White space at which a sentence without a mark may be cut: before a conjunction or a preposition, or between plain words. */
import { readNumber } from './numbers.js';

/** `poor`: between words that belong together. `wait`: what follows decides, and has not come yet. */
export type Place = 'phrase' | 'space' | 'poor' | 'none' | 'wait';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Conjunctions and prepositions of a language that writes every noun with a capital. */
const GERMAN = 'und oder aber weil wenn mit ohne für von auf bei nach vor bis damit dass sowie';
/** Words that begin a phrase. Not "of" and "to": they are within names, numbers and verbs ("seven to nine", "going to"). */
const BEGINS_PHRASE = set(
  `${GERMAN} ` +
    'and or but so because if when while with without for from in on at by after before until since which where unless although ' +
    'et ou mais si avec sans pour dans sur chez après avant parce ' +
    'y o pero porque con sin para en por desde aunque cuando ' +
    'और या लेकिन क्योंकि अगर तो कि أو لكن لأن مع في من على إلى ثم وإذا',
);
/** A capital on both sides of these makes no name. */
const BETWEEN_NOUNS = set(GERMAN);
/** Words that hang on to the next one. */
const HANGS_ON = set(
  'a an the to of my your our his her its their no not very is are was be ' +
    "i'm we're it's can will would could should do does did have has had and or but in on at for with from by " +
    'der die das den dem des ein eine einen einem einer zu im am zum zur nicht sehr ist sind und oder mit für von ' +
    'le la les un une des du de au aux mon ma mes votre vos nos ne pas très est sont et ou à en ' +
    'el los las una unos unas del al mi su sus muy no es son y o que con por para en se',
);
/** Words that hang on to the next one, unless that begins a phrase: "for you at seven". */
const SUBJECTS = set(
  'i we you he she it they this that these those i’m ich wir sie es je nous vous il elle on yo nosotros usted मैं हम आप',
);
/** Words that hang on to the one before. */
const CLINGS = set('of to than too o’clock am pm de del du des d’un vom zu einen के का की को से में पर ने');
/** Letters of a word that are waited for: above the longest of {@link BEGINS_PHRASE}. */
const WORD_LETTERS = 12;
const PLAIN = /^["“„«(]*[\p{L}\p{M}'’-]{2,}$/u;
const CAPITAL = /^["“„«(]*\p{Lu}/u;

/**
 * Judges the white space before a word.
 * @param text - From the last cut on.
 * @param at - Index of the first white space behind a word.
 * @param isEnd - Whether nothing comes behind the text.
 */
export function placeAt(text: string, at: number, isEnd: boolean): Place {
  const left = /\S*$/u.exec(text.slice(Math.max(0, at - 40), at))?.[0] ?? '';
  if (!PLAIN.test(left) || isNumber(left)) return 'none';
  const hangsOn = HANGS_ON.has(left.toLowerCase());
  const right = wordAt(text, at, isEnd);
  if (right === undefined) return 'wait';
  if (!PLAIN.test(right.word) && !BEGINS_PHRASE.has(right.word)) return 'none';
  if (CAPITAL.test(right.word) || CLINGS.has(right.word)) return 'none';
  if (!BEGINS_PHRASE.has(right.word) && (CAPITAL.test(left) || isNumber(right.word))) return 'none';
  if (hangsOn) return 'poor';
  if (!BEGINS_PHRASE.has(right.word)) return SUBJECTS.has(left.toLowerCase()) ? 'poor' : 'space';
  if (!CAPITAL.test(left) || BETWEEN_NOUNS.has(right.word)) return 'phrase';
  // "Ben and Jerry's", "Stratford on Avon".
  const next = wordAt(text, right.end, isEnd);
  if (next === undefined) return 'wait';
  return CAPITAL.test(next.word) ? 'none' : 'phrase';
}

const isNumber = (word: string): boolean =>
  readNumber(word.toLowerCase()) !== undefined || /^(?:hundred|thousand|million|half|dozen)$/i.test(word);

/** The word behind white space, or its beginning where it is longer than any that is looked for; `undefined` when more must come. */
function wordAt(text: string, at: number, isEnd: boolean): { readonly word: string; readonly end: number } | undefined {
  const match = /\s+(\S{0,13})/uy;
  match.lastIndex = at;
  const word = match.exec(text)?.[1] ?? '';
  if (match.lastIndex === text.length && word.length <= WORD_LETTERS && !isEnd) return undefined;
  return { word, end: match.lastIndex };
}
