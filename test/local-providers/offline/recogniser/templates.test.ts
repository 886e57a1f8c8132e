import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseTemplate,
  parseTemplates,
  sampleCorpus,
  VocabularyError,
  wordsOf,
} from '../../../../local-providers/offline/recogniser/templates.js';

const coffee = {
  slots: { drink: ['latte', 'iced {bean}'], bean: ['coffee', 'mocha'] },
  phrases: [{ text: "i'd like a {drink} [with milk]", weight: 9 }, { text: 'cancel [my order]' }],
};

describe('a template', () => {
  it('is words, slots and parts that may be left out', () => {
    expect(parseTemplate('a  {size} latte [with {milk}]')).toEqual([
      { kind: 'word', word: 'a' },
      { kind: 'slot', name: 'size' },
      { kind: 'word', word: 'latte' },
      {
        kind: 'optional',
        parts: [
          { kind: 'word', word: 'with' },
          { kind: 'slot', name: 'milk' },
        ],
      },
    ]);
  });

  it.each(['a [latte', 'a latte]', 'a {lat te}', 'a Latte', 'a latte!'])(
    'is refused by name when it reads "%s"',
    (text) => {
      expect(() => parseTemplate(text)).toThrow(VocabularyError);
      expect(() => parseTemplate(text)).toThrow(text);
    },
  );
});

describe('a set of templates', () => {
  it('names the slot that is missing', () => {
    expect(() => parseTemplates({ slots: {}, phrases: [{ text: 'a {drink}' }] })).toThrow('{drink}');
  });

  it('names the way in which a slot contains itself', () => {
    const slots = { one: ['{two}'], two: ['[{one}] more'] };
    expect(() => parseTemplates({ slots, phrases: [{ text: 'x' }] })).toThrow('{one} > {two} > {one}');
  });

  it('knows every word it can produce', () => {
    expect(wordsOf(parseTemplates(coffee))).toEqual(
      ['a', 'cancel', 'coffee', "i'd", 'iced', 'latte', 'like', 'milk', 'mocha', 'my', 'order', 'with'].sort(),
    );
  });

  it('gives each phrase its share of the corpus, and the rarest its least', () => {
    const corpus = [...sampleCorpus(parseTemplates(coffee), { sentences: 1000, atLeast: 200, seed: 1 })];
    expect(corpus.filter(([first]) => first === "i'd")).toHaveLength(900);
    expect(corpus.filter(([first]) => first === 'cancel')).toHaveLength(200);
  });

  it('draws every alternative, with and without its optional parts', () => {
    const corpus = [...sampleCorpus(parseTemplates(coffee), { sentences: 500, atLeast: 1, seed: 2 })].map((s) =>
      s.join(' '),
    );
    expect(new Set(corpus)).toEqual(
      new Set([
        ...['latte', 'iced coffee', 'iced mocha'].flatMap((drink) => [
          `i'd like a ${drink}`,
          `i'd like a ${drink} with milk`,
        ]),
        'cancel',
        'cancel my order',
      ]),
    );
  });

  it('draws the same corpus from the same seed and another from another', () => {
    const draw = (seed: number) => [...sampleCorpus(parseTemplates(coffee), { sentences: 50, atLeast: 1, seed })];
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(draw(seed)).toEqual(draw(seed));
      }),
      { numRuns: 10 },
    );
    expect(draw(1)).not.toEqual(draw(2));
  });
});
