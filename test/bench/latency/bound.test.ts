import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundMs, providerTimes } from '../../../bench/latency/bound.js';

const clip = { roundTripMs: 195, lastWordEndMs: 2_080, speechEndMs: 2_000, firstClauseTokens: 4 };

describe('the bound of a turn', () => {
  it('is the road, the last word, the model, its first clause and the voice', () => {
    // 195 + (80 + 150) + 220 + 4 * 12 + 90
    expect(boundMs(providerTimes('fixed'), clip)).toBe(783);
  });

  it('charges no recogniser whose last word was there before the speech ended', () => {
    const early = { ...clip, lastWordEndMs: 1_700 };
    expect(boundMs(providerTimes('fixed'), early)).toBe(195 + 220 + 48 + 90);
  });

  it('takes the median of times that vary', () => {
    expect(providerTimes('tails')).toEqual({ sttMs: 247, ttftMs: 553, perTokenMs: 12, ttfbMs: 188 });
    expect(providerTimes('excellent')).toEqual({ sttMs: 100, ttftMs: 150, perTokenMs: 12, ttfbMs: 80 });
  });

  it('never shrinks when a part of it grows', () => {
    const ms = fc.integer({ min: 0, max: 5_000 });
    const parts = fc.record({
      roundTripMs: ms,
      lastWordEndMs: ms,
      speechEndMs: ms,
      firstClauseTokens: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(parts, fc.nat(500), (of, more) => {
        const times = providerTimes('fixed');
        expect(boundMs(times, { ...of, lastWordEndMs: of.lastWordEndMs + more })).toBeGreaterThanOrEqual(
          boundMs(times, of),
        );
        expect(boundMs(times, { ...of, roundTripMs: of.roundTripMs + more })).toBe(boundMs(times, of) + more);
      }),
    );
  });
});
