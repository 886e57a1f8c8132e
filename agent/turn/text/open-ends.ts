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

/** Hesitations, however long they are written: "um", "uhhh", "hmm". */
const HUM = /^(?:u+h*m+|u+h+|e+r+m*|h+m+|m{2,}|e+h+|a+h+)$/;
const PERSON = '(?:i|you|we|they|he|she)';
const THING = '(?:it|that|this|there)';
const AUXILIARY = '(?:do|does|did|is|are|was|were|am|have|has|had|can|could|will|would|should|may|might)';
const LIKENING = "(?:i'd|i would|we'd|would|just|something|anything|looks?|sounds?|feels?|tastes?|more|is) like";

const FILLERS: readonly EndRule[] = [
  [endingIn(`as well|(?:very|pretty|doing) well|(?:as|if) you like|(?:what|how).* like|${PERSON} like|${LIKENING}`), 0],
  [endingIn('let me (?:see|think|check|look)|let me have a look|hold on|hang on'), 1],
  [endingIn("(?:one|just a|a) (?:second|sec|moment|minute)|i mean|well|like|what's it called|let's see"), 1],
  [endingIn('you know|actually|maybe|perhaps|probably|basically|i guess|i think'), 0.5],
];

const CONJUNCTIONS: readonly EndRule[] = [
  [endingIn('or so|(?:think|hope|guess|believe|say|said|do) so|so so'), 0],
  [endingIn("and|or|but|nor|because|'?cause|cuz|plus|than|if|unless|although|whether|while|until|except"), 1],
  [endingIn('and (?:also|then)|so that|as long as|in case|even though'), 1],
  [endingIn('so|then|also|since|though'), 0.5],
];

/** First the ends of sentences that look open, then what is open, the surest first. */
const FUNCTION_WORDS: readonly EndRule[] = [
  [endingIn(`(?:yes|yeah|yep|yup|sure|no|nope|nah|think|know) (?:${PERSON}|${THING}) ${AUXILIARY}(?:n't)?`), 0],
  [endingIn(`(?:yes|yeah|yep|yup|no|nope|nah) ${PERSON} (?:don't|won't|can't)`), 0],
  // "What do you have", "what does it come with", "what are you looking for".
  [
    endingIn(
      `(?:what|which|how|who|where|when)(?: \\S+){0,6} (?:${PERSON}|${THING}) (?:have|want|need|get|take|do|be)`,
    ),
    0,
  ],
  [endingIn(`(?:what|which|who|where|when) (?:${PERSON}|${THING}) (?:is|are|was|were)`), 0],
  [endingIn('(?:what|who|which)(?: \\S+){0,4} (?:looking|waiting|asking|made|comes?) (?:for|of|with|from|in)'), 0],
  [endingIn(`if ${PERSON} (?:can|could|would|will|may|do|have|want)`), 0],
  [endingIn('(?:how|who|where) are you|how do you do|yes (?:and|or) no|not really|thanks a lot'), 0],
  [
    endingIn(
      '(?:hold|hang|come|go|later|move|so|keep) on|(?:put|turn|leave) (?:it|that) on|from (?:now|then) on|come in',
    ),
    0,
  ],
  [endingIn('(?:in|of|on|last|next|until|since|by|\\d+) may'), 0],
  [endingIn('an?|the|my|your|our|their|every|with|without|of|from|into|onto|between|per|at|as|such as|as in'), 1],
  [endingIn(`(?:${PERSON}|${THING})'(?:d|ll|m|re|ve|s)|(?:here|what|who|where|when|how|let|name|number)'s`), 1],
  [endingIn('is|are|was|were|am|can|could|may|might|shall|should|will|would|has|had|gonna|wanna|gotta|does|did|do'), 1],
  [endingIn(`${LIKENING}|i|we|they|he|she`), 1],
  [endingIn('(?:get|give|make|bring|brew|pour|fix|let|order|tell|show|send) (?:me|us)|call me'), 1],
  [
    endingIn(`(?:can|could|would|will|do|are|did|should|have|if) ${PERSON}(?: (?:please|just|also|maybe|possibly))?`),
    1,
  ],
  [endingIn(`(?:can|could|would|will|should|if|does|did|do) ${THING}|(?:is|are) there`), 1],
  [endingIn('get|have|want|need|make|give|bring|put|add|remove|brew|prepare|buy|use|(?:with|but|has|and) no'), 1],
  [endingIn('some|another|very|just|with lots|(?:to|you|i|and) change'), 1],
  [endingIn("to|for|by|few|take|(?:to|i|i'll) try|pretty|such|how many|spelled|(?:do|ca|wo|does|did|is|are)n't"), 0.8],
  [
    endingIn(
      'in|on|about|any|(?:a|little|tiny) bit|a (?:little|couple|lot)|lots|(?:to|i|we) order|what (?:kind|type|sort)',
    ),
    0.6,
  ],
  [endingIn('really|only|less|over|around|which|how|under|after|before|through|almost'), 0.4],
];

/** Reads the end of a text; hums at the very end are looked through, so that "and um" is both. */
export function readOpenEnd(tokens: readonly string[]): OpenEnd {
  const spokenTo = tokens.findLastIndex((token) => !HUM.test(token)) + 1;
  const end = endOf(tokens.slice(0, spokenTo));
  return {
    conjunction: valueOfEnd(end, CONJUNCTIONS),
    functionWord: valueOfEnd(end, FUNCTION_WORDS),
    filler: spokenTo < tokens.length ? 1 : valueOfEnd(end, FILLERS),
  };
}
