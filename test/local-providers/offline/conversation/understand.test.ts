import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRINKS, MILKS, ROASTS, SHOTS, SIZES, SWEETENERS } from '../../../../agent/orders/menu.js';
import type { Lexicon } from '../../../../local-providers/offline/conversation/lexicon.js';
import { createUnderstander, type Understanding } from '../../../../local-providers/offline/conversation/understand.js';

const lexicon: Lexicon = {
  drink: DRINKS,
  size: SIZES,
  roast: ROASTS,
  shots: SHOTS,
  milk: MILKS,
  milkAmount: ['a little bit', 'a bit', 'some', 'regular', 'lots'],
  sweetener: SWEETENERS,
};
const understand = createUnderstander(lexicon);

interface LabelledOrder {
  readonly text: string;
  readonly drink: string;
  readonly size: string | null;
  readonly roast: string | null;
  readonly shots: string | null;
  readonly milk: string | null;
  readonly milkAmount: string | null;
  readonly sweetener: string | null;
  readonly sweetenerAmount: string | null;
}
const { orders } = JSON.parse(readFileSync(new URL('./orders.json', import.meta.url), 'utf8')) as {
  orders: LabelledOrder[];
};

describe('orders that people really spoke', () => {
  it('are there to be tested with', () => {
    expect(orders.length).toBeGreaterThan(150);
  });

  it.each(orders)('understands "$text"', ({ text, ...slots }) => {
    const heard = understand(text);
    expect(heard).toMatchObject({ kind: 'order', items: [expect.anything()] });
    const [item] = itemsOf(heard);
    expect({
      drink: item?.drink,
      size: item?.size ?? null,
      roast: item?.roast ?? null,
      shots: item?.shots ?? null,
      milk: item?.milk ?? null,
      milkAmount: item?.milk ? (item.milkAmount ?? 'regular') : null,
      sweetener: item?.sweetener ?? null,
      sweetenerAmount: item?.sweetener ? (item.sweetenerAmount ?? 'regular') : null,
    }).toEqual(slots);
  });

  it('are seldom taken for another order when a stray word slips in', () => {
    const words = [...new Set(orders.flatMap(({ text }) => text.split(' ')))];
    const seen = { placed: 0, wrong: 0 };
    for (const [index, { text }] of orders.entries()) {
      const truth = JSON.stringify(itemsOf(understand(text)));
      for (const [offset, stray] of words.entries()) {
        const spoken = text.split(' ');
        spoken.splice((index * 7 + offset) % (spoken.length + 1), 0, stray);
        const heard = understand(spoken.join(' '));
        if (heard.kind !== 'order') continue;
        seen.placed++;
        if (JSON.stringify(sorted(itemsOf(heard))) !== JSON.stringify(sorted(JSON.parse(truth)))) seen.wrong++;
      }
    }
    expect(seen.placed).toBeGreaterThan(1_000);
    // A stray "large" before a latte cannot be told from an ordered one; anything but a menu word must be.
    expect(seen.wrong / (orders.length * words.length)).toBeLessThan(0.08);
  });
});

