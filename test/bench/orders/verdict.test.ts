import { describe, expect, it } from 'vitest';
import { expectedOrder } from '../../../bench/orders/label.js';
import { judgeOrder } from '../../../bench/orders/stored-orders.js';

const expected = expectedOrder('get me a small latte with soy milk');
if (expected === undefined) throw new Error('The label was not read.');
const item = { ...expected, quantity: 1 };

describe('the verdict on an order', () => {
  it('is right only when the store holds what was said and nothing else', () => {
    expect(judgeOrder(expected, [item], true)).toBe('right');
    expect(judgeOrder(expected, [item, item], true)).toBe('wrong');
    expect(judgeOrder(expected, [{ ...item, quantity: 2 }], true)).toBe('wrong');
    expect(judgeOrder(expected, [{ ...item, milkAmount: 'lots' }], true)).toBe('wrong');
    expect(judgeOrder(expected, [{ ...item, roast: 'dark' }], true)).toBe('wrong');
  });

  it('tells asking back from silence when nothing was stored', () => {
    expect(judgeOrder(expected, [], true)).toBe('askedBack');
    expect(judgeOrder(expected, [], false)).toBe('unanswered');
  });
});
