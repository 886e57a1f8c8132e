import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meansTheSame } from '../../../agent/turn/same-words.js';

const word = fc.constantFrom(
  ...'a latte two too no not milk don’t it’s its 4.50 450 1,000 $5 5 3:30 ice-cream café schön है 你好 خمسة U.S. 50%'.split(
    ' ',
  ),
);
const words = fc.array(word, { minLength: 1, maxLength: 8 });
const mark = fc.constantFrom('', '', ',', '.', '!', '?', '…', ';', ' —');
const space = fc.constantFrom(' ', '  ', '\n', '\u00a0');

describe('whether a final means the same', () => {
  it.each([
    ['a large latte', 'A large latte.'],
    ['i would like a latte please', 'I would like a latte, please!'],
    ['do you have oat milk', 'Do you have oat milk?'],
    ["i don't know", 'I don’t know.'],
    ['an ice cream', 'an ice-cream'],
    ['so one latte', '“So… one latte”'],
    ['that is $4.50', 'That is $4.50.'],
    ['that is $ 4.50', 'That is $4.50'],
    ['fifty %', 'fifty%'],
    ['at 3:30', 'At 3:30.'],
    ['latte for me', 'Latte — for me'],
    ['ＬＡＴＴＥ　２', 'latte 2'],
    ['你好 世界', '你好，世界。'],
    ['möchten sie zucker', 'Möchten Sie Zucker?'],
    ['mo\u0308chten', 'm\u00f6chten'],
    ['नमस्ते मुझे चाय चाहिए', 'नमस्ते, मुझे चाय चाहिए।'],
    ['أريد قهوة', 'أريد قهوة؟'],
    ['yes (please)', 'yes please'],
    ['', ' … '],
  ])('holds: %j and %j', (a, b) => {
    expect(meansTheSame(a, b)).toBe(true);
    expect(meansTheSame(b, a)).toBe(true);
  });

  it.each([
    ['that is 4.50', 'that is 450'],
    ['two lattes', 'too lattes'],
    ['two lattes', '2 lattes'],
    ['a latte', 'a latte please'],
    ['a latte with milk', 'a latte with no milk'],
    ['i do want it', "i don't want it"],
    ['its cold', "it's cold"],
    ['$4.50', '4.50'],
    ['50%', '50'],
    ['1,5', '15'],
    ['1.5', '1,5'],
    ['3:30', '330'],
    ['-5 degrees', '5 degrees'],
    ['10²', '102'],
    ['½', '12'],
    ['re-sign', 'resign'],
    ['u.s. coffee', 'us coffee'],
    ['example.com', 'example com'],
    ['icecream', 'ice cream'],
    ['café', 'cafe'],
    ['masse', 'maße'],
    ['555-1234', '5551234'],
    ['a latte', ''],
    ['a or b', 'a b'],
    ['c++', 'c'],
    ['latte & tea', 'latte tea'],
  ])('does not hold: %j and %j', (a, b) => {
    expect(meansTheSame(a, b)).toBe(false);
    expect(meansTheSame(b, a)).toBe(false);
  });

  it('holds whatever marks, case and white space are put around words', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, mark, space, fc.boolean()), { minLength: 1, maxLength: 8 }), (parts) => {
        const plain = parts.map(([text]) => text).join(' ');
        const written = parts.map(([text, end, gap, up]) => (up ? text.toUpperCase() : text) + end + gap).join('');
        expect(meansTheSame(plain, written)).toBe(true);
      }),
    );
  });

  it('holds for no text with a word more, less, or another one', () => {
    fc.assert(
      fc.property(words, word, fc.nat(), fc.constantFrom(0, 1), (all, other, place, removed) => {
        const at = place % all.length;
        fc.pre(removed === 0 || all[at] !== other);
        expect(meansTheSame(all.join(' '), all.toSpliced(at, removed, other).join(' '))).toBe(false);
        expect(meansTheSame(all.join(' '), all.toSpliced(at, 1).join(' '))).toBe(false);
      }),
    );
  });

  it('is an equivalence over any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 24 }), fc.string(), (a, b) => {
        expect(meansTheSame(a, a)).toBe(true);
        expect(meansTheSame(a, b)).toBe(meansTheSame(b, a));
        expect(meansTheSame(a, `${a} ?`)).toBe(true);
        expect(meansTheSame(a, `${a} x`)).toBe(false);
      }),
    );
  });
});
