/** Whether two texts are the same words: what was made ready for the first may be said to the second. */

/**
 * Whether two texts differ in nothing but case, white space, sentence punctuation, quotes and the hyphens of compounds.
 * Figures count with their marks and signs ("4.50" is not "450", "$5" not "5"), and no word counts as another ("its", "it's").
 * What is spelled in another way but may mean the same ("2", "two") is not the same: asking again costs less than a mistake.
 */
export function meansTheSame(a: string, b: string): boolean {
  return a === b || wordsOf(a) === wordsOf(b);
}

/** Direction marks, soft hyphen and other characters without a look or a sound. */
const INVISIBLE = /[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/gu;
const APOSTROPHES = /[‘’ʼ‛`´]/gu;
const HYPHENS = /[‐‑‒–−﹣]/gu;
const LONG_DASHES = /[—―]/gu;
/** Superscripts, circled figures and fractions, which compatibility forms would make plain figures of: "10²" is not "102". */
const FIGURES_OF_OTHER_FORM = /[^\p{No}]+/gu;

/** A minus before a figure or between two; other hyphens hold compounds together or stand between parts. */
const DASH = /((?<=^|[^\p{L}\p{M}\p{N}])-(?=[\p{N}\p{Sc}.])|(?<=\p{N}\s*)-(?=\s*\p{N}))|-/gu;
/** An apostrophe within a word. */
const APOSTROPHE = /((?<=[\p{L}\p{M}\p{N}])'(?=[\p{L}\p{N}]))|'/gu;
/** A full stop within a name or a figure: "example.com", "4.50", ".5". */
const STOP = /((?<=[\p{L}\p{M}\p{N}\p{Sc}])\.(?=[\p{L}\p{N}])|\.(?=\p{N}))|\./gu;
/** A comma or a colon within a figure: "1,000", "3:30". */
const COMMA = /((?<![\p{L}\p{M}\s])[,:](?=\p{N}))|[,:]/gu;
const PUNCTUATION = /[;!?…¿¡。、｡､،؛؟۔।॥·・"“”„«»‹›()[\]{}「」『』【】《》〈〉]/gu;
/** White space beside a sign means nothing: "50 %" is "50%". */
const SPACE_AT_SIGN = /\s+(?=[\p{S}%#&@/\\*])|(?<=[\p{S}%#&@/\\*])\s+/gu;
/** Scripts that put no white space between words. */
const SPACE_WITHIN_SCRIPT =
  /(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])\s+(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])/gu;

const keepFirst = (_match: string, kept?: string): string => kept ?? ' ';

function wordsOf(text: string): string {
  return text
    .replace(FIGURES_OF_OTHER_FORM, (part) => part.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')
    .replaceAll('ς', 'σ')
    .replace(INVISIBLE, '')
    .replace(APOSTROPHES, "'")
    .replace(LONG_DASHES, ' ')
    .replace(HYPHENS, '-')
    .replace(DASH, keepFirst)
    .replace(APOSTROPHE, keepFirst)
    .replace(STOP, keepFirst)
    .replace(COMMA, keepFirst)
    .replace(PUNCTUATION, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(SPACE_AT_SIGN, '')
    .replace(SPACE_WITHIN_SCRIPT, '');
}
