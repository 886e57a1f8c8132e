/** Words of English that call for another word: what the end of a text says about its going on. */
import { type EndRule, endingIn, endOf, valueOfEnd } from './phrases.js';

export interface OpenEnd {
  /** "... and", "... because": 1 when nothing ends so, less when some sentences do. */
  readonly conjunction: number;
  /** "... with a", "can i get", "i'd". */
  readonly functionWord: number;
  /** "... um", "let me see". */
  readonly filler: number;
}

const FILLER = /^(?:u+h*m+|u+h+|e+r+m*|h+m+|m{2,}|e+h+|a+h+)$/;
const PRONOUN = '(?:i|you|we|they|it|he|she|that|this|there)';
const AUXILIARY = `(?:do|does|did|is|are|was|were|am|have|has|had|can|could|will|would|should|may|might)`;

const FILLERS: readonly EndRule[] = [
  [
    endingIn('as well|very well|pretty well|doing well|if you like|as you like|(?:what|how).* like|(?:i|you|we) like'),
    0,
  ],
  [endingIn("(?:i'd|i would|would|we'd|just|something|anything|looks?|sounds?|feels?|tastes?|more|is) like"), 0],
  [
    endingIn(
      'let me (?:see|think|check|look)|let me have a look|hold on|hang on|(?:one|a|just a) (?:second|sec|moment|minute)',
    ),
    1,
  ],
  [endingIn("i mean|well|like|what's it called|how do you say|let's see"), 1],
  [endingIn('you know|actually|maybe|perhaps|probably|basically|i guess|i think|oh'), 0.5],
];

const CONJUNCTIONS: readonly EndRule[] = [
  [endingIn('or so|(?:think|hope|guess|believe|say|said|do) so|so so'), 0],
  [
    endingIn(
      "and|or|but|nor|because|'?cause|cuz|plus|than|if|unless|although|whether|while|until|except|and also|and then",
    ),
    1,
  ],
  [endingIn('so that|as long as|as well as|in case|even though|even if'), 1],
  [endingIn('so|then|also|which|since|though'), 0.5],
];

const FUNCTION_WORDS: readonly EndRule[] = [
  // Ends of sentences that look open: "yes i do", "what do you have", "if you could", "how are you".
  [endingIn(`(?:yes|yeah|yep|yup|sure|no|nope|nah|think|know) ${PRONOUN} ${AUXILIARY}(?:n't)?`), 0],
  [endingIn(`(?:yes|yeah|yep|yup|no|nope|nah) (?:i|we|it|they|you) (?:don't|won't|can't)`), 0],
  [
    endingIn(
      `(?:what|which|how|who|where|when)(?: \\S+){0,6} ${PRONOUN} (?:have|want|need|get|do|is|are|be|like|take)`,
    ),
    0,
  ],
  [endingIn('(?:what|who|which)(?: \\S+){0,4} (?:looking|waiting|asking|made|comes?) (?:for|of|with|from|in)'), 0],
  [endingIn(`if (?:you|i) (?:can|could|would|will|may|do|have|want)`), 0],
  [endingIn("how are you|how do you do|not really|thanks a lot|thank you|to have|(?:yes or|no) no|what's what"), 0],
  [endingIn('(?:hold|come|go|later|move|so|keep|put it|turn (?:it|that)|from (?:now|then)) on|come in|in my own'), 0],
  [endingIn('(?:in|of|on|is|the|last|next|\\d+|until|since) may'), 0],
  // Articles, prepositions and the beginnings of clauses: nothing ends so.
  [endingIn('an?|the|my|your|our|their|every|with|without|of|from|into|onto|between|per|at|as|instead of|such as'), 1],
  [
    endingIn(
      "(?:i|we|you|they|he|she|it|that|there)'(?:d|ll|m|re|ve|s)|(?:here|what|who|where|when|how|let)'s|i|we|they|she|he",
    ),
    1,
  ],
  [endingIn('is|are|was|were|am|can|could|may|might|shall|should|will|would|has|had|gonna|wanna|gotta|does|did|do'), 1],
  [endingIn("(?:i'd|i would|would|we'd|you'd|just|something|anything|looks?|sounds?|feels?|tastes?|more|is) like"), 1],
  [endingIn('(?:get|give|make|bring|brew|pour|fix|let|order|tell|show|send) (?:me|us)|call me'), 1],
  [
    endingIn(
      `(?:can|could|would|will|do|does|are|is|did|should|have|if) (?:${PRONOUN})(?: (?:please|just|also|maybe|possibly))?`,
    ),
    1,
  ],
  [endingIn('get|have|want|need|make|give|bring|put|add|remove|brew|prepare|buy|(?:with|but|has|and) no|used?'), 1],
  [endingIn('some|another|extra|very|just|with lots|with a|(?:that|which|who|it|this) (?:is|was)|forward to|as in'), 1],
  [
    endingIn(
      "to|for|by|few|take|try|pretty|such|how many|spelled|(?:to|you|i|and) change|don't|can't|won't|doesn't|didn't|isn't",
    ),
    0.8,
  ],
  [
    endingIn(
      'in|on|about|any|(?:a|little|tiny) bit|a little|a couple|a lot|lots|(?:to|i|we) order|what (?:kind|type|sort)|almost',
    ),
    0.6,
  ],
  [endingIn('really|only|less|over|around|which|how|when|under|after|before|through'), 0.4],
];

/** Reads the end of a text; fillers at the very end are looked through, so that "and um" is both. */
export function readOpenEnd(tokens: readonly string[]): OpenEnd {
  const end = endOf(tokens);
  const last = tokens.at(-1) ?? '';
  const isHum = FILLER.test(last);
  const before = endOf(tokens.slice(0, tokens.findLastIndex((token) => !FILLER.test(token)) + 1));
  return {
    conjunction: valueOfEnd(before, CONJUNCTIONS),
    functionWord: valueOfEnd(before, FUNCTION_WORDS),
    filler: isHum ? 1 : valueOfEnd(end, FILLERS),
  };
}
