import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPhrases } from '../../../../local-providers/offline/synthesis/spoken-form.js';

function spoken(text: string): string {
  return toPhrases(text)
    .map(({ tokens }) => tokens.map((token) => token.spoken).join(' '))
    .join(' | ');
}

describe('text as it is spoken', () => {
  it.each([
    ['That is $4.50.', 'That is 4 dollars 50'],
    ['It costs $1.00, or +$0.60.', 'It costs 1 dollar | or plus 60 cents'],
    ['$12 and $3.05', '12 dollars and 3 dollars and 5'],
    ['at 6:30 AM', 'at 6 30 AM'],
    ['until 9:00 PM.', 'until 9 PM'],
    ['at 7:05', 'at 7 oh 5'],
    ['at 5:00', "at 5 o'clock"],
    ['a 16oz café latte & 10%', 'a 16 ounce cafe latte and 10 percent'],
    ['**Bold** and _slanted_ \u{1F600}', 'Bold and slanted '],
    ['It’s “good” — really', "It's good  | really"],
  ])('says "%s" as "%s"', (text, expected) => {
    expect(spoken(text)).toBe(expected);
  });

  it('breathes where a person would', () => {
    expect(toPhrases('Got it, a latte. Anything else?').map(({ pauseMs }) => pauseMs)).toEqual([120, 260, 260]);
    const long = 'you have a large dark roast double shot latte with oat milk and a bit of brown sugar';
    expect(toPhrases(long).length).toBeGreaterThan(1);
  });

  it('loses no word, whatever is written', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}[,.!?]?$/), { minLength: 1, maxLength: 60 }), (words) => {
        const written = toPhrases(words.join(' ')).flatMap(({ tokens }) => tokens.map((token) => token.written));
        expect(written).toEqual(words);
      }),
    );
  });

  it('gives the synthesiser nothing but plain characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(spoken(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
