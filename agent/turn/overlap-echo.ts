/** Whether words are the agent's own, come back through the caller's microphone. */

/** More of either text is not compared, in words: five seconds of speech hold fewer. */
const WORDS_MAX = 80;
/** A word of the agent that the recogniser did not catch. */
const MISSED_WORD = -0.5;
/** A word that the agent did not say. */
const OTHER_WORD = -1;

/**
 * How well words follow the agent's: one for each that matches in order, less one for each that does not.
 * Words match if a recogniser takes one for the other: one letter in four may differ.
 * @returns Between minus and plus the number of heard words, and 0 for none.
 */
export function alignWithAgent(heardWords: readonly string[], agentWords: readonly string[]): number {
  const heard = heardWords.slice(0, WORDS_MAX);
  const agent = agentWords.slice(-WORDS_MAX);
  // An echo may begin anywhere in what the agent said: the first row costs nothing.
  let scores: number[] = new Array<number>(agent.length + 1).fill(0);
  for (const word of heard) {
    const next: number[] = [(scores[0] ?? 0) + OTHER_WORD];
    for (const [index, said] of agent.entries()) {
      const matched = (scores[index] ?? 0) + (soundsLike(word, said) ? 1 : OTHER_WORD);
      const inserted = (scores[index + 1] ?? 0) + OTHER_WORD;
      const missed = (next[index] ?? 0) + MISSED_WORD;
      next.push(Math.max(matched, inserted, missed));
    }
    scores = next;
  }
  return scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY);
}

function soundsLike(heard: string, said: string): boolean {
  if (heard === said) return true;
  const allowed = Math.floor(Math.max(heard.length, said.length) / 4);
  return allowed > 0 && Math.abs(heard.length - said.length) <= allowed && distance(heard, said) <= allowed;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
