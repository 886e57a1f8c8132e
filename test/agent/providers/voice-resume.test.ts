import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPerhapsAllSaid, isSpeakable, saidUpTo } from '../../../agent/providers/voice-resume.js';

/** Each word lasts 100 ms. */
const timed = (words: readonly string[]) => words.map((word, index) => ({ word, endMs: (index + 1) * 100 }));
const rest = (text: string, words: readonly string[], receivedMs: number) =>
  text.slice(saidUpTo(text, timed(words), receivedMs));

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('where a broken text is taken up again', () => {
  const text = 'One large latte, with oat milk. Anything else?';

  it('is the first word whose sound did not come whole', () => {
    expect(rest(text, wordsOf(text), 0)).toBe(text);
    expect(rest(text, wordsOf(text), 199)).toBe('latte, with oat milk. Anything else?');
    expect(rest(text, wordsOf(text), 350)).toBe('with oat milk. Anything else?');
    expect(rest(text, wordsOf(text), 2_000)).toBe('');
  });

  it('is behind a number that was said in words of its own, once the words go on as the text does', () => {
    const price = 'That is $4.50 for four lattes.';
    const words = ['That', 'is', 'four', 'dollars', 'fifty', 'for', 'four', 'lattes.'];
    expect(rest(price, words, 500)).toBe('$4.50 for four lattes.');
    expect(rest(price, words, 700)).toBe('lattes.');
  });

  it('is found in a language without spaces', () => {
    expect(rest('ラテを一つ。ありがとう。', ['ラテ', 'を', '一つ', 'ありがとう'], 310)).toBe('ありがとう。');
  });

  it('is estimated, rather too early, where words have no times', () => {
    expect(rest(text, [], 0)).toBe(text);
    expect(rest(text, [], 1_000)).toBe('latte, with oat milk. Anything else?');
    expect(rest(text, [], 60_000)).toBe('');
  });

  const aText = fc
    .array(fc.constantFrom('one', 'two,', 'a', 'an', '"latte"', 'oat', 'milk.', '€5', "it's", '—', 'über', '12'), {
      minLength: 1,
      maxLength: 25,
    })
    .map((words) => words.join(' '));

  it('loses no word and repeats none, wherever the sound breaks off', () => {
    fc.assert(
      fc.property(aText, fc.integer({ min: 0, max: 3_000 }), (spoken, receivedMs) => {
        const words = wordsOf(spoken);
        const said = words.slice(0, Math.floor((receivedMs + 10) / 100));
        const left = wordsOf(rest(spoken, words, receivedMs)).filter(isSpeakable);
        expect([...said.filter(isSpeakable), ...left]).toEqual(words.filter(isSpeakable));
      }),
    );
  });
});

describe('whether a pause after the sound is no sign of trouble', () => {
  const perhaps = (text: string, words: readonly string[], receivedMs: number) =>
    isPerhapsAllSaid(text, timed(words), receivedMs);

  it('is told by the words', () => {
    expect(perhaps('One large latte.', ['One', 'large', 'latte.'], 300)).toBe(true);
    expect(perhaps('One large latte.', ['One', 'large', 'latte.'], 250)).toBe(false);
    expect(perhaps('One large latte.', ['One', 'large'], 200)).toBe(false);
  });

  it('is likely where the text ends with what is said in words of its own', () => {
    expect(perhaps('That is $4.50.', ['That', 'is', 'four', 'dollars', 'fifty'], 500)).toBe(true);
    expect(perhaps('That is $4.50.', ['That', 'is', 'four', 'dollars', 'fifty'], 400)).toBe(false);
    expect(perhaps('That is $4.50 for all of the lattes.', ['That', 'is', 'four', 'dollars', 'fifty'], 500)).toBe(
      false,
    );
  });

  it('is told by the length where words have no times', () => {
    expect(perhaps('One large latte with oat milk.', [], 1_900)).toBe(true);
    expect(perhaps('One large latte with oat milk.', [], 1_000)).toBe(false);
  });
});
