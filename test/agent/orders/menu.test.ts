import { describe, expect, it } from 'vitest';
import { describeItem, describeItems } from '../../../agent/orders/describe.js';
import { openingState, pickupAtUnixMs, sayPickup } from '../../../agent/orders/hours.js';
import { formatPrice, linePriceCents, menuAsData, type OrderItem, unitPriceCents } from '../../../agent/orders/menu.js';

const latte: OrderItem = {
  quantity: 1,
  drink: 'latte',
  size: null,
  roast: null,
  shots: null,
  milk: null,
  milkAmount: null,
  sweetener: null,
  sweetenerAmount: null,
};

describe('prices', () => {
  it.each([
    ['an unsaid size costs what a medium cup costs', {}, 450],
    ['a small cup is 50 cents less', { size: 'small' }, 400],
    ['eight ounces are a small cup', { size: 'eight ounce' }, 400],
    ['sixteen ounces are a large cup', { size: 'sixteen ounce' }, 510],
    ['twenty ounces cost a dollar more', { size: 'twenty ounce' }, 550],
    ['a triple costs two more shots', { shots: 'triple' }, 610],
    ['oat milk costs extra', { milk: 'oat', milkAmount: 'lots' }, 510],
    ['cream and sugar are free', { milk: 'cream', sweetener: 'sugar' }, 450],
  ] satisfies [string, Partial<OrderItem>, number][])('%s', (_name, changes, cents) => {
    expect(unitPriceCents({ ...latte, ...changes })).toBe(cents);
  });

  it('count the quantity', () => {
    expect(linePriceCents({ ...latte, quantity: 3 })).toBe(1350);
  });

  it('are written in dollars', () => {
    expect([formatPrice(5), formatPrice(450), formatPrice(1200)]).toEqual(['$0.05', '$4.50', '$12.00']);
  });

  it('stand on the menu for every drink', () => {
    expect(menuAsData().drinks).toContainEqual({ drink: 'iced mocha', price: '$5.25' });
  });
});

describe('an item in words', () => {
  it('holds all that was said, in the order people say it', () => {
    const item: OrderItem = {
      ...latte,
      size: 'large',
      roast: 'dark',
      shots: 'double',
      milk: 'whole',
      milkAmount: 'a little bit',
      sweetener: 'sugar',
      sweetenerAmount: 'lots',
    };
    expect(describeItem(item)).toBe(
      'a large dark roast double shot latte with a little bit of whole milk and lots of sugar',
    );
  });

  it('takes the right article and plural', () => {
    expect(describeItem({ ...latte, drink: 'americano' })).toBe('an americano');
    expect(describeItem({ ...latte, size: 'eight ounce' })).toBe('an eight ounce latte');
    expect(describeItem({ ...latte, drink: 'mocha', quantity: 2 })).toBe('two mochas');
    expect(describeItems([latte, { ...latte, drink: 'espresso' }])).toBe('a latte, and an espresso');
  });
});

describe('opening hours and pick-up', () => {
  const at = (hour: number, minute = 0): number => new Date(2026, 10, 21, hour, minute).getTime();

  it('knows when the bar is open', () => {
    expect(openingState(at(6, 29))).toEqual({ openNow: false, opens: '6:30 AM', closes: '9:00 PM' });
    expect(openingState(at(6, 30)).openNow).toBe(true);
    expect(openingState(at(21)).openNow).toBe(false);
  });

  it('has one drink ready in five minutes, and each further one two minutes later', () => {
    expect(pickupAtUnixMs(at(10), 1)).toBe(at(10, 5));
    expect(pickupAtUnixMs(at(10), 3)).toBe(at(10, 9));
  });

  it('makes what is ordered at night after opening', () => {
    expect(pickupAtUnixMs(at(3), 1)).toBe(at(6, 35));
    expect(pickupAtUnixMs(at(22), 1)).toBe(new Date(2026, 10, 22, 6, 35).getTime());
  });

  it('says the time as people do', () => {
    expect(sayPickup(at(10), at(10, 5))).toBe('in about 5 minutes');
    expect(sayPickup(at(10), at(10) + 30_000)).toBe('in about 1 minute');
    expect(sayPickup(at(10), at(9))).toBe('now');
    expect(sayPickup(at(3), at(12, 35))).toBe('at 12:35 PM');
  });
});
