import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mayHedge,
  NEW_BUDGET,
  noteExtra,
  noteRequest,
  reserveOf,
  withGrant,
} from '../../../agent/resilience/hedge-budget.js';

/** Extra requests made after each request, of callers that want one whenever `wants` says so. */
function extras(wants: readonly boolean[], share: number): readonly number[] {
  let budget = NEW_BUDGET;
  return wants.map((wanted) => {
    budget = noteRequest(budget, share);
    if (wanted && mayHedge(budget, share)) budget = noteExtra(budget);
    return budget.spent;
  });
}

describe('the budget of extra requests', () => {
  it('allows the first at once and then one in ten', () => {
    const made = extras(Array(200).fill(true), 0.1);
    expect(made[0]).toBe(1);
    expect(made[8]).toBe(1);
    expect(made[9]).toBe(2);
    expect(made[199]).toBe(21);
  });

  it('allows none where the share is nothing', () => {
    expect(extras(Array(50).fill(true), 0).at(-1)).toBe(0);
  });

  it('does not let a long quiet past pay for a storm', () => {
    const quietThenStorm = [...Array(10_000).fill(false), ...Array(100).fill(true)];
    expect(extras(quietThenStorm, 0.1).at(-1)).toBeLessThanOrEqual(30);
  });

  it('never costs more than its share and the one at first', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 900 }), share, (wants, allowed) => {
        const rounding = 1e-6;
        extras(wants, allowed).forEach((made, index) => {
          expect(made).toBeLessThanOrEqual(1 + allowed * (index + 1) + rounding);
        });
      }),
    );
  });

  it('is what the worker grants where it is shared, and what it saved itself where it is not any more', () => {
    const own = noteExtra(noteRequest(NEW_BUDGET, 0.1));
    expect(mayHedge(own, 0.1)).toBe(false);
    const shared = withGrant(own, { granted: 2, reserve: 4 });
    expect(mayHedge(shared, 0.1)).toBe(true);
    expect(reserveOf(shared)).toBe(5);
    expect(mayHedge(noteExtra(shared), 0.1)).toBe(false);
    expect(withGrant(shared)).toEqual(own);
  });
});
