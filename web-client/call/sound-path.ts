/** What the browser knows of the way that sound takes: network, jitter buffer, loudspeaker. Pure. */
import { z } from 'zod';
import type { HeardReport } from '../../wire/turn.js';

/** Delay summed over samples, and how many: only what both grew by says anything about now. */
interface Summed {
  readonly delayS: number;
  readonly samples: number;
}

/** As it was at one moment; what the browser does not tell is absent. */
export interface SoundPath {
  /** To the SFU and back; of the way out and the way in, the mean. */
  readonly roundTripMs?: number;
  readonly jitterBuffer?: Summed;
  /** From the jitter buffer to the loudspeaker. */
  readonly playout?: Summed;
}

/** As W3C's webrtc-stats names them; seconds. */
const CandidatePair = z.object({
  type: z.literal('candidate-pair'),
  state: z.literal('succeeded'),
  nominated: z.literal(true),
  currentRoundTripTime: z.number().nonnegative(),
});
const InboundAudio = z.object({
  type: z.literal('inbound-rtp'),
  kind: z.literal('audio'),
  jitterBufferDelay: z.number().nonnegative(),
  jitterBufferEmittedCount: z.number().nonnegative(),
});
const MediaPlayout = z.object({
  type: z.literal('media-playout'),
  totalPlayoutDelay: z.number().nonnegative(),
  totalSamplesCount: z.number().nonnegative(),
});
const Stat = z.discriminatedUnion('type', [CandidatePair, InboundAudio, MediaPlayout]);

/** @param stats - Entries of the reports of both tracks. */
export function readSoundPath(stats: Iterable<unknown>): SoundPath {
  const known = [...stats].map((stat) => Stat.safeParse(stat).data).filter((stat) => stat !== undefined);
  const roundTrips = known.flatMap((stat) => (stat.type === 'candidate-pair' ? [stat.currentRoundTripTime] : []));
  const inbound = known.find((stat) => stat.type === 'inbound-rtp');
  const playout = known.find((stat) => stat.type === 'media-playout');
  return {
    ...(roundTrips.length > 0 && {
      roundTripMs: (roundTrips.reduce((sum, seconds) => sum + seconds, 0) / roundTrips.length) * 1_000,
    }),
    ...(inbound && {
      jitterBuffer: { delayS: inbound.jitterBufferDelay, samples: inbound.jitterBufferEmittedCount },
    }),
    ...(playout && { playout: { delayS: playout.totalPlayoutDelay, samples: playout.totalSamplesCount } }),
  };
}

/**
 * What a report tells of the way.
 * @param before - At the answer's first sound.
 * @param after - When the answer was over.
 * @param outputMs - What the audio context says of its own way to the loudspeaker, where the browser tells no other; 0: nothing.
 */
export function wayBetween(
  before: SoundPath,
  after: SoundPath,
  outputMs = 0,
): Pick<HeardReport, 'roundTripMs' | 'jitterBufferMs' | 'playoutMs'> {
  const jitterBufferMs = meanMs(before.jitterBuffer, after.jitterBuffer);
  const playoutMs = meanMs(before.playout, after.playout) ?? (outputMs > 0 ? outputMs : undefined);
  return {
    ...(after.roundTripMs !== undefined && { roundTripMs: tenths(after.roundTripMs) }),
    ...(jitterBufferMs !== undefined && { jitterBufferMs: tenths(jitterBufferMs) }),
    ...(playoutMs !== undefined && { playoutMs: tenths(playoutMs) }),
  };
}

function meanMs(before: Summed | undefined, after: Summed | undefined): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const samples = after.samples - before.samples;
  const delayS = after.delayS - before.delayS;
  // Another track counts from 0 again.
  return samples > 0 && delayS >= 0 ? (delayS / samples) * 1_000 : undefined;
}

/** To a tenth of a ms: finer than any of it is measured. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
