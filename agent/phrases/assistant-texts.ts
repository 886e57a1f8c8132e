/** What an assistant says in the same words in every call, for synthesising it once. */
import type { CacheableAnswer } from '../turn/answer-cache.js';
import { textsToPrepare, wordingFor } from './wording.js';

/** @returns What is said first comes first. */
export function assistantTexts(script: {
  readonly greeting: string;
  readonly language: string;
  readonly answers: readonly CacheableAnswer[];
}): string[] {
  const { greeting, language, answers } = script;
  return textsToPrepare(wordingFor(language), [greeting, ...answers.map(({ answer }) => answer)]);
}
