import { toWords } from '../words/score.js';

/** The caller's own words as the agent asks about them ("Did you say: ...?"); undefined when it asks nothing of the kind. */
export function wordsReadBack(reply: string): string[] | undefined {
  const words = /\bdid you say: (.+)\?/i.exec(reply)?.[1];
  return words === undefined ? undefined : toWords(words);
}
