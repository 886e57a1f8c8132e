/** Ends of turns by their form: closings, and questions. */
import { type EndRule, endingIn, endOf, valueOfEnd } from './phrases.js';

const CLOSINGS: readonly EndRule[] = [
  // "Can I please": it only begins.
  [endingIn('(?:can|could|may|would|will) (?:i|you|we)(?: have| get)? please'), 0],
  [endingIn('please|thanks|thank you|thank you (?:so|very) much|thanks (?:a lot|so much|very much)'), 1],
  [endingIn("(?:that's|that is|that was|that(?:'ll| will) be) (?:all|it|everything)(?: for (?:now|today|me))?"), 1],
  [endingIn('nothing else|for me|bye|goodbye|have a (?:good|nice|great) (?:day|one)|you too'), 1],
  [endingIn("if (?:you can|that's okay|that's ok|possible)|when you get a chance|for now"), 0.8],
  [endingIn('to go|for here|as well|instead|right now|if you could|too|either'), 0.6],
];

/** How much the end of a text closes what was said: "please", "that's all". 0 to 1. */
export const readClosing = (tokens: readonly string[]): number => valueOfEnd(endOf(tokens), CLOSINGS);

const BEFORE_QUESTION =
  'and|but|so|then|or|hi|hello|hey|okay|ok|um|uh|well|please|also|actually|sorry|excuse me|yes|yeah|no|there';
const AUXILIARY = 'can|could|may|would|will|do|does|did|is|are|was|were|should|have|has';
const SUBJECT = 'i|you|we|it|they|he|she|that|this|there|the|my';
const BEHIND_WH =
  'is|are|was|do|does|did|can|could|will|would|much|many|long|late|about|time|kinds?|sizes?|drinks?|milks?';
const QUESTION = new RegExp(
  `(?:^|(?:^| )(?:${BEFORE_QUESTION}) )` +
    `(?:(?:${AUXILIARY}) (?:${SUBJECT})|(?:what|when|where|which|who|how)(?:'s|'re| (?:${BEHIND_WH})))` +
    '((?: \\S+)+)$',
);
/** Tokens behind the opening of a question from which it has its object: "can you" + "repeat that". */
const OBJECT_TOKENS = 2;
/** Tokens that a question is looked for in. */
const QUESTION_TOKENS = 24;

/** Whether a text ends with a question by its form; whether that is whole, its open ends tell. 0 to 1. */
export function readQuestionForm(tokens: readonly string[]): number {
  const behind = QUESTION.exec(tokens.slice(-QUESTION_TOKENS).join(' '))?.[1]?.trim().split(' ').length ?? 0;
  return Math.min(1, behind / OBJECT_TOKENS);
}
