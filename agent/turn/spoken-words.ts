/** Words as they were said, without the case and the punctuation that a recogniser puts around them. */
export function spokenWords(text: string): string[] {
  return text.toLowerCase().replaceAll('’', "'").match(WORD) ?? [];
}

/** Letters and digits of any script, held together by apostrophes and hyphens: "i'd", "mm-hm". */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

/**
 * The text without its first words.
 * @returns It as it was written, from its word number `count` on (0 is the first); empty when it has no more than that.
 */
export function withoutFirstWords(text: string, count: number): string {
  const next = [...text.matchAll(WORD)][count];
  return next === undefined ? '' : text.slice(next.index).trim();
}

/** What a text adds to the one that it begins with; `undefined` when it does not begin with it. Case and marks do not count. */
export function addedTo(earlier: string, text: string): string | undefined {
  const known = spokenWords(earlier);
  const words = spokenWords(text);
  if (known.length > words.length || known.some((word, index) => words[index] !== word)) return undefined;
  return withoutFirstWords(text, known.length);
}
