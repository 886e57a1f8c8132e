import { describe, expect, it } from 'vitest';
import { STALL, stalling, stallingTiming } from '../../../bench/latency/stalls.js';
import { seededRandom } from '../../../bench/statistics.js';
import { drawLatencyMs, Latency, PRESETS } from '../../../local-providers/scripted/latency.js';

function draws(latency: Latency): number[] {
  const random = seededRandom(7);
  return Array.from({ length: 20_000 }, () => drawLatencyMs(latency, random)).sort((a, b) => a - b);
}

describe('a provider that stalls', () => {
  it('is 3 s late in one request of twenty, and as ever in the others', () => {
    const all = draws(stalling(PRESETS.fixed.llmTtft));
    const stalled = all.filter((ms) => ms > 3_000);
    expect(stalled.length / all.length).toBeCloseTo(STALL.share, 2);
    expect(new Set(all.filter((ms) => ms <= 3_000))).toEqual(new Set([220]));
    expect(stalled.every((ms) => ms === 3_220)).toBe(true);
  });

  it('keeps the percentiles of a time that varies', () => {
    const { llmTtft } = PRESETS.tails;
    const [healthy, stalled] = [draws(llmTtft), draws(stalling(llmTtft))];
    for (const share of [0.1, 0.5, 0.9]) {
      const before = healthy[Math.round(share * healthy.length)] ?? 0;
      // Of the healthy part alone.
      const after = stalled[Math.round(share * (1 - STALL.share) * stalled.length)] ?? 0;
      expect(after / before).toBeGreaterThan(0.93);
      expect(after / before).toBeLessThan(1.07);
    }
  });

  it('is a script that the providers take', () => {
    const { llmTtft, ttsTtfb } = stallingTiming('tails');
    expect(Latency.safeParse(llmTtft).success).toBe(true);
    expect(Latency.safeParse(ttsTtfb).success).toBe(true);
  });
});
