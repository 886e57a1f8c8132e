/** What the bar sells and what it costs. Words are kept as callers say them; prices are in US cents. */

/** Price of a medium cup, in cents. */
const MEDIUM_PRICE_CENTS = {
  coffee: 300,
  'house coffee': 300,
  'drip coffee': 300,
  'iced coffee': 350,
  americano: 350,
  latte: 450,
  cappuccino: 450,
  espresso: 300,
  mocha: 500,
  'iced mocha': 525,
} as const;

export type Drink = keyof typeof MEDIUM_PRICE_CENTS;
export const DRINKS = Object.keys(MEDIUM_PRICE_CENTS) as [Drink, ...Drink[]];

export const SIZES = [
  'small',
  'medium',
  'large',
  'eight ounce',
  'twelve ounce',
  'sixteen ounce',
  'twenty ounce',
] as const;
export type Size = (typeof SIZES)[number];

/** The cup that is filled for a size: ounces and names meet here, for the price only. */
export const CUP_OF_SIZE: Readonly<Record<Size, Cup>> = {
  small: 'small',
  medium: 'medium',
  large: 'large',
  'eight ounce': 'small',
  'twelve ounce': 'medium',
  'sixteen ounce': 'large',
  'twenty ounce': 'extra large',
};
export type Cup = 'small' | 'medium' | 'large' | 'extra large';

const CUP_SURCHARGE_CENTS: Readonly<Record<Cup, number>> = { small: -50, medium: 0, large: 60, 'extra large': 100 };

export const ROASTS = ['light', 'medium', 'dark'] as const;
export type Roast = (typeof ROASTS)[number];

export const SHOTS = ['single', 'double', 'triple'] as const;
export type Shots = (typeof SHOTS)[number];
const SHOTS_SURCHARGE_CENTS: Readonly<Record<Shots, number>> = { single: 0, double: 80, triple: 160 };

export const MILKS = ['milk', 'whole', 'skim', 'soy', 'almond', 'oat', 'cream'] as const;
export type Milk = (typeof MILKS)[number];
const MILK_SURCHARGE_CENTS: Readonly<Record<Milk, number>> = {
  milk: 0,
  whole: 0,
  skim: 0,
  soy: 60,
  almond: 60,
  oat: 60,
  cream: 0,
};

export const SWEETENERS = ['sugar', 'brown sugar', 'sweetener'] as const;
export type Sweetener = (typeof SWEETENERS)[number];

/** How much milk or sweetener; `regular` when the caller named none. */
export const AMOUNTS = ['a little bit', 'a bit', 'some', 'regular', 'lots'] as const;
export type Amount = (typeof AMOUNTS)[number];

/** One drink as ordered; `null` is what the caller left unsaid. */
export interface OrderItem {
  readonly quantity: number;
  readonly drink: Drink;
  readonly size: Size | null;
  readonly roast: Roast | null;
  readonly shots: Shots | null;
  readonly milk: Milk | null;
  readonly milkAmount: Amount | null;
  readonly sweetener: Sweetener | null;
  readonly sweetenerAmount: Amount | null;
}

/** @returns The price of one such drink, in cents; an unsaid size costs what a medium cup costs, unsaid shots nothing. */
export function unitPriceCents(item: OrderItem): number {
  return (
    MEDIUM_PRICE_CENTS[item.drink] +
    (item.size === null ? 0 : CUP_SURCHARGE_CENTS[CUP_OF_SIZE[item.size]]) +
    (item.shots === null ? 0 : SHOTS_SURCHARGE_CENTS[item.shots]) +
    (item.milk === null ? 0 : MILK_SURCHARGE_CENTS[item.milk])
  );
}

/** @returns The price of the whole line, quantity counted, in cents. */
export function linePriceCents(item: OrderItem): number {
  return unitPriceCents(item) * item.quantity;
}

/** @returns `$4.50` for 450. */
export function formatPrice(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}

/** @returns The menu as a tool answers it: drinks with their price in a medium cup, and what can be chosen. */
export function menuAsData() {
  return {
    drinks: DRINKS.map((drink) => ({ drink, price: formatPrice(MEDIUM_PRICE_CENTS[drink]) })),
    pricesAreFor: 'medium',
    sizes: SIZES,
    sizeSurcharges: { small: '-$0.50', large: '+$0.60', 'twenty ounce': '+$1.00' },
    roasts: ROASTS,
    shots: { single: 'included', double: '+$0.80', triple: '+$1.60' },
    milks: MILKS.map((milk) => ({ milk, price: formatPrice(MILK_SURCHARGE_CENTS[milk]) })),
    sweeteners: SWEETENERS,
  };
}
