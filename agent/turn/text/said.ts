/** What the caller's words call for, as far as their form tells surely: English only. */
import type { Question } from '../question.js';
import { spokenWords } from '../spoken-words.js';

/** A request that will be taken up, a question for information, something to look at first. */
export type SaidKind = 'request' | 'question' | 'neutral';

/** Words above which so much was said that no form tells what it comes to. */
const MOST_WORDS = 60;
/** Words of an answer that are more than a short one, when nothing marks it as a request. */
const FULL_ANSWER_WORDS = 4;

/** Questions that callers also answer by a new request or a question of their own. */
const OPEN_TO_REQUESTS: ReadonlySet<Question> = new Set(['none', 'open', 'choice', 'yesno']);
const YES_OR_NO =
  /^(?:(?:u+m+|u+h+|oh|well|so) )*(?:yes|yeah|yep|yup|sure|okay|ok|right|correct|exactly|no|nope|nah|mhm|please|alright|fine)\b/;

/** What stands before a sentence and changes nothing about it. */
const LEAD =
  /^(?:(?:u+m+|u+h+|er+m?|hm+|mm+|mhm|oh|ah|well|so|okay|ok|alright|all right|right|yes|yeah|yep|sure|great|perfect|cool|hi|hello|hey|there|good (?:morning|afternoon|evening)|excuse me|please|and|also|then|now|actually|just|maybe|let's see|let me see|thanks|thank you|see|i guess|i think) )+/;
/** What stands behind one. */
const TRAIL = /(?: (?:please|thanks|thank you(?: very much| so much)?|if you can|bye|goodbye|for now|today|now))+$/;

/** Refusals, complaints, cancellations, farewells, persons asked for, breaks, money and anything that is bad news. */
const UNWELCOME = new RegExp(
  `\\b(?:${[
    "no|not|nope|nah|never|none|nothing|neither|nor|\\w+n't|cannot|(?:want|need|get|have|take) my|a (?:word|chat|talk|look|question)",
    'cancel\\w*|remove|delete|drop|forget|stop|undo|refund\\w*|return|take (?:off|out|back|away|it off)|leave out|never ?mind|changed my mind|get rid',
    "wrong|mistake\\w*|error|complain\\w*|complaint|terrible|horrible|awful|disgusting|bad|worst|rude|ridiculous|unacceptable|disappoint\\w*|problem\\w*|issue\\w*|broken|missing|spilled|overcharged|charged|angry|annoyed|late again|still waiting|been waiting|waited|too (?:late|long|cold|hot|slow|expensive|much)|(?:is|was|it's|are|were) (?:late|cold|empty)|already (?:said|told|asked|ordered|paid)|why|how come|how dare",
    'human|person|people|agent|someone|somebody|anyone|representative|operator|manager|supervisor|boss|owner|staff|transfer|connect me|hand me over|(?:speak|talk|talking|speaking) (?:to|with)|call me',
    'wait|hold on|hang on|(?:a|one|another) (?:minute|second|sec|moment)|get back|think about',
    'help|emergency|police|ambulance|hospital|doctor|sick|died|dead|hurt|allerg\\w*|robot|real|joke|sing|sue|lawyer',
    'pay|paying|payment|card|cash|money|discount|coupon|voucher|free|credit|debit|receipt|invoice|deliver\\w*|ship|password|wifi|job|loyalty|points',
    'pardon|sorry|say (?:that|it) again|say again|repeat that|repeat it|come again|what did you (?:say|mean)|what do you mean|did you say|hear you|understand',
    "bye|goodbye|that's (?:it|all|everything|enough)|that is (?:it|all|everything)|all set|i'm (?:good|done|fine|okay)|how are you|how's it going|what's up|nice to",
  ].join('|')})\\b`,
);
/** Negations within an order that change nothing about its being one: "with no sugar". */
const HARMLESS = /\b(?:with|but|and) no (?=\w)|\bwhy not\b/g;
/** "Sure, ..." is not said of what belongs to us or of a whole order, which may be on its way. */
const NOT_OURS_TO_GIVE = /\b(?:your|my order|the order|my name|my number|my address|my e-?mail|my account)\b/;

const POLITE = '(?:(?:please|also|just|maybe|kindly) )*';
const ORDER_VERB = '(?:get|have|order|add|take|try|change|switch|make|put|buy|do)';
/** Forms in which something is ordered, added or changed. */
const ORDER = new RegExp(
  `^(?:${[
    `(?:i'd|i would|we'd|we would) ${POLITE}(?:like|love|rather have)(?! to)`,
    `(?:i'd|i would|we'd|we would) ${POLITE}(?:like|love) to ${POLITE}${ORDER_VERB}`,
    `(?:i'll|i will|we'll|we will) ${POLITE}(?:have|take|get|do|try|go (?:with|for))`,
    `(?:i|we) ${POLITE}(?:want|wanna|need|wanted)(?! to)`,
    `(?:i|we) ${POLITE}(?:want|need|wanted) to ${POLITE}${ORDER_VERB}`,
    `(?:i'm|i am|we're|we are) (?:going to|gonna) ${POLITE}(?:have|get|take|do)`,
    `(?:can|could|may) (?:i|we) ${POLITE}(?:get|have|order|add|take|switch|change)`,
    `(?:can|could|would|will) you ${POLITE}(?:make|get|give|add|bring|change|switch|put|prepare|brew|fix|pour)`,
    `${POLITE}(?:let me|let us|let's) ${POLITE}(?:get|have|do|go with|add|make|try)`,
    `${POLITE}(?:add|make|get me|give me|bring me|order|change|switch|put|prepare|brew|fix|pour)`,
  ].join('|')}) (?!(?:to|you|sure|status|number|of|me through|up)\\b)\\S`,
);
/** An order without a word of asking: "a large latte with milk please". */
const NAMED =
  /^(?:an?|one|two|three|four|five|six|some|another|the|small|medium|large|regular|extra|single|double|triple|hot|iced|decaf|light|dark) \S/;
/** A change of what was ordered just now: it needs no name. */
const CHANGE =
  /^(?:(?:can|could) you )?(?:please )?(?:make (?:it|that|them) |(?:change|switch) (?:it|that|them) (?:to|into|for) )(?!sure|up|quick|fast)\S/;
const WH_FORM =
  /^(?:(?:(?:can|could) you (?:please )?tell me|(?:i'd like|i want|i wanted|i would like) to (?:know|ask)|tell me|i was wondering|wondering) )?(?:(?:until|at|by|from|in|on) )?(?:what(?:'s)?|which|how (?:much|many|long|late|big|large|small|soon|early|far|strong|hot)|when(?:'s)?|where(?:'s)?) (?!if\b|about\b|the heck\b|the hell\b)\S/;
const WH = /\b(?:what|which|how|when|where|who)(?:'s)?\b/;
const TO_LOOK_AT =
  /^(?:(?:can|could) you )?(?:please )?(?:tell me about|read (?:me|out|back)|read the|list|describe)\b/;
/** An auxiliary with its subject behind it, as yes-or-no questions have them anywhere. */
const INVERTED =
  /\b(?:(?:does|did|is|are|was|were|can|could|will|would|should|shall|may|might|am) (?:you|i|we|it|that|this|there|they|he|she|the|these|those|my|any|anything)|do (?:you|i|we|they|these|those)|have (?:you|i|we|they)|had (?:you|i|we|they|he|she)|has (?:it|he|she|that|this|the))\b/g;
const TAG = /\b(?:right|correct|okay|ok|yes|huh|is it|is that)\s*\?/;

/**
 * Says what the words call for.
 * @param asked - What the agent asked before them.
 * @param known - Things of which one must be named in a request; without them, any request is one that is taken up.
 * @returns `undefined` for what may be refused, answered by yes or no, or is no matter for a cheerful beginning.
 */
export function kindOfSaid(said: string, asked: Question, known?: readonly string[]): SaidKind | undefined {
  const spoken = spokenWords(said);
  const text = spoken.join(' ');
  // One who answers a read-out, or says yes or no, gives an answer, whatever its form.
  if (!OPEN_TO_REQUESTS.has(asked) || (asked === 'yesno' && YES_OR_NO.test(text))) return undefined;
  if (spoken.length === 0 || spoken.length > MOST_WORDS || TAG.test(said.toLowerCase())) return undefined;
  const words = `${text} `.replace(LEAD, '').trim().replace(TRAIL, '');
  if (words === '' || UNWELCOME.test(words.replace(HARMLESS, 'with '))) return undefined;
  if (hasYesNoQuestion(words)) return undefined;
  const wordCount = words.split(' ').length;
  if (ORDER.test(`${words} `) || isNamedOrder(words, wordCount, asked, known)) {
    if (NOT_OURS_TO_GIVE.test(words)) return undefined;
    return known === undefined || CHANGE.test(words) || namesOne(words, known) ? 'request' : undefined;
  }
  if (WH_FORM.test(words)) return 'question';
  return TO_LOOK_AT.test(words) && (asked === 'none' || asked === 'open') ? 'neutral' : undefined;
}

/** What was asked for openly is answered by its name; more than a short answer, and with things that are known. */
function isNamedOrder(words: string, count: number, asked: Question, known: readonly string[] | undefined): boolean {
  return asked === 'open' && count >= FULL_ANSWER_WORDS && NAMED.test(words) && known !== undefined;
}

/** Whether there is a question for yes or no anywhere: one that no asking word stands before and that orders nothing. */
function hasYesNoQuestion(words: string): boolean {
  return [...words.matchAll(INVERTED)].some(({ index }) => {
    const before = words.slice(0, index).trim().split(' ').slice(-5).join(' ');
    const behind = `${words.slice(index)} `;
    return !ORDER.test(behind) && !WH.test(before) && !WH_FORM.test(behind) && !TO_LOOK_AT.test(behind);
  });
}

function namesOne(words: string, known: readonly string[]): boolean {
  const all = ` ${words} `;
  return known.some((name) => {
    const one = spokenWords(name).join(' ');
    return one !== '' && (all.includes(` ${one} `) || all.includes(` ${one}s `));
  });
}
