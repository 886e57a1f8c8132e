/** Pronunciations of a vocabulary's words, from the CMU dictionary and the vocabulary itself. */

import { VocabularyError } from './templates.js';

/** `word(2)` in the CMU dictionary is a second way to say `word`. */
const ALTERNATIVE = /\(\d+\)$/;

/** Reads a dictionary in CMU form: a word and its phones a line. */
export function parseDictionary(text: string): Map<string, string[]> {
  const dictionary = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const gap = line.indexOf(' ');
    if (gap <= 0 || line.startsWith(';;;')) continue;
    const word = line.slice(0, gap).replace(ALTERNATIVE, '');
    const phones = line.slice(gap + 1).trim();
    const known = dictionary.get(word);
    if (known === undefined) dictionary.set(word, [phones]);
    else known.push(phones);
  }
  return dictionary;
}

/**
 * The dictionary of just these words; the vocabulary's own pronunciations come in addition to those of the base.
 * @throws VocabularyError naming every word that nothing tells how to say.
 */
export function pronounce(
  words: readonly string[],
  base: ReadonlyMap<string, readonly string[]>,
  own: Readonly<Record<string, readonly string[]>>,
): string {
  const missing: string[] = [];
  const lines: string[] = [];
  for (const word of words) {
    const added = Object.hasOwn(own, word) ? (own[word] ?? []) : [];
    const ways = new Set([...(base.get(word) ?? []), ...added]);
    if (ways.size === 0) missing.push(word);
    for (const [index, phones] of [...ways].entries()) {
      lines.push(`${index === 0 ? word : `${word}(${index + 1})`} ${phones}`);
    }
  }
  if (missing.length > 0) {
    throw new VocabularyError(
      `No pronunciation is known for: ${missing.join(', ')}. Add them to "pronunciations" of the assistant's vocabulary, ` +
        `in ARPAbet ("latte": ["L AA T EY"]), or use other words.`,
    );
  }
  return `${lines.join('\n')}\n`;
}
