/** What the agent just asked: it tells which short answer is a whole one, and which read-out is to be expected. */
import { cutSentences } from './sentences.js';

export type Question =
  | 'yesno'
  | 'choice'
  | 'name'
  | 'number'
  | 'phone'
  | 'date'
  | 'email'
  | 'address'
  /** A question without a short form of its answer: "What can I get you?" */
  | 'open'
  | 'none';

/** Characters to look back on: above the longest reply of a voice agent, so that work is bounded. */
const LOOK_BACK_CHARACTERS = 600;

/** Requests that are questions without their mark: "Please tell me your name." */
const REQUEST =
  /\b(?:(?:tell|give) me|may i have|can i have|could i have|i(?:'ll)? (?:just )?need|please (?:say|spell)|what's|what is)\b/;

/** What is asked for by name, the more particular first: "What's the name on the card?" is after a name. */
const TOPICS: readonly (readonly [RegExp, Question])[] = [
  [/\be-?mail\b/, 'email'],
  [
    /\b(?:phone|telephone|mobile|cell|call ?back) number\b|\bnumber (?:can|could|should) (?:i|we)\b|\breach you\b/,
    'phone',
  ],
  [
    /\b(?:your|last|first|full|what|which|a|the) names?\b|\bwho(?: is|'s) (?:it|this|that) for\b|\bwho am i\b|\bspell\b/,
    'name',
  ],
  [/\b(?:address|zip ?code|postal code|postcode|where (?:do you live|should we (?:send|deliver)))\b/, 'address'],
  [/\bdate of birth\b|\bbirth ?da(?:y|te)\b|\b(?:what|which) (?:date|day|time|month|year)\b|\bwhen\b/, 'date'],
  [/\bhow (?:many|much|old|long|often)\b|\b(?:card|order|account|confirmation|your|what|which) number\b/, 'number'],
];
const AUXILIARY =
  "(?:is|are|was|were|do|does|did|can|could|would|will|should|shall|may|have|has|am|isn't|aren't|don't|didn't|won't)";
const OFFER = /\bor\b|\bwhich (?!drinks?\b|coffees?\b)|\bwhat (?:size|kind|type|sort|colou?r|flavou?r|milk|roast)\b/;
/** Choices that are none: "one or two questions", "more or less", "Would you like that or not?" */
const NO_OFFER = /\bor (?:not|so|less)\b|\bor (?:anything|something) else\b/;
/** What makes a question of a statement before it: "..., is that right?", and "Anything else?". */
const TAG = /\b(?:right|correct|okay|yes|is it|isn't it|does it|anything (?:else|more))\s*\?+["')]*$/;
const YES_OR_NO = new RegExp(`(?:^|[,;:–-] ?|\\b(?:and|so|but|okay|ok|sure|well|then|also) )${AUXILIARY}\\b`);
const WH = /\b(?:what|which|who|whose|where|when|why|how)(?:'s|'d)?\b/;

/**
 * Says what kind of question the agent's words end with.
 * @param agentText - The agent's last reply or its end; the last question in it counts, even with a remark behind it.
 * @param language - BCP 47 tag; of other languages than English only the question mark is known, which makes it `open`.
 */
export function questionIn(agentText: string, language: string): Question {
  const text = agentText.slice(-LOOK_BACK_CHARACTERS).replace(/[‘’]/g, "'").toLowerCase();
  const { sentences, rest } = cutSentences(text);
  const all = [...sentences, rest].map((sentence) => sentence.trim()).filter((sentence) => sentence !== '');
  const asked = all.findLast((sentence) => /[?？]/.test(sentence));
  if (!/^en\b/i.test(language)) return asked === undefined ? 'none' : 'open';
  if (asked !== undefined) return kindOf(asked, true);
  const last = all.at(-1) ?? '';
  return REQUEST.test(last) ? kindOf(last, false) : 'none';
}

/** "Could you say that again?" is answered by anything but yes or no. */
const SAY_AGAIN = /\b(?:say|repeat|tell me|try) (?:that|it|this)\b|\b(?:say|try|tell me) again\b|\bcome again\b/;

function kindOf(sentence: string, isMarked: boolean): Question {
  if (SAY_AGAIN.test(sentence)) return 'open';
  // "So one latte for the name Jane, is that right?": what hangs on at the end is the question.
  if (TAG.test(sentence) && !/\bor\b[^?]*$/.test(sentence)) return 'yesno';
  const isYesNo = YES_OR_NO.test(sentence);
  const topic = TOPICS.find(([pattern]) => pattern.test(sentence))?.[1];
  // "Is your phone number still the same?" is answered by yes or no, "Can I have your phone number?" by the number.
  if (topic !== undefined && (!isYesNo || ASKS_FOR.test(sentence))) return topic;
  if (!isMarked) return 'none';
  if (OFFER.test(sentence) && !NO_OFFER.test(sentence)) return 'choice';
  if (WH.test(sentence) && !/^(?:.*[,;:] )?(?:do|did|would|is|are) (?:that|you) (?:know|remember)/.test(sentence)) {
    const wh = sentence.search(WH);
    const yesno = sentence.search(YES_OR_NO);
    return yesno === -1 || wh < yesno ? 'open' : 'yesno';
  }
  return isYesNo ? 'yesno' : 'open';
}

const ASKS_FOR =
  /\b(?:(?:can|could|may) (?:i|we|you) (?:please )?(?:have|get|ask|take|give|tell|spell|confirm your)|would you (?:give|tell|spell)|do you (?:know|remember|have an?)|what|which|how|when|who)\b/;
