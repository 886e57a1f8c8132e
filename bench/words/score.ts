/** Arithmetic of the `words` benchmark: errors, intervals, and whether an order survived. */

/** Word errors of one recording. */
export interface WordScore {
  readonly errors: number;
  readonly words: number;
}

/** Fewest substitutions, insertions and deletions that turn one text into the other, over words. */
export function countWordErrors(reference: readonly string[], heard: readonly string[]): number {
  let costs = heard.map((_, index) => index + 1);
  costs.unshift(0);
  for (const [row, word] of reference.entries()) {
    const previous = costs;
    costs = [row + 1];
    for (const [column, other] of heard.entries()) {
      costs.push(
        Math.min(
          (previous[column] as number) + (word === other ? 0 : 1),
          (previous[column + 1] as number) + 1,
          (costs[column] as number) + 1,
        ),
      );
    }
  }
  return costs[heard.length] as number;
}

/** Words of a text as they are compared: lower case, without punctuation. */
export function toWords(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9']+/g) ?? [];
}

export function errorRate(scores: readonly WordScore[]): number {
  const words = scores.reduce((sum, score) => sum + score.words, 0);
  return words === 0 ? 0 : scores.reduce((sum, score) => sum + score.errors, 0) / words;
}

/** Resamples behind an interval; more change its ends by less than a tenth of a point. */
const BOOTSTRAP_ROUNDS = 2_000;

/** 95 % interval of the error rate, by resampling whole recordings: words of one speaker err together. */
export function bootstrapInterval(scores: readonly WordScore[], random: () => number): readonly [number, number] {
  if (scores.length === 0) return [0, 0];
  const rates = Array.from({ length: BOOTSTRAP_ROUNDS }, () =>
    errorRate(scores.map(() => scores[Math.floor(random() * scores.length)] as WordScore)),
  ).sort((left, right) => left - right);
  return [rates[Math.floor(0.025 * BOOTSTRAP_ROUNDS)] as number, rates[Math.floor(0.975 * BOOTSTRAP_ROUNDS)] as number];
}

/** Ways to say one amount; the store knows no difference between them. */
const SAME_AMOUNT: Readonly<Record<string, string>> = {
  'a little bit of': 'a bit of',
  'a little': 'a bit of',
  'lots of': 'a lot of',
};

/**
 * What of a text goes into an order, in the order said: the longest phrases of the vocabulary's slots.
 * @param slots - Plain phrases by slot.
 */
export function findSlots(words: readonly string[], slots: Readonly<Record<string, readonly string[]>>): string[] {
  const phrases = Object.entries(slots)
    .flatMap(([slot, values]) => values.map((value) => ({ slot, value, words: value.split(' ') })))
    .sort((left, right) => right.words.length - left.words.length);
  const found: string[] = [];
  for (let at = 0; at < words.length; ) {
    const match = phrases.find((phrase) => phrase.words.every((word, index) => words[at + index] === word));
    if (match !== undefined) found.push(`${match.slot}=${SAME_AMOUNT[match.value] ?? match.value}`);
    at += match?.words.length ?? 1;
  }
  return found;
}
