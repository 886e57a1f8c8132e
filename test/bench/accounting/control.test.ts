import { expect, it } from 'vitest';
import { runControl } from '../../../bench/accounting/control.js';
import { percentile } from '../../../bench/statistics.js';

it('works for as long as it is asked to, as often as it is asked to', async () => {
  const [short, long] = [await runControl(20, 0.5, 0), await runControl(20, 5, 0)];
  expect([short.length, long.length]).toEqual([20, 20]);
  // Whatever else the machine does makes it longer, hardly shorter.
  expect(percentile(short, 0.5)).toBeGreaterThan(0.4);
  expect(Math.min(...long) / Math.min(...short)).toBeGreaterThan(5);
});
