import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Grant,
  mayHedge,
  NEW_BUDGET,
  noteExtra,
  noteRequest,
  withGrant,
} from '../../../agent/resilience/hedge-budget.js';
import { BURST, grantTo, type HedgePool, leave, newPool, noteSpending } from '../../../agent/resilience/hedge-pool.js';

const SHARE = 0.1;
const held = (pool: HedgePool<string>, holder: string) => grantTo(pool, holder).granted;

describe('the budget that calls share', () => {
  it('puts one extra request into the hand of whoever makes requests, while there is any', () => {
    let pool = newPool<string>();
    for (const call of ['a', 'b', 'c', 'd']) pool = noteSpending(pool, call, { earned: 0.1, spent: 0 });
    expect(['a', 'b', 'c', 'd'].map((call) => held(pool, call))).toEqual([1, 1, 1, 0]);
    expect(grantTo(pool, 'nobody')).toEqual({ granted: 0, reserve: 0 });
    pool = noteSpending(pool, 'a', { earned: 1, spent: 0 });
    expect(held(pool, 'd')).toBe(1);
  });

  it('gives the next to who has waited for longest', () => {
    let pool = newPool<string>();
    for (const call of ['a', 'b', 'c']) pool = noteSpending(pool, call, { earned: 0, spent: 0 });
    pool = noteSpending(pool, 'b', { earned: 0, spent: 1 });
    pool = noteSpending(pool, 'a', { earned: 0, spent: 1 });
    pool = noteSpending(pool, 'c', { earned: 1, spent: 0 });
    expect(['a', 'b'].map((call) => held(pool, call))).toEqual([1, 2]);
  });

  it('takes back what a call that is over did not spend', () => {
    let pool = newPool<string>();
    for (const call of ['a', 'b', 'c', 'd']) pool = noteSpending(pool, call, { earned: 0, spent: 0 });
    pool = leave(pool, 'a');
    expect(held(pool, 'd')).toBe(1);
    expect(leave(pool, 'a')).toBe(pool);
  });

  it('grants nobody anything before it is made up for what was spent without a grant', () => {
    let pool = noteSpending(newPool<string>(), 'alone', { earned: 0, spent: 5 });
    pool = noteSpending(pool, 'other', { earned: 2, spent: 0 });
    expect(held(pool, 'other')).toBe(0);
    pool = noteSpending(pool, 'other', { earned: 4, spent: 0 });
    expect(held(pool, 'other')).toBe(1);
  });

  it('saves no more than twenty', () => {
    let pool = noteSpending(newPool<string>(), 'a', { earned: 1_000, spent: 0 });
    expect(grantTo(pool, 'a')).toEqual({ granted: 1, reserve: 19 });
    pool = leave(pool, 'a');
    expect(pool.saved).toBe(20);
  });

  it('never costs all calls together more than their share and a small burst, however late they hear of each other', () => {
    const CALLS = 4;
    const deed = fc.record({
      call: fc.nat(CALLS - 1),
      act: fc.constantFrom('request', 'request', 'request', 'hedge', 'tell', 'hear', 'end'),
    });
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 400 }), (deeds) => {
        let pool = newPool<string>();
        let requests = 0;
        let extra = 0;
        const fresh = (index: number, life: number) => ({
          name: `${index}.${life}`,
          life,
          budget: withGrant(NEW_BUDGET, { granted: 0, reserve: 0 }),
          told: { earned: 0, spent: 0 },
        });
        const calls = Array.from({ length: CALLS }, (_, index) => fresh(index, 0));
        for (const { call: index, act } of deeds) {
          const call = calls[index];
          if (call === undefined) throw new RangeError('no such call');
          const grant: Grant = grantTo(pool, call.name);
          if (act === 'request') {
            call.budget = noteRequest(call.budget, SHARE);
            requests += 1;
          } else if (act === 'hedge' && mayHedge(call.budget, SHARE)) {
            call.budget = noteExtra(call.budget);
            extra += 1;
          } else if (act === 'tell') {
            pool = noteSpending(pool, call.name, call.budget);
          } else if (act === 'hear') {
            call.budget = withGrant(call.budget, grant);
          } else if (act === 'end') {
            pool = leave(noteSpending(pool, call.name, call.budget), call.name);
            calls[index] = fresh(index, call.life + 1);
          }
          expect(extra).toBeLessThanOrEqual(BURST + SHARE * requests + 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});
