/** One spoken word; times in ms from the first sample of its synthesis. */
export interface SpokenWord {
  readonly word: string;
  readonly endMs: number;
}

/** How far ahead in the text a spoken word is looked for, in characters: synthesisers say "$4.50" in words of their own. */
const LOOK_AHEAD = 40;

/**
 * The part of a text that was heard when its sound was cut.
 * @param words - Words with their times, as far as the synthesiser told them.
 * @param playedMs - Sound that was played.
 * @param totalMs - Sound there was; only used where no words are known.
 * @returns A beginning of the text that ends with a whole word.
 */
export function heardText(text: string, words: readonly SpokenWord[], playedMs: number, totalMs: number): string {
  if (words.length === 0) {
    const share = totalMs <= 0 ? 0 : Math.min(1, Math.max(0, playedMs / totalMs));
    const end = Math.floor(text.length * share);
    return end >= text.length ? text : text.slice(0, Math.max(0, text.lastIndexOf(' ', end)));
  }
  const searched = text.toLowerCase();
  let heard = 0;
  for (const { word, endMs } of words) {
    if (endMs > playedMs) break;
    const needle = word.trim().toLowerCase();
    const found = needle === '' ? -1 : searched.indexOf(needle, heard);
    if (found >= 0 && found - heard <= LOOK_AHEAD) heard = found + needle.length;
  }
  // The mark behind the last word belongs to it.
  return text.slice(0, heard + (/^[^\s\p{L}\p{N}]+/u.exec(text.slice(heard))?.[0].length ?? 0));
}
