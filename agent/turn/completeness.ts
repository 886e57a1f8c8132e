/** Whether words can be the end of what someone says, as far as the last of them tells. */

/** Words after which an English sentence goes on: conjunctions, prepositions, articles, fillers, unfinished quantities. */
const LEAVES_OPEN = new Set([
  ...['and', 'or', 'but', 'because', 'so', 'if', 'then', 'than', 'that', 'which', 'plus'],
  ...['with', 'without', 'of', 'for', 'to', 'from', 'in', 'on', 'at', 'by', 'into', 'about', 'like'],
  ...['a', 'an', 'the', 'my', 'your', 'some', 'any', 'lots', 'little', 'bit', 'another', 'one', 'two', 'three'],
  ...['um', 'uh', 'er', 'hmm', 'well', 'i', "i'd", "i'll", "i'm", 'can', 'could', 'may', 'please'],
  ...['is', 'are', 'make', 'get', 'have', 'want', 'brown', 'almond', 'soy', 'skim', 'dark', 'iced'],
]);
/** Words that also end sentences: "like that one", "can I?" are rare at a bar, "please" and "one" are not. */
const ALSO_ENDS = new Set([
  'one',
  'two',
  'three',
  'please',
  'that',
  'dark',
  'little',
  'like',
  'so',
  'then',
  'about',
  'on',
  'in',
]);

/**
 * Says whether a text breaks off: its last word calls for another.
 * @param text - What was understood so far, with or without punctuation.
 * @param language - BCP 47 tag; for other languages than English nothing is known, and the answer is no.
 */
export function breaksOff(text: string, language: string): boolean {
  if (!/^en\b/i.test(language)) return false;
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu);
  const last = words?.at(-1);
  if (last === undefined) return false;
  // A sentence of one such word ("Please?", "So.") is an answer more often than a beginning.
  return LEAVES_OPEN.has(last) && !ALSO_ENDS.has(last) && (words?.length ?? 0) > 1;
}
