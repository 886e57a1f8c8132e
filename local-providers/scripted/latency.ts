import { z } from 'zod';

const Ms = z.number().nonnegative().max(600_000);

/** How long one step takes, as a distribution; a bare number is fixed. All in ms. */
export const Latency = z.union([
  Ms.transform((ms) => ({ kind: 'fixed' as const, ms, jitterMs: 0 })),
  z.strictObject({ kind: z.literal('fixed'), ms: Ms, jitterMs: Ms.default(0) }),
  /** Log-normal through its median and 95th percentile, cut at `maxMs`. */
  z.strictObject({ kind: z.literal('log-normal'), p50Ms: Ms.min(1), p95Ms: Ms.min(1), maxMs: Ms }),
  /** Straight lines between known percentiles, ascending: [[0.5, 247], [0.95, 298]]. */
  z.strictObject({ kind: z.literal('percentiles'), points: z.array(z.tuple([z.number().min(0).max(1), Ms])).min(2) }),
]);
export type Latency = z.output<typeof Latency>;

/** One draw, in ms, never negative. */
export function drawLatencyMs(latency: Latency, random: () => number): number {
  switch (latency.kind) {
    case 'fixed':
      // The draw is made in any case, so that switching jitter on does not shift what other draws give.
      return Math.max(0, latency.ms + (2 * random() - 1) * latency.jitterMs);
    case 'log-normal': {
      const sigma = Math.log(latency.p95Ms / latency.p50Ms) / 1.6449; // 1.6449: 95th percentile of the normal distribution
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.min(latency.maxMs, latency.p50Ms * Math.exp(sigma * normal));
    }
    case 'percentiles': {
      const at = random();
      const above = latency.points.findIndex(([share]) => share >= at);
      const [right, left] = [latency.points.at(above), latency.points[above - 1]];
      if (right === undefined) return 0;
      if (left === undefined) return right[1];
      const width = right[0] - left[0];
      return left[1] + (width === 0 ? 0 : ((at - left[0]) / width) * (right[1] - left[1]));
    }
  }
}

/** The times of one simulated set of providers. */
export const Timing = z.strictObject({
  /** From the arrival of a word's last audio to the word. */
  sttLatency: Latency,
  /** From `Finalize` to its final, when no word is still to come (30 ms). */
  sttFinalizeMs: Ms,
  llmTtft: Latency,
  llmPerToken: Latency,
  ttsTtfb: Latency,
  /** Speed of the spoken signal. */
  ttsCharactersPerSecond: z.number().positive().max(1_000),
  ttsLeadingSilenceMs: Ms,
});
export type Timing = z.output<typeof Timing>;

export const PresetName = z.enum(['fixed', 'excellent', 'tails']);
export type PresetName = z.infer<typeof PresetName>;

const fixedMs = (ms: number): Latency => ({ kind: 'fixed', ms, jitterMs: 0 });
const shared = { sttFinalizeMs: 30, llmPerToken: fixedMs(12), ttsCharactersPerSecond: 15, ttsLeadingSilenceMs: 0 };

/** Figures of the benches' simulated providers. */
export const PRESETS: Readonly<Record<PresetName, Timing>> = {
  fixed: { ...shared, sttLatency: fixedMs(150), llmTtft: fixedMs(220), ttsTtfb: fixedMs(90) },
  excellent: { ...shared, sttLatency: fixedMs(100), llmTtft: fixedMs(150), ttsTtfb: fixedMs(80) },
  tails: {
    ...shared,
    // 247/298/326 ms are Deepgram's at P50/95/99; the two ends are ours, as far from the median as the tail allows.
    sttLatency: {
      kind: 'percentiles',
      points: [
        [0, 196],
        [0.5, 247],
        [0.95, 298],
        [0.99, 326],
        [1, 350],
      ],
    },
    llmTtft: { kind: 'log-normal', p50Ms: 553, p95Ms: 1947, maxMs: 8_000 },
    ttsTtfb: fixedMs(188),
  },
};
