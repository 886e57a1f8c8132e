import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardOf, heardText } from '../../../agent/turn/heard-text.js';

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

describe('what was heard of a speech', () => {
  const sounding = { text, words, openingMs: 0 };
  const instead = { text: 'Sorry. Say it again?', words: spread('Sorry. Say it again?') };
  /** It broke behind "is", which ends at 800 ms; the apology takes as long again. */
  const broken = { text: 'One latte, that is', words: words.slice(0, 4), openingMs: 0, broken: { atMs: 900, instead } };

  it('is the part that was played where nothing broke', () => {
    expect(heardOf(sounding, 450, 1_800)).toEqual({ text: 'One latte,', instead: '' });
    // All the sound there is yet is not all of the text.
    expect(heardOf({ ...sounding, words: words.slice(0, 2) }, 450, 450)).toEqual({ text: 'One latte,', instead: '' });
  });

  it('is what sounded of a broken one, and what was said in the place of the rest', () => {
    expect(heardOf(broken, 1_700, 1_700)).toEqual({ text: 'One latte, that is', instead: instead.text });
  });

  it('ends in either part where it was cut there', () => {
    expect(heardOf(broken, 450, 1_700)).toEqual({ text: 'One latte,', instead: '' });
    expect(heardOf(broken, 900, 1_700)).toEqual({ text: 'One latte, that is', instead: '' });
    expect(heardOf(broken, 1_350, 1_700)).toEqual({ text: 'One latte, that is', instead: 'Sorry. Say' });
  });

  it('is what sounded, and no more, where nothing is said in the place of the rest', () => {
    const mute = { ...broken, broken: { atMs: 900 } };
    expect(heardOf(mute, 900, 900)).toEqual({ text: 'One latte, that is', instead: '' });
  });

  it('goes by the share of its own sound where no words are known', () => {
    const wordless = { ...broken, words: [] };
    expect(heardOf(wordless, 1_700, 1_700)).toEqual({ text: 'One latte, that is', instead: instead.text });
    expect(heardOf(wordless, 500, 1_700)).toEqual({ text: 'One latte,', instead: '' });
    // A filler of 600 ms stood before it.
    const filled = { ...wordless, openingMs: 600, broken: { atMs: 1_500, instead } };
    expect(heardOf(filled, 1_100, 2_300)).toEqual({ text: 'One latte,', instead: '' });
    expect(heardOf(filled, 600, 2_300)).toEqual({ text: '', instead: '' });
  });

  /** Words of 200 ms each. */
  function spread(said: string) {
    return said.split(' ').map((word, index) => ({ word, endMs: (index + 1) * 200 }));
  }
});
