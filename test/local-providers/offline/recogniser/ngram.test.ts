import { describe, expect, it } from 'vitest';
import { NgramModel, SENTENCE_START } from '../../../../local-providers/offline/recogniser/ngram.js';

function modelOf(sentences: readonly string[], words: readonly string[] = []): NgramModel {
  const model = new NgramModel(3, words);
  for (const sentence of sentences) model.add(sentence.split(' '));
  return model;
}

const SENTENCES = ['a small latte', 'a large latte', 'a large mocha please', 'cancel my order'];

/** P(word | history) as a decoder reads it from the file: the longest n-gram there is, else back-off times the shorter. */
function readArpa(text: string): (word: string, history: readonly string[]) => number {
  const logs = new Map<string, { readonly log: number; readonly backoff: number }>();
  let order = 0;
  for (const line of text.split('\n')) {
    const section = /^\\(\d)-grams:$/.exec(line);
    if (section) order = Number(section[1]);
    const fields = line.split(' ');
    if (order === 0 || !/^-?\d/.test(line)) continue;
    logs.set(fields.slice(1, order + 1).join(' '), { log: Number(fields[0]), backoff: Number(fields[order + 1] ?? 0) });
  }
  const log = (word: string, history: readonly string[]): number => {
    const found = logs.get([...history, word].join(' '));
    if (found !== undefined) return found.log;
    return (logs.get(history.join(' '))?.backoff ?? 0) + log(word, history.slice(1));
  };
  return (word, history) => 10 ** log(word, history);
}

describe('an n-gram model', () => {
  const histories = [
    [],
    ['a'],
    [SENTENCE_START, 'a'],
    ['a', 'large'],
    ['large', 'mocha'],
    ['never', 'seen'],
    ['order'],
  ];

  it.each(histories)('gives all words together a probability of 1 after %j', (...history) => {
    const model = modelOf(SENTENCES, ['espresso']);
    const sum = [...model.words].reduce((total, word) => total + model.probability(word, history), 0);
    expect(sum).toBeCloseTo(1, 10);
  });

  it('leaves room after every history for a word that was never seen there', () => {
    const model = modelOf(SENTENCES, ['espresso']);
    for (const history of histories) expect(model.probability('espresso', history)).toBeGreaterThan(0);
  });

  it('prefers what it has seen more often', () => {
    const model = modelOf(SENTENCES);
    expect(model.probability('large', ['a'])).toBeGreaterThan(model.probability('small', ['a']));
  });

  it('follows Witten and Bell: seen 2 of 3 times, 2 different successors, plus 2 parts in 5 of the shorter history', () => {
    const model = modelOf(SENTENCES);
    const shorter = model.probability('large', []);
    expect(model.probability('large', ['a'])).toBeCloseTo((2 + 2 * shorter) / 5, 12);
  });

  it('tells a decoder the same through the file, back-off included', () => {
    const model = modelOf(SENTENCES, ['espresso']);
    const fromFile = readArpa(model.toArpa());
    for (const history of histories) {
      for (const word of model.words) {
        const expected = model.probability(word, history);
        expect(Math.abs(fromFile(word, history) / expected - 1)).toBeLessThan(0.001);
      }
    }
  });

  it('counts its n-grams in the header', () => {
    const text = modelOf(SENTENCES).toArpa();
    for (const order of [1, 2, 3]) {
      const body = text.split(`\\${order}-grams:\n`)[1]?.split('\n\n')[0]?.split('\n') ?? [];
      expect(text).toContain(`ngram ${order}=${body.length}\n`);
    }
  });

  it('refuses an order that means nothing', () => {
    expect(() => new NgramModel(0)).toThrow(RangeError);
  });
});
