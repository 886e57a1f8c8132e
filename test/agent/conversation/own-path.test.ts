import type { Room } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OwnPath } from '../../../agent/conversation/own-path.js';

type Result = Awaited<ReturnType<Room['getRtcStats']>>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What WebRTC tells of the way to the SFU and of the caller's sound: in s, and samples since the beginning. */
function statistics(roundTripS: number, delayS: number, samples: number): Result {
  const pair = (nominated: boolean, currentRoundTripTime: number) => ({
    stats: {
      case: 'candidatePair',
      value: { candidatePair: { nominated, currentRoundTripTime, responsesReceived: 1n } },
    },
  });
  const inbound = (kind: string, jitterBufferDelay: number, count: number) => ({
    stats: {
      case: 'inboundRtp',
      value: { stream: { kind }, inbound: { jitterBufferDelay, jitterBufferEmittedCount: BigInt(count) } },
    },
  });
  const subscriberStats = [
    pair(false, 9),
    pair(true, roundTripS),
    inbound('audio', delayS, samples),
    inbound('video', 9, 9),
  ];
  return { publisherStats: subscriberStats, subscriberStats: [] } as unknown as Result;
}

describe("the worker's own side of the way", () => {
  it('is not known before anything was heard', async () => {
    const path = new OwnPath({ getRtcStats: async () => statistics(0.02, 0, 0) });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(path.latest).toBeUndefined();
    path.close();
  });

  it('is what it was lately, not since the beginning', async () => {
    const told = [statistics(0.02, 48, 48_000), statistics(0.03, 48 + 3.84, 96_000)];
    const path = new OwnPath({ getRtcStats: async () => told.shift() ?? statistics(0.03, 51.84, 96_000) });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(path.latest).toEqual({ roundTripMs: 20, jitterBufferMs: 1 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(path.latest?.roundTripMs).toBe(30);
    expect(path.latest?.jitterBufferMs).toBeCloseTo(0.08);
    // A muted caller leaves nothing in the buffer: what was read last still stands.
    await vi.advanceTimersByTimeAsync(2_000);
    expect(path.latest?.jitterBufferMs).toBeCloseTo(0.08);
    path.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('outlives a room that has no statistics any more', async () => {
    const path = new OwnPath({ getRtcStats: () => Promise.reject(new Error('closed')) });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(path.latest).toBeUndefined();
    path.close();
  });
});
