/**
 * Whether a client's report of what it heard can be true, and what of it the way to the ear accounts for. Reports come from
 * strangers, whose clocks and programs may be broken or lie.
 */
import { HEARD_EARLY_MS, HEARD_LATE_MS, type HeardReport } from '../../wire/turn.js';

/** Longest round trip, in ms, at which a call can be held at all. */
export const ROUND_TRIP_MAX_MS = 5_000;
/** Most that libwebrtc's jitter buffer holds, in ms: 200 packets of 20 ms (NetEq's `max_packets_in_buffer`). */
export const JITTER_BUFFER_MAX_MS = 4_000;
/** Longest way from the jitter buffer to a loudspeaker, in ms: far above wireless headphones, which take 300. */
export const PLAYOUT_MAX_MS = 2_000;

/** Sound goes out in packets of this length, in ms (libwebrtc's `minptime` of Opus)... */
const PACKET_MS = 20;
/** ...and goes in and comes out in frames of this one, so that one half of each packet waits for the other. */
const FRAME_MS = 10;
/** What Opus adds to its packet's length, in ms: 2.5 of the transform and 4 to align SILK (RFC 6716, 2.1.4 and 4.3: 26.5 in all). */
const OPUS_LOOKAHEAD_MS = 6.5;
/** Wait of a frame for the next beat of the native source that takes it, in ms: the mean of 0 to 10. */
const SOURCE_BEAT_MS = FRAME_MS / 2;

/** What stands between the worker and its own side of the SFU, in ms. */
export interface WorkerPath {
  readonly roundTripMs: number;
  /**
   * What the caller's sound waits in the worker's own jitter buffer now, not the least it ever did: what comes out of it is
   * paced, so that counts of samples undo the lag of this program's loop, but not this wait.
   */
  readonly jitterBufferMs: number;
}

/**
 * Whether a report can be true of a turn.
 * @param responseMs - End of speech to the first sound given to the room, by the worker's clock.
 */
export function isPossible(report: HeardReport, responseMs: number): boolean {
  const { heardResponseMs, roundTripMs = 0, jitterBufferMs = 0, playoutMs = 0 } = report;
  const isWithin = (ms: number, maxMs: number) => ms >= 0 && ms <= maxMs;
  return (
    heardResponseMs > 0 &&
    isWithin(heardResponseMs - responseMs + HEARD_EARLY_MS, HEARD_LATE_MS + HEARD_EARLY_MS) &&
    isWithin(roundTripMs, ROUND_TRIP_MAX_MS) &&
    isWithin(jitterBufferMs, JITTER_BUFFER_MAX_MS) &&
    isWithin(playoutMs, PLAYOUT_MAX_MS) &&
    // Both are part of the wait that is told.
    jitterBufferMs + roundTripMs / 2 <= heardResponseMs + HEARD_EARLY_MS
  );
}

/**
 * What lies between the worker's response and the heard one, in ms: the caller's sound comes to the worker, and the answer to
 * the caller's jitter buffer and out of it. A client measures there, so that its playout (`playoutMs`) is not on this way.
 * @returns `undefined` where one of its parts was not measured.
 */
export function wayToEarMs(report: HeardReport, worker: WorkerPath | undefined): number | undefined {
  const { roundTripMs, jitterBufferMs } = report;
  if (roundTripMs === undefined || jitterBufferMs === undefined || worker === undefined) return undefined;
  // Half a round trip each way, on either side of the SFU.
  const networkMs = roundTripMs + worker.roundTripMs;
  const codecsMs = 2 * (PACKET_MS - FRAME_MS + OPUS_LOOKAHEAD_MS);
  return networkMs + worker.jitterBufferMs + jitterBufferMs + codecsMs + SOURCE_BEAT_MS;
}

/** What neither the worker's response nor the way to the ear accounts for, in ms; below 0 where they are more than was heard. */
export function heardUnexplainedMs(
  report: HeardReport,
  responseMs: number,
  worker: WorkerPath | undefined,
): number | undefined {
  const wayMs = wayToEarMs(report, worker);
  return wayMs === undefined ? undefined : report.heardResponseMs - responseMs - wayMs;
}

/** Reports that may be read now: `tokens` of at most `burst`, of which `perSecond` come back. */
export interface TokenBucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Reports read at once, and how many more each second: one a turn is what an honest client sends. */
export const REPORTS_BURST = 8;
export const REPORTS_PER_SECOND = 0.5;

/** @returns The bucket afterwards, and whether it had a token. A clock that goes back gives none. */
export function takeToken(
  bucket: TokenBucket,
  nowMs: number,
): { readonly bucket: TokenBucket; readonly taken: boolean } {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  const tokens = Math.min(REPORTS_BURST, bucket.tokens + (passedMs / 1_000) * REPORTS_PER_SECOND);
  const taken = tokens >= 1;
  return { bucket: { tokens: taken ? tokens - 1 : tokens, atMs: Math.max(bucket.atMs, nowMs) }, taken };
}
