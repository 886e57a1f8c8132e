/** E-mail addresses as they are spoken: "jane dot doe at mail dot com". */
import type { Question } from '../question.js';
import { BEGUN, type ReadOut, WHOLE } from './read-out.js';
import { SENTENCE_WORD } from './sentence-words.js';

const TOP_LEVEL = /^(?:com|org|net|edu|gov|io|uk|us|ca|de|fr|au|info|biz|me|ai|app|dev|co|eu|tv)$/;
/** Signs that join two parts of an address. */
const JOINT = /^(?:dot|at|underscore|dash|hyphen|minus|plus|period|point)$/;
const CUE = /^(?:e-?mail|mail|gmail|hotmail|outlook|yahoo)$/;
/** Words after which the address itself begins. */
const LEAD = /^(?:is|it's|that's|sure|yes|okay|yeah|so|um|uh|e-?mail|address)$/;
/** Tokens of a first part that nobody asked for: "my email is jane dot doe two". */
const LOCAL_TOKENS = 6;
const PART: ReadOut = Object.freeze({ unfinished: 0.9, complete: 0 });

/** Reads the address that a text ends with; undefined when it ends otherwise. */
export function readEmail(tokens: readonly string[], question: Question): ReadOut | undefined {
  const atAt = tokens.lastIndexOf('at');
  const domain = tokens.slice(atAt + 1);
  const isCued = question === 'email' || tokens.some((token) => CUE.test(token));
  const hasAt = atAt !== -1 && !domain.some((token) => SENTENCE_WORD.test(token));
  if (tokens.at(-1) === 'dot') return BEGUN;
  if (hasAt && domain.includes('dot')) return readDomain(domain);
  if (!isCued) return undefined;
  return hasAt ? PART : readLocalPart(tokens, question);
}

function readDomain(domain: readonly string[]): ReadOut | undefined {
  const last = domain.at(-1) ?? '';
  if (JOINT.test(last)) return BEGUN;
  if (domain.at(-2) !== 'dot') return undefined;
  if (!TOP_LEVEL.test(last)) return { unfinished: 0.7, complete: 0 };
  // "... dot co" may become "... dot co dot uk".
  return last === 'co' ? { unfinished: 0.5, complete: 0.5 } : WHOLE;
}

function readLocalPart(tokens: readonly string[], question: Question): ReadOut | undefined {
  const leadAt = tokens.findLastIndex((token) => LEAD.test(token));
  const local = tokens.slice(leadAt + 1);
  if (local.length === 0) return /^(?:is|it's|that's|address)$/.test(tokens.at(-1) ?? '') ? BEGUN : undefined;
  if (local.some((token) => SENTENCE_WORD.test(token))) return undefined;
  if (question === 'email') return PART;
  // Unasked, only what follows "my email is" counts.
  return tokens[leadAt] === 'is' && local.length <= LOCAL_TOKENS ? PART : undefined;
}
