import { expect, it } from 'vitest';
import { AcceptedCalls } from '../../agent/accepted-calls.js';

it('counts a call from its acceptance until a process has it, once', () => {
  const accepted = new AcceptedCalls();
  accepted.note('a', 1_000);
  accepted.note('b', 1_000);
  accepted.note('b', 1_000);
  expect(accepted.beside([], 0)).toBe(2);
  expect(accepted.beside(['a'], 100)).toBe(1);
  // It is over already: a process had it, and no call is counted twice.
  expect(accepted.beside([], 200)).toBe(1);
});

it('gives a call up whose assignment does not come', () => {
  const accepted = new AcceptedCalls();
  accepted.note('a', 1_000);
  accepted.note('b', 2_000);
  expect(accepted.beside([], 999)).toBe(2);
  expect(accepted.beside([], 1_000)).toBe(1);
  expect(accepted.beside(['a', 'b'], 1_500)).toBe(0);
});
