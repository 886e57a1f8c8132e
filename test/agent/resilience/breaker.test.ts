import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allows,
  type Breaker,
  CLOSED,
  noteFailure,
  noteNothing,
  noteSuccess,
  noteTrial,
  stateOf,
} from '../../../agent/resilience/breaker.js';

const OPENED_AT_MS = 100;
const opened = [1, 2, 3].reduce<Breaker>((breaker) => noteFailure(breaker, OPENED_AT_MS), CLOSED);

describe('a circuit breaker', () => {
  it('opens at the third failure in a row', () => {
    const twice = noteFailure(noteFailure(CLOSED, 0), 0);
    expect(stateOf(twice, 0)).toBe('closed');
    expect(stateOf(noteFailure(twice, 0), 0)).toBe('open');
    expect(stateOf(noteFailure(noteSuccess(twice), 0), 0)).toBe('closed');
  });

  it('lets one request through after its rest', () => {
    expect(allows(opened, OPENED_AT_MS + 999)).toBe(false);
    const restedAtMs = OPENED_AT_MS + 1_000;
    expect(stateOf(opened, restedAtMs)).toBe('half-open');
    expect(allows(opened, restedAtMs)).toBe(true);
    expect(allows(noteTrial(opened, restedAtMs), restedAtMs + 1)).toBe(false);
  });

  it('closes when the probe succeeds', () => {
    const closed = noteSuccess(noteTrial(opened, 1_100));
    expect(stateOf(closed, 1_200)).toBe('closed');
    expect(allows(closed, 1_200)).toBe(true);
  });

  it('rests twice as long when the probe fails, and no longer than 30 s', () => {
    let breaker = opened;
    let nowMs = OPENED_AT_MS;
    const rests: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      rests.push(breaker.restMs);
      nowMs += breaker.restMs;
      breaker = noteFailure(noteTrial(breaker, nowMs), nowMs);
      expect(stateOf(breaker, nowMs)).toBe('open');
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('is not held open by a failure of a request sent before', () => {
    expect(stateOf(noteFailure(opened, OPENED_AT_MS + 900), OPENED_AT_MS + 1_000)).toBe('half-open');
  });

  it('lets the next one probe when a probe was cancelled or lost', () => {
    const tried = noteTrial(opened, 1_100);
    expect(allows(noteNothing(tried), 1_200)).toBe(true);
    expect(allows(tried, 1_100 + 15_000)).toBe(true);
  });

  it('always lets a request through in the end, and never more than one at a time while half-open', () => {
    const step = fc.record({ act: fc.constantFrom('fail', 'succeed', 'try', 'cancel'), afterMs: fc.nat(5_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let breaker = CLOSED;
        let nowMs = 0;
        for (const { act, afterMs } of steps) {
          nowMs += afterMs;
          if (act === 'fail') breaker = noteFailure(breaker, nowMs);
          if (act === 'succeed') breaker = noteSuccess(breaker);
          if (act === 'cancel') breaker = noteNothing(breaker);
          if (act === 'try' && allows(breaker, nowMs)) {
            breaker = noteTrial(breaker, nowMs);
            expect(allows(breaker, nowMs)).toBe(stateOf(breaker, nowMs) === 'closed');
          }
          expect(breaker.restMs).toBeLessThanOrEqual(30_000);
        }
        expect(allows(breaker, nowMs + 30_000)).toBe(true);
      }),
    );
  });
});
