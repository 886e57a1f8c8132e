/** Questions whose answer is the same for everybody, answered without the language model. */
import type { Question } from './question.js';
import { meansTheSame } from './same-words.js';

/** An answer that depends on neither the caller nor a tool, with the ways in which it is asked for. */
export interface CacheableAnswer {
  readonly questions: readonly string[];
  readonly answer: string;
}

export interface AnswerOptions {
  /** What the agent asked before: while it waits for an answer, nothing is a plain question. Default: nothing. */
  readonly asked?: Question;
  /**
   * Finds an answer by its meaning where no question has the words; must not wait. What it gives counts only when it is one of
   * the answers.
   */
  readonly semantic?: (said: string) => string | undefined;
}

/** Characters above which nobody asks a plain question. */
const MOST_CHARACTERS = 200;
/** Words that tie a question to the caller. */
const PERSONAL =
  /\b(?:my|mine|our|ours|myself|(?:i|we)(?:'ve| have| had|'d)? (?:just |already )?(?:ordered|placed|paid|bought|got|called|asked|booked)|have (?:i|we)|did (?:i|we))\b/u;
/** Sounds of thinking, wherever they are. */
const FILLER = /(?<![\p{L}\p{M}\p{N}'-])(?:u+m+|u+h+|er+m*|hm+|mm+|ah+)(?![\p{L}\p{M}\p{N}'-])/gu;
const EDGE = '[\\s,.;:!?…—–-]*';
const BEFORE = [
  'hi there|hello there|hey there|hi|hello|hey|good (?:morning|afternoon|evening|day)|excuse me|sorry|pardon me',
  'please|okay|ok|alright|all right|well|so|oh|yeah|yes|great|perfect|cool|actually|and|also|then|just|quick question|thanks|thank you',
  '(?:can|could|would) you (?:please |maybe )?tell me|do you know|tell me|i was (?:just )?wondering|i wonder|may i ask|can i ask|just wondering',
  "(?:i'd|i would) (?:just )?like to (?:know|ask)|i (?:just )?(?:want|wanted) to (?:know|ask)",
].join('|');
const BEHIND = 'please|thanks a lot|thanks|thank you(?: very much| so much)?|if you know|by the way|then|cheers';
const POLITE_BEGIN = new RegExp(`^${EDGE}(?:(?:${BEFORE})(?![\\p{L}\\p{M}\\p{N}'-])${EDGE})+`, 'u');
const POLITE_END = new RegExp(`(?:${EDGE}(?<![\\p{L}\\p{M}\\p{N}'-])(?:${BEHIND}))+${EDGE}$`, 'u');

/**
 * Finds the answer to a plain question.
 * @param said - All of the caller's turn. Politeness and fillers around a question are nothing; any other word more or less is
 *   another question.
 * @returns The answer as it is to be said; `undefined` for whatever needs the language model.
 */
export function findAnswer(
  said: string,
  answers: readonly CacheableAnswer[],
  { asked = 'none', semantic }: AnswerOptions = {},
): string | undefined {
  if (asked !== 'none' || said.length > MOST_CHARACTERS) return undefined;
  const question = plain(said);
  if (question === '' || PERSONAL.test(question)) return undefined;
  // Whole first: a question may itself begin with what is politeness elsewhere.
  const variants = [question, withoutPoliteness(question)].filter((variant) => variant !== '');
  const found = answers.find(({ questions }) =>
    questions.some((known) => variants.some((variant) => meansTheSame(plain(known), variant))),
  );
  if (found !== undefined) return found.answer;
  const meant = semantic?.(said);
  return answers.find(({ answer }) => answer === meant)?.answer;
}

/** Lower case, without fillers, short forms written out. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(FILLER, ' ')
    .replace(/\b(what|when|where|who|how|it|that|there|here)'s\b/gu, '$1 is')
    .replace(/\b(what|when|where|who|how|you|we|they)'re\b/gu, '$1 are')
    .replace(/^[\s\p{P}]+$/u, '')
    .trim();
}

function withoutPoliteness(question: string): string {
  return question.replace(POLITE_BEGIN, '').replace(POLITE_END, '').trim();
}
