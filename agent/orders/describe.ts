import type { Amount, Milk, OrderItem } from './menu.js';

const MILK_WORDS: Readonly<Record<Milk, string>> = {
  milk: 'milk',
  whole: 'whole milk',
  skim: 'skim milk',
  soy: 'soy milk',
  almond: 'almond milk',
  oat: 'oat milk',
  cream: 'cream',
};
const COUNT_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** @returns One line of an order as a person would say it: `a large dark roast latte with oat milk and a bit of sugar`. */
export function describeItem(item: OrderItem): string {
  const words = [
    item.size,
    item.roast === null ? null : `${item.roast} roast`,
    item.shots === null ? null : `${item.shots} shot`,
    item.quantity === 1 ? item.drink : plural(item.drink),
  ]
    .filter((word) => word !== null)
    .join(' ');
  const count = item.quantity === 1 ? article(words) : (COUNT_WORDS[item.quantity] ?? String(item.quantity));
  const extras = [
    item.milk === null ? null : withAmount(item.milkAmount, MILK_WORDS[item.milk]),
    item.sweetener === null ? null : withAmount(item.sweetenerAmount, item.sweetener),
  ].filter((word) => word !== null);
  return `${count} ${words}${extras.length === 0 ? '' : ` with ${extras.join(' and ')}`}`;
}

/** @returns The lines as one spoken list; the serial comma keeps "with milk and sugar" apart from the next drink. */
export function describeItems(items: readonly OrderItem[]): string {
  const lines = items.map(describeItem);
  if (lines.length <= 1) return lines[0] ?? 'nothing';
  return `${lines.slice(0, -1).join(', ')}, and ${lines.at(-1)}`;
}

function withAmount(amount: Amount | null, what: string): string {
  if (amount === null || amount === 'regular') return what;
  return amount === 'some' ? `some ${what}` : `${amount} of ${what}`;
}

function article(words: string): 'a' | 'an' {
  return /^(?:[aio]|e)/.test(words) ? 'an' : 'a';
}

function plural(drink: string): string {
  return drink.endsWith('o') && drink !== 'espresso' && drink !== 'americano' && drink !== 'cappuccino'
    ? `${drink}es`
    : `${drink}s`;
}
