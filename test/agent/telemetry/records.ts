/** Records of calls for tests. */
import type { CallRecord, RecordSink } from '../../../agent/telemetry/call-record.js';

export const started = (callId: string): CallRecord => ({
  type: 'call-started',
  callId,
  profile: 'good',
  startedAtUnixMs: 1_000,
});

export const ended = (callId: string, outcome = 'completed'): CallRecord => ({
  type: 'call-ended',
  callId,
  endedAtUnixMs: 9_000,
  outcome,
});

export const turn = (callId: string, number: number, said = ''): CallRecord => ({
  type: 'turn',
  startedAtUnixMs: 1_000,
  turn: {
    schema: 1,
    callId,
    turn: number,
    profile: 'good',
    outcome: 'answered',
    said,
    reply: '',
    instants: {},
    components: {},
  },
});

/** Keeps what it is given. */
export function collector(): RecordSink & { readonly records: CallRecord[] } {
  const records: CallRecord[] = [];
  return { records, take: (record) => records.push(record), close: async () => undefined };
}