describe('sentences', () => {
  it.each([
    [
      'two large lattes and a mocha with oat milk',
      [
        { quantity: 2, size: 'large', drink: 'latte' },
        { drink: 'mocha', milk: 'oat' },
      ],
    ],
    ['A latte, a mocha and an espresso, please!', [{ drink: 'latte' }, { drink: 'mocha' }, { drink: 'espresso' }]],
    ["Hi, I'd like a 16 oz coffee with cream, thanks.", [{ size: 'sixteen ounce', drink: 'coffee', milk: 'cream' }]],
    ['um so can i uh get a latte', [{ drink: 'latte' }]],
    [
      'a latte with sugar and a soy latte',
      [
        { drink: 'latte', sweetener: 'sugar' },
        { drink: 'latte', milk: 'soy' },
      ],
    ],
    ['a small latte no make that large', [{ size: 'large', drink: 'latte' }]],
    ['a mocha with milk but no sugar', [{ drink: 'mocha', milk: 'milk' }]],
    ['a double espresso and that is all', [{ shots: 'double', drink: 'espresso' }]],
    ['a latte with two shots', [{ drink: 'latte', shots: 'double' }]],
    ['get me a latte with oat milk and a', [{ drink: 'latte', milk: 'oat' }]],
  ])('orders from "%s"', (text, items) => {
    expect(understand(text)).toMatchObject({ kind: 'order' });
    expect(itemsOf(understand(text))).toEqual(items);
  });

  it.each([
    ['a small large latte', 'doubtful'],
    ['an iced latte', 'doubtful'],
    ['latte mocha', 'doubtful'],
    ['a latte with milk and cream', 'doubtful'],
    ['get me eight latte', 'doubtful'],
    ['can i get two small latte', 'doubtful'],
    ['a mocha with a of sugar', 'doubtful'],
    ['a latte with and some sugar', 'doubtful'],
    ['i would like a small latte with sugar actually make it a large mocha', 'doubtful'],
    ['is the mocha good', 'unclear'],
    ['blue monkey', 'unclear'],
    ['', 'silence'],
    ['um', 'silence'],
  ])('does not order from "%s"', (text, kind) => {
    expect(understand(text).kind).toBe(kind);
  });

  it.each([
    ['make it a large', { kind: 'change', slots: { size: 'large' } }],
    ['with oat milk instead', { kind: 'change', slots: { milk: 'oat' } }],
    ['oat milk instead of whole milk', { kind: 'change', slots: { milk: 'oat' } }],
    ['change the milk to soy', { kind: 'change', slots: { milk: 'soy' } }],
    ['make the latte large', { kind: 'change', which: 'latte', slots: { size: 'large' } }],
    ['change the latte to a mocha', { kind: 'change', which: 'latte', slots: { drink: 'mocha' } }],
    ['make that two', { kind: 'change', slots: { quantity: 2 } }],
    ['add a shot', { kind: 'fragment', oneMoreShot: true }],
    ['no sugar please', { kind: 'fragment', slots: { sweetener: 'none' } }],
    ['take the milk out', { kind: 'fragment', slots: { milk: 'none' } }],
    ['large not small', { kind: 'fragment', slots: { size: 'large' } }],
    ['remove the latte', { kind: 'remove', which: 'latte' }],
  ])('changes by "%s"', (text, expected) => {
    expect(understand(text)).toMatchObject(expected);
  });

  it.each([
    ['Yes, please.', 'yes'],
    ["no that's wrong", 'no'],
    ["no that's all thank you", 'done'],
    ['cancel my order', 'cancel'],
    ["what's on the menu?", 'menu'],
    ['how much is that', 'total'],
    ['when will it be ready', 'pickup'],
    ['what time do you close', 'hours'],
    ['can i talk to a human please', 'human'],
    ['what did i order', 'read-back'],
    ['can i pay by card', 'payment'],
    ["what's the weather like", 'off-topic'],
    ['thank you goodbye', 'bye'],
  ])('takes "%s" for %s', (text, intent) => {
    expect(understand(text)).toEqual({ kind: 'plain', intent });
  });
});

describe('whatever is said', () => {
  const menuWords = [
    ...new Set([...DRINKS, ...SIZES, ...ROASTS, ...SHOTS, ...MILKS, ...SWEETENERS].flatMap((v) => v.split(' '))),
  ];
  const otherWords =
    'a an the and with no not make it that instead of i want some lots bit please can get roast shot two yes'.split(
      ' ',
    );
  const sentence = fc
    .array(fc.constantFrom(...menuWords, ...otherWords), { maxLength: 14 })
    .map((words) => words.join(' '));

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(sentence, fc.string({ unit: 'binary', maxLength: 300 })), (text) => void understand(text)),
    );
  });

  it('never holds a value whose words were not said', () => {
    // "two shots" is a double, and an amount is a wording of its own; every other value is heard as it is stored.
    const saidOtherwise: Readonly<Record<string, string>> = {
      double: 'two',
      lots: 'lots',
      'a bit': 'bit',
      'a little bit': 'bit',
    };
    fc.assert(
      fc.property(sentence, (text) => {
        const said = new Set(text.split(' '));
        for (const item of itemsOf(understand(text))) {
          for (const value of Object.values(item).filter((each) => typeof each === 'string')) {
            const word = saidOtherwise[value];
            const heard = value.split(' ').every((part) => said.has(part)) || (word !== undefined && said.has(word));
            expect(heard, `"${value}" in "${text}"`).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function itemsOf(heard: Understanding): Readonly<Record<string, string | number | undefined>>[] {
  return heard.kind === 'order' ? [...heard.items] : [];
}

function sorted(items: readonly object[]): object[] {
  return items.map((item) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
}
