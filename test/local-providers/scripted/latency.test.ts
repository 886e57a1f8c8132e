import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../local-providers/random.js';
import { drawLatencyMs, Latency, PRESETS } from '../../../local-providers/scripted/latency.js';

/** Percentiles of many draws, in ms. */
function percentiles(latency: Latency, shares: readonly number[]): number[] {
  const random = seededRandom('percentiles');
  const draws = Array.from({ length: 20_000 }, () => drawLatencyMs(latency, random)).sort((a, b) => a - b);
  return shares.map((share) => draws[Math.floor(share * draws.length)] ?? 0);
}

describe('PRESETS', () => {
  it('has no spread in fixed and excellent', () => {
    const random = seededRandom('any');
    const draw = (preset: keyof typeof PRESETS) =>
      (['sttLatency', 'llmTtft', 'llmPerToken', 'ttsTtfb'] as const).map((name) =>
        drawLatencyMs(PRESETS[preset][name], random),
      );
    expect(draw('fixed')).toEqual([150, 220, 12, 90]);
    expect(draw('excellent')).toEqual([100, 150, 12, 80]);
  });

  it('has the published percentiles in tails', () => {
    const [stt50, stt95, stt99] = percentiles(PRESETS.tails.sttLatency, [0.5, 0.95, 0.99]);
    expect([stt50, stt95, stt99].map((ms) => Math.round(ms ?? 0))).toEqual([
      expect.closeTo(247, -1),
      expect.closeTo(298, -1),
      expect.closeTo(326, -1),
    ]);
    const [llm50 = 0, llm95 = 0] = percentiles(PRESETS.tails.llmTtft, [0.5, 0.95]);
    expect(Math.abs(llm50 / 553 - 1)).toBeLessThan(0.05);
    expect(Math.abs(llm95 / 1_947 - 1)).toBeLessThan(0.05);
    expect(percentiles(PRESETS.tails.ttsTtfb, [0.5])).toEqual([188]);
  });
});

describe('drawLatencyMs', () => {
  it('is never negative and never above the cut', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 50 }), (seed, ms) => {
        const random = seededRandom(seed);
        expect(drawLatencyMs(Latency.parse({ kind: 'fixed', ms, jitterMs: 100 }), random)).toBeGreaterThanOrEqual(0);
        const cut = Latency.parse({ kind: 'log-normal', p50Ms: 10, p95Ms: 1_000, maxMs: 500 });
        expect(drawLatencyMs(cut, random)).toBeLessThanOrEqual(500);
      }),
    );
  });

  it('draws the same from the same seed', () => {
    const draws = (seed: number): number[] => {
      const random = seededRandom(seed, 'call');
      return Array.from({ length: 5 }, () => drawLatencyMs(PRESETS.tails.llmTtft, random));
    };
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)).not.toEqual(draws(2));
  });
});
