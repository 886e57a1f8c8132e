/**
 * A word n-gram model with interpolated Witten-Bell smoothing, written in the ARPA form that PocketSphinx reads.
 * Witten-Bell rather than Kneser-Ney: counts from sampled templates lack the long tail of singletons whose statistics
 * Kneser-Ney's discounts are estimated from.
 */

export const SENTENCE_START = '<s>';
export const SENTENCE_END = '</s>';

/** Successors of one history. */
interface Successors {
  readonly counts: Map<string, number>;
  total: number;
}

/** What PocketSphinx takes for a probability of zero (`<s>` is never predicted), as log10. */
const LOG10_ZERO = -99;

export class NgramModel {
  readonly order: number;
  readonly #histories: Map<string, Successors>[];
  readonly #words = new Set<string>([SENTENCE_END]);

  /** @param order - Longest n-gram, 1 to 3 (PocketSphinx uses no longer one). @param words - Known even if never counted. */
  constructor(order: number, words: Iterable<string> = []) {
    if (!Number.isInteger(order) || order < 1)
      throw new RangeError(`An n-gram order of ${order} means nothing; take 3.`);
    this.order = order;
    this.#histories = Array.from({ length: order }, () => new Map());
    for (const word of words) this.#words.add(word);
  }

  /** Words that can be predicted, the sentence end among them. */
  get words(): ReadonlySet<string> {
    return this.#words;
  }

  add(sentence: readonly string[]): void {
    const tokens = [SENTENCE_START, ...sentence, SENTENCE_END];
    for (let at = 1; at < tokens.length; at += 1) {
      const word = tokens[at] as string;
      this.#words.add(word);
      for (let length = 0; length < this.order && length <= at; length += 1) {
        const histories = this.#histories[length] as Map<string, Successors>;
        const history = tokens.slice(at - length, at).join(' ');
        let successors = histories.get(history);
        if (successors === undefined) {
          successors = { counts: new Map(), total: 0 };
          histories.set(history, successors);
        }
        successors.counts.set(word, (successors.counts.get(word) ?? 0) + 1);
        successors.total += 1;
      }
    }
  }

  /** P(word | history); only the last `order - 1` words of the history count. */
  probability(word: string, history: readonly string[]): number {
    const known = history.slice(Math.max(0, history.length - this.order + 1));
    for (let skip = 0; skip <= known.length; skip += 1) {
      const shorter = known.slice(skip);
      const successors = this.#histories[shorter.length]?.get(shorter.join(' '));
      if (successors === undefined) continue;
      const { counts, total } = successors;
      // Witten-Bell: a history followed by many different words is likely to be followed by yet another one.
      const lower = shorter.length === 0 ? 1 / this.#words.size : this.probability(word, shorter.slice(1));
      return ((counts.get(word) ?? 0) + counts.size * lower) / (total + counts.size);
    }
    return 1 / this.#words.size;
  }

  /** Weight of the shorter history's probability for words never seen after this one. */
  backoffWeight(history: readonly string[]): number {
    const successors = this.#histories[history.length]?.get(history.join(' '));
    return successors === undefined ? 1 : successors.counts.size / (successors.total + successors.counts.size);
  }

  /** The model in ARPA form; log10, n-grams sorted so that equal counts give an equal file. */
  toArpa(): string {
    const sections: string[][] = [];
    const unigrams = [SENTENCE_START, ...[...this.#words].sort()].map((word) => {
      const log = word === SENTENCE_START ? LOG10_ZERO : Math.log10(this.probability(word, []));
      return this.#line(log, [word]);
    });
    sections.push(unigrams);
    for (let length = 1; length < this.order; length += 1) {
      const lines: string[] = [];
      for (const [key, { counts }] of [...(this.#histories[length] as Map<string, Successors>)].sort(byKey)) {
        const history = key.split(' ');
        for (const word of [...counts.keys()].sort()) {
          lines.push(this.#line(Math.log10(this.probability(word, history)), [...history, word]));
        }
      }
      sections.push(lines);
    }
    const header = sections.map((lines, index) => `ngram ${index + 1}=${lines.length}`);
    const bodies = sections.map((lines, index) => `\\${index + 1}-grams:\n${lines.join('\n')}\n`);
    return `\\data\\\n${header.join('\n')}\n\n${bodies.join('\n')}\n\\end\\\n`;
  }

  #line(log10: number, words: readonly string[]): string {
    const base = `${log10.toFixed(4)} ${words.join(' ')}`;
    const leadsOn = words.length < this.order && words.at(-1) !== SENTENCE_END;
    return leadsOn ? `${base} ${Math.log10(this.backoffWeight(words)).toFixed(4)}` : base;
  }
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
