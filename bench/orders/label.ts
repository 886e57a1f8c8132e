/**
 * What an order must come to in the store, read from the words of its label. Strict and of the bench's own: it shares nothing
 * with what the agent understands by, so that the two cannot be wrong together. Pure.
 */

/** What a caller said of one drink; `null` is what was left unsaid. */
export interface ExpectedOrder {
  readonly drink: string;
  readonly size: string | null;
  readonly roast: string | null;
  readonly shots: string | null;
  readonly milk: string | null;
  readonly milkAmount: string | null;
  readonly sweetener: string | null;
  readonly sweetenerAmount: string | null;
}

const OPENING =
  /^(?:please )?(?:get me|make me|give me|brew(?: me)?|i want|i'd like|i would like|(?:can|could|may) i (?:get|have))(?: (?:a|an))? /;
const BEFORE_DRINK: readonly (readonly ['size' | 'roast' | 'shots', RegExp])[] = [
  ['roast', /^(light|medium|dark) roast /],
  ['shots', /^(single|double|triple) shot /],
  ['size', /^(small|medium|large|(?:eight|twelve|sixteen|twenty) ounce) /],
];
const DRINK =
  /^(house coffee|drip coffee|iced coffee|iced mocha|coffee|americano|latte|cappuccino|espresso|mocha)(?: |$)/;
const AMOUNT = /^(a little bit of|a bit of|some|lots of|a lot of) /;
const MILK = /^(?:(whole|skim|soy|almond|oat) milk|(milk)|(cream))(?: |$)/;
const SWEETENER = /^(brown sugar|sugar|sweetener)(?: |$)/;

/** What recordings that were cut short leave hanging: it orders nothing. */
const CUT_SHORT =
  /(?: with| and)(?: a| an| some| whole| skim| soy| almond| brown| a little| a bit| a little bit| lots| of)*$/;

const AMOUNT_NAMES: Readonly<Record<string, string>> = {
  'a little bit of': 'a little bit',
  'a bit of': 'a bit',
  some: 'some',
  'lots of': 'lots',
  'a lot of': 'lots',
};

/** @returns The order that the text places; undefined when the text is not wholly one. */
export function expectedOrder(text: string): ExpectedOrder | undefined {
  const words = text.toLowerCase().trim().replace(CUT_SHORT, '');
  const opening = OPENING.exec(`${words} `);
  if (opening === null) return undefined;
  let rest = words.slice(opening[0].length);
  const before = { size: null, roast: null, shots: null } as Record<'size' | 'roast' | 'shots', string | null>;
  for (let found = true; found; ) {
    found = false;
    for (const [slot, pattern] of BEFORE_DRINK) {
      const match = pattern.exec(rest);
      if (match?.[1] === undefined) continue;
      if (before[slot] !== null) return undefined;
      before[slot] = match[1];
      rest = rest.slice(match[0].length);
      found = true;
      break;
    }
  }
  const drink = DRINK.exec(rest);
  if (drink?.[1] === undefined) return undefined;
  const additions = readAdditions(rest.slice(drink[0].length));
  return additions && { drink: drink[1], ...before, ...additions };
}

type Additions = Pick<ExpectedOrder, 'milk' | 'milkAmount' | 'sweetener' | 'sweetenerAmount'>;

function readAdditions(text: string): Additions | undefined {
  let additions: Additions = { milk: null, milkAmount: null, sweetener: null, sweetenerAmount: null };
  if (text === '') return additions;
  if (!text.startsWith('with ')) return undefined;
  for (const part of text.slice('with '.length).split(' and ')) {
    const amount = AMOUNT.exec(part)?.[1];
    const thing = amount === undefined ? part : part.slice(amount.length + 1);
    const named = amount === undefined ? 'regular' : (AMOUNT_NAMES[amount] ?? 'regular');
    const milk = MILK.exec(thing);
    const sweetener = SWEETENER.exec(thing);
    const whole = (milk ?? sweetener)?.[0].length === thing.length;
    if (whole && milk !== null && additions.milk === null) {
      additions = { ...additions, milk: milk[1] ?? milk[2] ?? milk[3] ?? null, milkAmount: named };
    } else if (whole && sweetener !== null && additions.sweetener === null) {
      additions = { ...additions, sweetener: sweetener[1] ?? null, sweetenerAmount: named };
    } else {
      return undefined;
    }
  }
  return additions;
}
