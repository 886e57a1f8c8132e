/** Short answers: all that was said is what was asked for, and complete at once. */
import type { Question } from '../question.js';
import { isTens, readNumber } from './numbers.js';
import { madeOf } from './phrases.js';
import { SENTENCE_WORD } from './sentence-words.js';

/** Answers are short; longer ones are sentences and read as such. */
const ANSWER_TOKENS = 12;

const NO =
  "no|nope|nah|nothing(?: else)?|neither|none|not (?:today|really|yet)|never mind|that's (?:all|it)|thanks|thank you";
const YES =
  'yes|yeah|yep|yup|sure|okay|ok|alright|all right|right|correct|exactly|absolutely|definitely|certainly|of course|please|' +
  "mm-?hm+|mhm+|uh-?huh|perfect|great|fine|good|cool|go ahead|please do|why not|maybe|sir|ma'am|" +
  "that's (?:right|correct|fine|okay|good|great|perfect|wrong)|that is (?:right|correct|fine|all|it)|that works|" +
  'sounds (?:good|great|perfect|right)|you got it|' +
  "i (?:do|don't|would|wouldn't|am|guess|guess so|think so)|i'm (?:not|good|fine|sure)|it is|it isn't|it's not|we (?:do|are)";
const YES_OR_NO = madeOf(`${YES}|${NO}`);
const REFUSAL = madeOf(NO);

/** What may stand before an answer without changing it. */
const LEAD = new RegExp(
  "^(?:(?:uh+|um+|er+m?|oh|well|so|okay|ok|yes|yeah|sure|just|only|about|maybe|probably|i think|i guess|let's (?:do|say|go with)|" +
    "i'll (?:have|take|go with)|i'd like|i would like|i want|can i (?:get|have)|make it|it's|it is|that's|that is|this is|" +
    "(?:my|the) name is|(?:my )?name's|we're|we are|there are|there will be|under|for|with|the|an?|some|at|on|in) )+",
);
const TRAIL = /(?: (?:please|thanks|thank you|sir|ma'am))+$/;
const DAY_WORD =
  'today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|morning|afternoon|evening|night|noon|midnight';
const DAY = madeOf(`this|next|on|right now|now|later|as soon as possible|${DAY_WORD}`);

/**
 * Whether all that was said is a short answer to what was asked.
 * @returns 0 to 1; less than 1 where the same words also begin longer answers, or where nothing is known to be asked.
 */
export function readShortAnswer(tokens: readonly string[], question: Question): number {
  if (tokens.length === 0 || tokens.length > ANSWER_TOKENS) return 0;
  const text = tokens.join(' ');
  if (YES_OR_NO.test(text)) return yesOrNoAnswer(text, question);
  const words = `${text} `
    .replace(LEAD, '')
    .trim()
    .replace(TRAIL, '')
    .split(' ')
    .filter((word) => word !== '');
  if (words.length === 0) return 0;
  switch (question) {
    case 'choice':
      return choiceAnswer(words);
    case 'name':
      return isName(words) ? 1 : 0;
    case 'number':
      return numberAnswer(words);
    case 'date':
      return DAY.test(words.join(' ')) ? 1 : 0;
    default:
      return 0;
  }
}

/** A "yes" to "Can I have your number?" begins the answer, a "no" ends it. */
function yesOrNoAnswer(text: string, question: Question): number {
  if (question === 'none') return 0.5;
  return question === 'yesno' || REFUSAL.test(text) ? 1 : 0;
}

/** "Milk", "first one", "whole milk and sugar". */
function choiceAnswer(words: readonly string[]): number {
  if (words.join(' ') === 'to go') return 1;
  if (SENTENCE_WORD.test(words[0] ?? '') || words.length > 5) return 0;
  return words.length <= 3 ? 1 : 0.5;
}

function isName(words: readonly string[]): boolean {
  return words.length <= 3 && words.every((word) => /^\p{L}[\p{L}'-]+$/u.test(word) && !SENTENCE_WORD.test(word));
}

/** "Two", "twenty one", "three of them", "couple". */
function numberAnswer(words: readonly string[]): number {
  if (/^(?:couple(?: of them)?|dozen|half|both|few)$/.test(words.join(' '))) return 1;
  const isNumber = (word: string): boolean => readNumber(word) !== undefined || /^(?:hundred|thousand|and)$/.test(word);
  const numbers = words.filter(isNumber).length;
  if (readNumber(words[0] ?? '') === undefined || numbers > 3 || words.length - numbers > 2) return 0;
  return isTens(words.at(-1) ?? '') ? 0.5 : 1;
}
