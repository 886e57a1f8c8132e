/**
 * Replies that go on from words which were spoken already: the agent may begin a reply aloud before it asks for it, and says
 * so in a system message. Pure.
 */
import type { ChatMessage } from '../../engine.js';
import { SAY } from './phrases.js';

/** "You have already begun this reply aloud with "Sure,"." However it is put: that it has begun, and the words in quotes. */
const BEGUN = /\balready begun\b[^"“”]{0,200}["“]([^"“”]{1,80})["”]/i;

/** Ways to begin that carry nothing once a beginning was spoken. "Yes" and "no" are answers and stay. */
const BEGINNINGS =
  /^(?:sure(?: thing)?|okay|ok|all ?right|got it|of course|certainly|great|well)\s*(?:[,.!:…–-]+\s*|$)/i;

/** Words that keep their capital inside a sentence. */
const KEEPS_CAPITAL =
  /^(?:I(?![\p{L}\p{N}])|\p{Lu}[\p{Lu}\p{N}]|\p{L}*\p{Ll}\p{Lu}|Turnwise\b|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)/u;

/** @returns The words this reply was begun with, told by the last system message; `undefined` when it tells none. */
export function openingOf(messages: readonly ChatMessage[]): string | undefined {
  const last = messages.findLast(({ role }) => role === 'system' || role === 'developer');
  return BEGUN.exec(last?.content ?? '')?.[1]?.trim();
}

/**
 * Makes a reply go on from its opening.
 * @param opening - Words that were spoken, with the mark behind them: after a comma a sentence goes on, after a full stop not.
 * @param reply - The reply as it would be said on its own.
 * @returns What is left to say: no second beginning, none of the opening's words again.
 */
export function continued(opening: string, reply: string): string {
  // "Sure, I'm not sure": the question behind it says as much.
  let rest = reply.trimStart().replace(`${SAY.unsure} `, '');
  for (;;) {
    const shorter = withoutOpening(rest, opening).replace(BEGINNINGS, '');
    // Of a reply that is nothing but a beginning, something must be said all the same.
    if (shorter === rest || shorter === '') break;
    rest = shorter;
  }
  return /[.!?…]["')\]]*$/.test(opening) ? capitalised(rest) : inSentence(rest);
}

/** Takes the opening's words, or those of its last part, off the front, whatever marks stand behind them there. */
function withoutOpening(text: string, opening: string): string {
  const parts = opening
    .split(/[,;:]/)
    .map(wordsOf)
    .filter(({ length }) => length > 0);
  for (const [index] of parts.entries()) {
    const rest = withoutWords(text, parts.slice(index).flat());
    if (rest !== undefined) return rest;
  }
  return text;
}

/** @returns The text behind these words; `undefined` when it does not begin with them. */
function withoutWords(text: string, words: readonly string[]): string | undefined {
  let rest = text;
  for (const word of words) {
    const next = /^[^\p{L}\p{N}]*([\p{L}\p{N}'’]+)/u.exec(rest);
    if (next?.[1]?.toLowerCase() !== word) return undefined;
    rest = rest.slice(next[0].length);
  }
  return rest.replace(/^[\s,.!:…–-]+/, '');
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
}

function inSentence(text: string): string {
  return KEEPS_CAPITAL.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
