/** Where text that is still being written may be cut, so that its first part can be spoken while the rest is on its way. */

/** Ends that are none: titles, initials and abbreviations with a full stop inside a sentence. */
const NO_END = /(?:\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|no|a\.m|p\.m)\.|\b[A-Z]\.|\d\.)$/i;
/** A sentence's end: its mark, closing quotes or brackets, and white space, so that "4.50" and "example.com" hold none. */
const END = /[.?!…]+["')\]]*\s+/g;

/**
 * Splits text at the ends of its sentences.
 * @returns The whole sentences with the white space behind them, and the rest; joined they are the text, letter for letter.
 */
export function cutSentences(text: string): { readonly sentences: readonly string[]; readonly rest: string } {
  const sentences: string[] = [];
  let from = 0;
  for (const match of text.matchAll(END)) {
    const end = match.index + match[0].length;
    if (NO_END.test(text.slice(from, end).trimEnd())) continue;
    sentences.push(text.slice(from, end));
    from = end;
  }
  return { sentences, rest: text.slice(from) };
}
