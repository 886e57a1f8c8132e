import { describe, expect, it } from 'vitest';
import { niceOf } from '../../bench/caller-priority.js';

describe('the priority of callers', () => {
  it('is given back to the session as the kernel told it', () => {
    expect(niceOf('/autogroup-3811 nice 0\n')).toBe(0);
    expect(niceOf('/autogroup-25 nice -15\n')).toBe(-15);
  });

  it('leaves a session alone of which the kernel says nothing', () => {
    expect(niceOf('')).toBeUndefined();
  });
});
