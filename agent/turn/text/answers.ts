/** Ends of texts that are ends: short answers, closings, whole questions. */
import type { Question } from '../question.js';
import { isTens, readNumber } from './numbers.js';
import { type EndRule, endingIn, endOf, valueOfEnd } from './phrases.js';
import { SENTENCE_WORD } from './sentence-words.js';

const CLOSINGS: readonly EndRule[] = [
  [endingIn('(?:can|could|may|would|will) (?:i|you|we)(?: have| get)? please'), 0],
  [endingIn('please|thanks|thank you|thank you (?:so|very) much|thanks (?:a lot|so much|very much)'), 1],
  [
    endingIn(
      "(?:that's|that is|that'll be|that will be|that was) (?:all|it|everything)(?: for (?:now|today|me))?|nothing else|for me",
    ),
    1,
  ],
  [endingIn('bye|goodbye|bye bye|have a (?:good|nice|great) (?:day|one)|no worries|you too'), 1],
  [endingIn("if (?:you can|that's okay|that's ok|possible)|when you get a chance|for now"), 0.8],
  [endingIn('to go|for here|to stay|as well|instead|right now|if you could|too|either'), 0.6],
];

/** What may stand before an answer without changing it, and behind it. */
const LEAD =
  /^(?:(?:uh+|um+|er+m?|oh|well|so|okay|ok|just|only|about|like|maybe|probably|i think|i guess|let's go with|let's say|let's do|i'll (?:have|take|go with)|i'd like|i would like|i want|can i (?:get|have)|it's|its|it is|that's|that is|this is|my name is|my name's|the name is|name's|under|for|with|make it|the|an?|some|at|on|in|yes|yeah|sure|we are|we're|there are|there will be) )+/;
const TRAIL = /(?: (?:please|thanks|thank you|sir|ma'am))+$/;
const YES_NO =
  /^(?:(?:yes|yeah|yep|yup|yah|sure|okay|ok|alright|all right|right|correct|exactly|absolutely|definitely|certainly|no|nope|nah|not really|of course|that's (?:right|correct|fine|okay|good|great|it|all|perfect|wrong)|that is (?:right|correct|fine|all|it)|that works|sounds (?:good|great|perfect|right)|go ahead|please do|please|perfect|great|fine|good|cool|awesome|mm-?hm+|mhm+|uh-?huh|you got it|i do|i don't|i am|i'm not|it is|it isn't|it's not|i would|i wouldn't|we do|we are|i'm good|i'm fine|i'm sure|why not|not today|never mind|nothing|nothing else|no i don't|no problem|thanks|thank you|i think so|i guess so|i guess|not yet|maybe|sir|ma'am)(?: |$))+$/;
const REFUSAL =
  /^(?:(?:no|nope|nah|nothing|nothing else|neither|none|not today|never mind|thanks|thank you|that's all|that's it)(?: |$))+$/;
const DAY =
  /^(?:(?:this|next|on|tomorrow|today|tonight) ?)?(?:today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|now|right now|noon|midnight|morning|afternoon|evening|night|weekend|as soon as possible|asap|later)?$/;

export const readClosing = (tokens: readonly string[]): number => valueOfEnd(endOf(tokens), CLOSINGS);

/** Answers are short; longer ones are sentences and read as such. */
const ANSWER_TOKENS = 12;

/**
 * Whether all that was said is a short answer to what was asked, complete at once.
 * @returns 0 to 1; less than 1 where the same words also begin longer answers.
 */
export function readShortAnswer(tokens: readonly string[], question: Question): number {
  if (tokens.length === 0 || tokens.length > ANSWER_TOKENS) return 0;
  const text = tokens.join(' ');
  if (YES_NO.test(text) && (question === 'yesno' || question === 'none')) return question === 'yesno' ? 1 : 0.5;
  if (question !== 'none' && REFUSAL.test(text)) return 1;
  if (YES_NO.test(text)) return 0;
  const said = `${text} `.replace(LEAD, '').trim().replace(TRAIL, '');
  const words = said === '' ? [] : said.split(' ');
  if (words.length === 0) return 0;
  switch (question) {
    case 'choice':
      return choiceAnswer(words);
    case 'name':
      return isName(words) ? 1 : 0;
    case 'number':
      return numberAnswer(words);
    case 'date':
      return DAY.test(said) ? 1 : 0;
    default:
      return 0;
  }
}

/** "Milk", "the first one", "whole milk and sugar". */
function choiceAnswer(words: readonly string[]): number {
  if (SENTENCE_WORD.test(words[0] ?? '') || words.length > 5) return 0;
  return words.length <= 3 ? 1 : 0.5;
}

function isName(words: readonly string[]): boolean {
  return words.length <= 3 && words.every((word) => /^\p{L}[\p{L}'-]+$/u.test(word) && !SENTENCE_WORD.test(word));
}

/** "Two", "twenty one", "three of them", "a couple". */
function numberAnswer(words: readonly string[]): number {
  if (/^(?:couple|couple of them|dozen|half|both|few)$/.test(words.join(' '))) return 1;
  const numbers = words.filter(
    (word) => readNumber(word) !== undefined || /^(?:hundred|thousand|and)$/.test(word),
  ).length;
  if (numbers === 0 || numbers > 3 || words.length - numbers > 2 || readNumber(words[0] ?? '') === undefined) return 0;
  return isTens(words.at(-1) ?? '') ? 0.5 : 1;
}

const ASK =
  /(?:^|(?:^| )(?:and|but|so|then|or|hi|hello|hey|okay|ok|um|uh|well|please|also|actually|sorry|yes|yeah|there) )(?:(?:can|could|may|would|will|do|does|did|is|are|was|should|have|has) (?:i|you|we|it|they|he|she|that|this|there|the|my)|(?:what|when|where|which|who|how)(?:'s|'re| (?:is|are|was|do|does|did|can|could|will|would|much|many|long|late|about|time|kinds?|sizes?|drinks?|milks?)))((?: \S+)+)$/;
/** Tokens behind the opening of a question from which it has an object: "can you" + "repeat that". */
const OBJECT_TOKENS = 2;
/** Tokens that a question is looked for in. */
const QUESTION_TOKENS = 24;

/** Whether the text ends with a question by its form; whether it is whole, the open ends tell. */
export function readQuestionForm(tokens: readonly string[]): number {
  const behind = ASK.exec(tokens.slice(-QUESTION_TOKENS).join(' '))?.[1]?.trim().split(' ').length ?? 0;
  return behind >= OBJECT_TOKENS ? 1 : behind === 1 ? 0.5 : 0;
}
