/** What was heard of a speech that was cut, or whose voice broke. Pure. */

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

/** Where the voice of a text broke for good. */
export interface Break {
  /** Sound there was before it, in ms. */
  readonly atMs: number;
  /** What is said in the place of the rest: a phrase, its times from its own first sample. */
  readonly instead?: { readonly text: string; readonly words: readonly SpokenWord[] } | undefined;
}

/** A text with its sound. */
export interface Sounding {
  /** Of a broken one no more than what had sounded. */
  readonly text: string;
  readonly words: readonly SpokenWord[];
  /** Sound before the text's own, in ms; {@link words} may name words of it. */
  readonly openingMs: number;
  readonly broken?: Break | undefined;
}

/** What was heard of a text, and of what was said in the place of its rest. */
export interface Heard {
  readonly text: string;
  readonly instead: string;
}

/**
 * What was heard of a speech.
 * @param playedMs - Sound that was played, from its very first.
 * @param totalMs - Sound there was.
 */
export function heardOf({ text, words, openingMs, broken }: Sounding, playedMs: number, totalMs: number): Heard {
  // Of what was said without words, a filler above all, the text says nothing.
  const wordlessMs = words.length === 0 ? openingMs : 0;
  const ownMs = Math.max(0, playedMs - wordlessMs);
  if (broken === undefined) return { text: heardText(text, words, ownMs, totalMs - wordlessMs), instead: '' };
  const { atMs, instead } = broken;
  return {
    text: playedMs >= atMs ? text : heardText(text, words, ownMs, atMs - wordlessMs),
    instead: instead === undefined ? '' : partOf(instead, playedMs - atMs, totalMs - atMs),
  };
}

function partOf({ text, words }: NonNullable<Break['instead']>, playedMs: number, totalMs: number): string {
  return playedMs >= totalMs ? text : heardText(text, words, playedMs, totalMs);
}
