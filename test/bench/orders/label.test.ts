import { describe, expect, it } from 'vitest';
import { expectedOrder } from '../../../bench/orders/label.js';

const nothingSaid = {
  size: null,
  roast: null,
  shots: null,
  milk: null,
  milkAmount: null,
  sweetener: null,
  sweetenerAmount: null,
};

describe('what an order must come to', () => {
  it.each([
    ['can i get a coffee', { drink: 'coffee' }],
    ['i want an house coffee', { drink: 'house coffee' }],
    ['brew mocha with some brown sugar and', { drink: 'mocha', sweetener: 'brown sugar', sweetenerAmount: 'some' }],
    [
      'get me a dark roast espresso with lots of almond milk',
      { drink: 'espresso', roast: 'dark', milk: 'almond', milkAmount: 'lots' },
    ],
    ['make me an medium dark roast cappuccino', { drink: 'cappuccino', size: 'medium', roast: 'dark' }],
    ['get me an medium roast medium cappuccino', { drink: 'cappuccino', size: 'medium', roast: 'medium' }],
    [
      "i'd like a twenty ounce single shot latte with milk and sugar",
      {
        drink: 'latte',
        size: 'twenty ounce',
        shots: 'single',
        milk: 'milk',
        milkAmount: 'regular',
        sweetener: 'sugar',
        sweetenerAmount: 'regular',
      },
    ],
    [
      'get me a mocha with a little bit of sweetener and a lot of cream',
      {
        drink: 'mocha',
        sweetener: 'sweetener',
        sweetenerAmount: 'a little bit',
        milk: 'cream',
        milkAmount: 'lots',
      },
    ],
    ['can i get a latte with almond milk and a', { drink: 'latte', milk: 'almond', milkAmount: 'regular' }],
    ['make me an eight ounce coffee with', { drink: 'coffee', size: 'eight ounce' }],
    [
      "i'd like a cappuccino with lots of whole milk and whole",
      { drink: 'cappuccino', milk: 'whole', milkAmount: 'lots' },
    ],
  ])('reads "%s"', (text, said) => {
    expect(expectedOrder(text)).toEqual({ ...nothingSaid, ...said });
  });

  it.each([
    'what is on the menu',
    'get me a tea',
    'get me a latte with honey',
    'get me a small large latte',
    'get me a latte with milk and almond milk',
    'get me a latte please hurry',
    'a latte',
    '',
  ])('does not guess at "%s"', (text) => {
    expect(expectedOrder(text)).toBeUndefined();
  });
});
