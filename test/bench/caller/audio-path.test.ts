import { describe, expect, it } from 'vitest';
import { audioPathIn, jitterBufferMsBetween, readInboundAudio } from '../../../bench/caller/audio-path.js';

const transport = (selectedCandidatePairId: string) => ({
  case: 'transport',
  value: { transport: { selectedCandidatePairId } },
});
const pair = (id: string, currentRoundTripTime: number, { nominated = true, responsesReceived = 3n } = {}) => ({
  case: 'candidatePair',
  value: { rtc: { id }, candidatePair: { nominated, currentRoundTripTime, responsesReceived } },
});
const inbound = (trackIdentifier: string, jitterBufferDelay: number, samples: bigint, kind = 'audio') => ({
  case: 'inboundRtp',
  value: {
    stream: { kind },
    inbound: { trackIdentifier, jitterBufferDelay, jitterBufferEmittedCount: samples, totalAudioEnergy: 0.5 },
  },
});

describe('the audio that comes in', () => {
  it('is every track’s, of both connections', async () => {
    const stats = {
      publisherStats: [{ stats: inbound('a', 5, 480n) }],
      subscriberStats: [inbound('b', 6, 960n), inbound('c', 7, 1n, 'video'), undefined].map((one) => ({ stats: one })),
    };
    const room = { getRtcStats: async () => stats } as unknown as Parameters<typeof readInboundAudio>[0];
    expect(await readInboundAudio(room)).toEqual([
      { track: 'a', delayMs: 5_000, samples: 480, energy: 0.5 },
      { track: 'b', delayMs: 6_000, samples: 960, energy: 0.5 },
    ]);
  });
});

describe('the way of a simulated caller', () => {
  it('is half of each connection’s round trip, of the pair that is in use', () => {
    const publisher = [transport('b'), pair('a', 4), pair('b', 0.02)];
    const subscriber = [pair('c', 4, { nominated: false }), pair('d', 0.04), { case: 'codec', value: {} }, undefined];
    expect(audioPathIn(publisher, subscriber, undefined)).toEqual({ roundTripMs: 30 });
    const unasked = [pair('a', 0, { responsesReceived: 0n })];
    expect(audioPathIn(unasked, subscriber, undefined)).toEqual({ roundTripMs: 40 });
    // Below half a millisecond.
    expect(audioPathIn([pair('a', 0)], [], undefined)).toEqual({ roundTripMs: 0 });
  });

  it('has the jitter buffer of the track that is listened to, or of the only one', () => {
    const both = [inbound('TR_1', 5, 480n), inbound('TR_2', 6, 960n), inbound('TR_3', 7, 1n, 'video')];
    expect(audioPathIn([], both, 'TR_2')).toEqual({ jitterBuffer: { delayMs: 6_000, samples: 960 } });
    expect(audioPathIn([], both, 'TR_9')).toEqual({});
    expect(audioPathIn([], both.slice(1), 'TR_9')).toEqual({ jitterBuffer: { delayMs: 6_000, samples: 960 } });
    expect(audioPathIn(both.slice(1), [], 'TR_9')).toEqual({ jitterBuffer: { delayMs: 6_000, samples: 960 } });
  });

  it('waited in the jitter buffer what both sums grew by, or nothing that is known', () => {
    const at = (delayMs: number, samples: number) => ({ jitterBuffer: { delayMs, samples } });
    expect(jitterBufferMsBetween(at(1_000, 10), at(3_000, 60))).toBe(40);
    expect(jitterBufferMsBetween(at(1_000, 10), at(1_000, 10))).toBeUndefined();
    expect(jitterBufferMsBetween(at(1_000, 10), at(0, 20))).toBeUndefined();
    expect(jitterBufferMsBetween({}, at(1_000, 10))).toBeUndefined();
  });
});
