/** What a call tells of itself, for tests of those who keep it. */
import type { CallRecord } from '../../../agent/telemetry/call-record.js';
import type { TurnInstants } from '../../../wire/turn.js';

/** 2026-01-02 03:04:05.678 UTC: earlier than the process that runs the tests. */
export const BEGAN_UNIX_MS = 1_767_323_045_678;

export const INSTANTS = {
  speechStartedAtMs: 4_000,
  speechEndedAtMs: 5_000,
  vadEndedAtMs: 5_064,
  lastInterimAtMs: 5_090.5,
  finalAtMs: 5_180.25,
  speculatedAtMs: 5_095,
  committedAtMs: 5_300,
  adoptedAtMs: 5_301,
  llmRequestedAtMs: 5_095,
  firstTokenAtMs: 5_315,
  firstClauseAtMs: 5_351,
  ttsRequestedAtMs: 5_352,
  firstByteAtMs: 5_442,
  firstAudibleAtMs: 5_460,
  voiceReadyAtMs: 5_461,
  playoutStartedAtMs: 5_470.125,
  playoutEndedAtMs: 7_000,
} as const satisfies TurnInstants;

type TurnRecord = Extract<CallRecord, { type: 'turn' }>;

export const started = (callId: string): CallRecord => ({
  type: 'call-started',
  callId,
  profile: 'good',
  startedAtUnixMs: BEGAN_UNIX_MS,
});

export function turn(callId: string, number: number, over: Partial<TurnRecord['turn']> = {}): TurnRecord {
  return {
    type: 'turn',
    startedAtUnixMs: BEGAN_UNIX_MS,
    turn: {
      schema: 1,
      callId,
      turn: number,
      profile: 'good',
      outcome: 'answered',
      said: 'what the caller said',
      reply: 'what the agent said',
      instants: INSTANTS,
      responseMs: 470.125,
      stages: {
        sttMs: 180.25,
        endpointingMs: 119.75,
        llmMs: 15,
        toolsMs: 0,
        textAggregationMs: 36,
        ttsMs: 108,
        playoutMs: 9.125,
        unexplainedMs: 2,
      },
      components: { llmTtftMs: 220 },
      providers: {
        stt: { provider: 'deepgram', model: 'nova-3' },
        llm: { provider: 'openai', model: 'gpt-4o-mini' },
        tts: { provider: 'cartesia', model: 'sonic-3' },
      },
      speculated: true,
      ...over,
    },
  };
}

export const heard = (callId: string, number: number): CallRecord => ({
  type: 'heard',
  callId,
  heard: { schema: 1, turn: number, heardResponseMs: 560.5, roundTripMs: 20 },
  unexplainedMs: -3,
});

export const ended = (callId: string, outcome = 'completed'): CallRecord => ({
  type: 'call-ended',
  callId,
  endedAtUnixMs: BEGAN_UNIX_MS + 9_000,
  outcome,
});
