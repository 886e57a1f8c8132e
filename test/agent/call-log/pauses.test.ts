import { expect, it } from 'vitest';
import { isDataError } from '../../../agent/call-log/data-errors.js';
import { pause, pauseMs } from '../../../agent/call-log/pauses.js';

it('waits longer after each failure, up to 5 s', () => {
  expect([1, 2, 3, 6, 7, 1_000].map(pauseMs)).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
});

it('ends a pause at once when it is told to', async () => {
  const stop = new AbortController();
  const paused = pause(60_000, stop.signal);
  stop.abort();
  await paused;
  await pause(60_000, stop.signal);
});

it.each([
  ['22003', true],
  ['23505', true],
  ['54000', true],
  ['SQLITE_CONSTRAINT_NOTNULL', true],
  ['57P01', false],
  ['08006', false],
  ['40001', false],
  ['ECONNREFUSED', false],
  ['SQLITE_BUSY', false],
  ['SQLITE_FULL', false],
])('takes %s for a fault of the records themselves: %s', (code, expected) => {
  expect(isDataError(Object.assign(new Error('It fails.'), { code }))).toBe(expected);
  expect(isDataError(new Error(code))).toBe(false);
});
