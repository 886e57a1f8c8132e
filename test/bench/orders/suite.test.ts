import { describe, expect, it } from 'vitest';
import { expectedOrder } from '../../../bench/orders/label.js';
import { isReadBack, type OrderResult, ordersTable, summarise } from '../../../bench/orders/suite.js';

const expected = expectedOrder('can i have a large espresso with sweetener');
if (expected === undefined) throw new Error('The label was not read.');

const result = (more: Partial<OrderResult>): OrderResult => ({
  file: 'a.flac',
  text: '',
  verdict: 'right',
  expected,
  stored: [],
  said: '',
  reply: '',
  heardResponseMs: 700,
  confirmed: false,
  ...more,
});

describe('the orders suite', () => {
  it('says yes only to what was ordered', () => {
    expect(isReadBack('I heard a large espresso with sweetener. Is that right?', expected)).toBe(true);
    expect(isReadBack('I heard a small espresso with sweetener. Is that right?', expected)).toBe(false);
    expect(isReadBack('I heard a large espresso. Is that right?', expected)).toBe(false);
    expect(isReadBack('All right, a large espresso with sweetener.', expected)).toBe(false);
    expect(isReadBack('Did you say: Can I have a large espresso, with sweetener?', expected)).toBe(true);
    expect(isReadBack('Did you say: Can I have a small espresso with sweetener?', expected)).toBe(false);
  });

  it('counts each verdict, and tells what was confirmed from what was right at once', () => {
    const arm = summarise([
      result({}),
      result({ confirmed: true, heardResponseMs: 900 }),
      result({ verdict: 'askedBack' }),
      result({ verdict: 'wrong' }),
      result({ verdict: 'unanswered', heardResponseMs: null }),
      result({ verdict: 'failed', heardResponseMs: null }),
    ]);
    expect(arm).toMatchObject({ calls: 6, right: 2, rightAtOnce: 1, askedBack: 1, wrong: 1, unanswered: 1, failed: 1 });
    expect(arm.heardResponseMs.p50).toBe(700);
    expect(ordersTable(arm).join('\n')).toContain('6 calls are too few');
  });
});
