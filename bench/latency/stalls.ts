/**
 * Providers that now and then fall silent for 3 s and then go on, as a distribution of their first token or byte: the
 * scripted faults know a stall that never ends and one before each item, and neither is this. Pure.
 */
import { type Latency, PRESETS, type PresetName, type Timing } from '../../local-providers/scripted/latency.js';

export const STALL = { share: 0.05, ms: 3_000 } as const;

/** Standard normal quantiles at these shares, for a log-normal as straight lines. */
const NORMAL = [
  [0.001, -3.09],
  [0.01, -2.326],
  [0.05, -1.645],
  [0.1, -1.282],
  [0.2, -0.842],
  [0.3, -0.524],
  [0.4, -0.253],
  [0.5, 0],
  [0.6, 0.253],
  [0.7, 0.524],
  [0.8, 0.842],
  [0.9, 1.282],
  [0.95, 1.645],
  [0.99, 2.326],
  [0.999, 3.09],
] as const;

/** The preset's times with stalls before the first token of the model and the first byte of each clause of the voice. */
export function stallingTiming(preset: PresetName): Pick<Timing, 'llmTtft' | 'ttsTtfb'> {
  const { llmTtft, ttsTtfb } = PRESETS[preset];
  return { llmTtft: stalling(llmTtft), ttsTtfb: stalling(ttsTtfb) };
}

/**
 * One draw in twenty is 3 s longer. The stalled draws are put above all others: where a slow healthy draw is longer than a
 * short stalled one the order differs, the shares do not.
 */
export function stalling(latency: Latency): Latency {
  const points = pointsOf(latency);
  const healthy = points.map(([share, ms]): [number, number] => [share * (1 - STALL.share), ms]);
  const stalled = points.map(([share, ms]): [number, number] => [1 - STALL.share + share * STALL.share, ms + STALL.ms]);
  return { kind: 'percentiles', points: [...healthy, ...stalled] };
}

function pointsOf(latency: Latency): readonly (readonly [number, number])[] {
  if (latency.kind === 'percentiles') return latency.points;
  if (latency.kind === 'fixed') {
    return [
      [0, Math.max(0, latency.ms - latency.jitterMs)],
      [1, latency.ms + latency.jitterMs],
    ];
  }
  const sigma = Math.log(latency.p95Ms / latency.p50Ms) / 1.645;
  const inner = NORMAL.map(([share, z]): [number, number] => [
    share,
    Math.min(latency.maxMs, latency.p50Ms * Math.exp(sigma * z)),
  ]);
  return [[0, inner[0]?.[1] ?? 0], ...inner, [1, latency.maxMs]];
}
