/** What the scripted model answers: sentences of many lengths, the same for the same seed, and what their first clause is. Pure. */
import { splitTokens } from '../../local-providers/tokens.js';
import { seededRandom } from '../statistics.js';

/** First clauses of one to six words; none is a yes or no to anything, and none a refusal. */
const BEGINNINGS = [
  'Got it,',
  'All right,',
  'Good choice,',
  'One moment please,',
  'That is on the list,',
  'I have that for you,',
  'Very good, so far,',
  'Thanks for that,',
] as const;
const MIDDLES = [
  'it goes on your order',
  'that will be ready in four minutes',
  'we make that one fresh for you',
  'it is down as you said it',
  'your drink comes right up',
  'the bar has it now',
] as const;
/** Open questions and statements: after a question for yes or no the listener would wait in another way. */
const ENDS = [
  '.',
  '. What else can I get you?',
  '. Tell me what comes next.',
  ' and you can pick it up at the front.',
  '. What would you like with it?',
] as const;

/** @returns So many replies, no two alike in one call of up to ten. */
export function repliesOf(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const replies: string[] = [];
  while (replies.length < count) {
    const reply = `${pick(BEGINNINGS)} ${pick(MIDDLES)}${pick(ENDS)}`;
    if (!replies.slice(-10).includes(reply)) replies.push(reply);
  }
  return replies;
}

/**
 * The first clause of a reply: up to and with the first comma, full stop, colon, semicolon, question or exclamation mark
 * that white space or the end follows. What ends inside a number or a name is none.
 */
export function firstClause(reply: string): string {
  return /^.*?[,.:;?!](?=\s|$)/su.exec(reply)?.[0] ?? reply;
}

/** Tokens that the voice waits for at least, by the rule of the scripted model. */
export function firstClauseTokens(reply: string): number {
  return splitTokens(firstClause(reply)).length;
}

/** The scripted reply that was spoken: an opening may come before it, and an interruption may cut its end. */
export function spokenReply(spoken: string, replies: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
  const said = plain(spoken);
  if (said === '') return undefined;
  return replies.find((reply) => said.includes(plain(reply)) || plain(reply).startsWith(said));
}
