import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardText } from '../../../agent/turn/heard-text.js';

const text = 'One latte, that is $4.50. Anything else?';
const words = ['One', 'latte,', 'that', 'is', 'four', 'dollars', 'fifty', 'Anything', 'else?'].map((word, i) => ({
  word,
  endMs: (i + 1) * 200,
}));

describe('the text that was heard', () => {
  it('ends with the last word whose sound was played', () => {
    expect(heardText(text, words, 450, 1_800)).toBe('One latte,');
  });

  it('is all of it when all of it was played', () => {
    expect(heardText(text, words, 1_800, 1_800)).toBe(text);
  });

  it('stays before words that the synthesiser said otherwise than written', () => {
    expect(heardText(text, words, 1_250, 1_800)).toBe('One latte, that is');
  });

  it('goes by the share of the sound where no words are known', () => {
    expect(heardText('one two three four', [], 500, 1_000)).toBe('one two');
    expect(heardText('one two', [], 1_000, 1_000)).toBe('one two');
  });

  it('is always a beginning of the text', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.record({ word: fc.string(), endMs: fc.nat() })),
        fc.nat(),
        fc.nat(),
        (...args) => {
          expect(args[0].startsWith(heardText(...args))).toBe(true);
        },
      ),
    );
  });
});
