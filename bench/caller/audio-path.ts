/**
 * What rtc-node knows of the way between this caller and the SFU: round trip, and what sound that came in waited in the jitter
 * buffer.
 */
import type { Room } from '@livekit/rtc-node';
import { z } from 'zod';

/** As it was at one moment; what is not known is absent. */
export interface AudioPath {
  readonly roundTripMs?: number;
  /** Sums since the track began: only what both grew by says anything about now. */
  readonly jitterBuffer?: { readonly delayMs: number; readonly samples: number };
}

/** The native library's own form of W3C's webrtc-stats; seconds. */
const Transport = z.object({
  case: z.literal('transport'),
  value: z.object({ transport: z.object({ selectedCandidatePairId: z.string() }) }),
});
const CandidatePair = z.object({
  case: z.literal('candidatePair'),
  value: z.object({
    rtc: z.object({ id: z.string() }),
    candidatePair: z.object({
      nominated: z.boolean(),
      currentRoundTripTime: z.number().nonnegative(),
      responsesReceived: z.bigint().nonnegative(),
    }),
  }),
});
const InboundAudio = z.object({
  case: z.literal('inboundRtp'),
  value: z.object({
    stream: z.object({ kind: z.literal('audio') }),
    inbound: z.object({
      trackIdentifier: z.string(),
      jitterBufferDelay: z.number().nonnegative(),
      jitterBufferEmittedCount: z.bigint().nonnegative(),
      totalAudioEnergy: z.number().nonnegative().default(0),
    }),
  }),
});
const Stat = z.discriminatedUnion('case', [Transport, CandidatePair, InboundAudio]);
type Stat = z.infer<typeof Stat>;

/**
 * @param trackSid - Of the track that is listened to; where the stats do not name it, a single audio track is taken for it.
 * @throws What rtc-node throws, once the room is left.
 */
export async function readAudioPath(room: Pick<Room, 'getRtcStats'>, trackSid: string | undefined): Promise<AudioPath> {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  return audioPathIn(
    publisherStats.map(({ stats }) => stats),
    subscriberStats.map(({ stats }) => stats),
    trackSid,
  );
}

/** The pure part of {@link readAudioPath}. */
export function audioPathIn(
  publisher: readonly unknown[],
  subscriber: readonly unknown[],
  trackSid: string | undefined,
): AudioPath {
  // One connection for both directions is a publisher's, as livekit-server 1.13 and rtc-node 0.13.35 agree on. Of two, half of
  // each round trip is the way of one direction.
  const connections = [publisher, subscriber].map(known);
  const roundTrips = connections.map(roundTripMsIn).filter((ms) => ms !== undefined);
  const inbound = connections.flat().flatMap((stat) => (stat.case === 'inboundRtp' ? [stat.value.inbound] : []));
  const named = inbound.filter(({ trackIdentifier }) => trackIdentifier === trackSid);
  const [buffer, ...others] = named.length > 0 ? named : inbound;
  return {
    ...(roundTrips.length > 0 && { roundTripMs: roundTrips.reduce((sum, ms) => sum + ms, 0) / roundTrips.length }),
    ...(buffer !== undefined &&
      others.length === 0 && {
        jitterBuffer: {
          delayMs: buffer.jitterBufferDelay * 1_000,
          samples: Number(buffer.jitterBufferEmittedCount),
        },
      }),
  };
}

/** Sums of every audio track that is heard, whatever it is called by the SFU. @throws as {@link readAudioPath}. */
export async function readInboundAudio(room: Pick<Room, 'getRtcStats'>) {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  const stats = known([...publisherStats, ...subscriberStats].map(({ stats: one }) => one));
  return stats.flatMap((stat) => {
    if (stat.case !== 'inboundRtp') return [];
    const { trackIdentifier, jitterBufferDelay, jitterBufferEmittedCount, totalAudioEnergy } = stat.value.inbound;
    const samples = Number(jitterBufferEmittedCount);
    return [{ track: trackIdentifier, delayMs: jitterBufferDelay * 1_000, samples, energy: totalAudioEnergy }];
  });
}

/** Mean wait in the jitter buffer between two moments, in ms; `undefined` where nothing came out of it meanwhile. */
export function jitterBufferMsBetween(before: AudioPath, after: AudioPath): number | undefined {
  if (before.jitterBuffer === undefined || after.jitterBuffer === undefined) return undefined;
  const samples = after.jitterBuffer.samples - before.jitterBuffer.samples;
  const delayMs = after.jitterBuffer.delayMs - before.jitterBuffer.delayMs;
  // Another track counts from 0 again.
  return samples > 0 && delayMs >= 0 ? delayMs / samples : undefined;
}

function known(stats: readonly unknown[]): readonly Stat[] {
  return stats.map((stat) => Stat.safeParse(stat).data).filter((stat) => stat !== undefined);
}

/** Of the pair that is in use, in whole ms: on loopback 0 is a true answer, once there was one. */
function roundTripMsIn(stats: readonly Stat[]): number | undefined {
  const selected = stats.flatMap((stat) =>
    stat.case === 'transport' ? [stat.value.transport.selectedCandidatePairId] : [],
  );
  const pairs = stats.flatMap((stat) => (stat.case === 'candidatePair' ? [stat.value] : []));
  const { candidatePair } =
    pairs.find(({ rtc }) => selected.includes(rtc.id)) ?? pairs.find((pair) => pair.candidatePair.nominated) ?? {};
  const isMeasured = candidatePair !== undefined && candidatePair.responsesReceived > 0n;
  return isMeasured ? candidatePair.currentRoundTripTime * 1_000 : undefined;
}
