/**
 * What a call tells its worker's parent about itself, turn by turn, for whoever keeps it: the call log, traces. Of what was
 * said there is nothing in it unless texts were asked for (`CALL_LOG_TEXT`).
 */
import { z } from 'zod';
import { HeardReport, TurnDocument } from '../../wire/turn.js';

const CallId = z.string().min(1).max(128);
/** Wall time, in ms since 1970. */
const UnixMs = z.number().int().nonnegative();

export const CallStarted = z.strictObject({
  type: z.literal('call-started'),
  callId: CallId,
  profile: z.string().max(32),
  startedAtUnixMs: UnixMs,
});

export const TurnDone = z.strictObject({
  type: z.literal('turn'),
  /** The wall time of instant 0 of the turn's instants. */
  startedAtUnixMs: UnixMs,
  /** `said` and `reply` are empty unless texts are kept. */
  turn: TurnDocument,
});

/** A client's own measurement of a turn that was told before, or that is told later. */
export const TurnHeard = z.strictObject({
  type: z.literal('heard'),
  callId: CallId,
  heard: HeardReport,
  /** Of what was heard, what neither the worker's stages nor the way to the ear account for, in ms; may be below 0. */
  unexplainedMs: z.number().optional(),
});

export const CallEnded = z.strictObject({
  type: z.literal('call-ended'),
  callId: CallId,
  endedAtUnixMs: UnixMs,
  /** As in `turnwise_calls_total`. */
  outcome: z.string().max(32),
});

export const CallRecord = z.discriminatedUnion('type', [CallStarted, TurnDone, TurnHeard, CallEnded]);
export type CallRecord = Readonly<z.infer<typeof CallRecord>>;

/** Keeps what calls tell; in the worker's parent. */
export interface RecordSink {
  /** Takes a record at once and never throws: what cannot be kept is counted, not told to the call. */
  take(record: CallRecord): void;
  /** Keeps what is left. May be called twice. */
  close(): Promise<void>;
}
