/**
 * A turn as spans: what they are called, when they began and ended, what stands on them. Pure. Nothing that was said is in
 * them, even where texts are kept, and no room and no identity.
 */
import type { CallRecord } from '../telemetry/call-record.js';

type TurnRecord = Extract<CallRecord, { type: 'turn' }>;
type HeardRecord = Extract<CallRecord, { type: 'heard' }>;
type Turn = TurnRecord['turn'];

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanPlan {
  readonly name: string;
  /** Wall time, in ms since 1970. */
  readonly startUnixMs: number;
  /** Never before the start. */
  readonly endUnixMs: number;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly atUnixMs: number }[];
  /** Another program was asked. */
  readonly isClient?: boolean;
  readonly hasFailed?: boolean;
}

export interface TurnPlan {
  readonly turn: SpanPlan;
  /** Its children. */
  readonly parts: readonly SpanPlan[];
  /** From when the listener's wait counts; absent where nobody had spoken before. */
  readonly heardFromUnixMs?: number;
}

/** Of OpenTelemetry's conventions for generative models and sessions (not yet stable, therefore spelled out). */
const SESSION = 'session.id';
const CONVERSATION = 'gen_ai.conversation.id';
const PROVIDER = 'gen_ai.provider.name';
const MODEL = 'gen_ai.request.model';

export function callAttributes(callId: string, profile: string | undefined): Attributes {
  return { [SESSION]: callId, [CONVERSATION]: callId, ...(profile !== undefined && { 'turnwise.profile': profile }) };
}

export function planTurn({ startedAtUnixMs, turn }: TurnRecord): TurnPlan {
  const { instants } = turn;
  const at = (ms: number): number => startedAtUnixMs + ms;
  const all = Object.values(instants).filter((ms) => ms !== undefined);
  const startUnixMs = at(all.length === 0 ? 0 : Math.min(...all));
  const endUnixMs = at(all.length === 0 ? 0 : Math.max(...all));
  const event = (name: string, ms: number | undefined) => (ms === undefined ? [] : [{ name, atUnixMs: at(ms) }]);
  return {
    turn: {
      name: turn.turn === 0 ? 'greeting' : 'turn',
      startUnixMs,
      endUnixMs,
      attributes: turnAttributes(turn),
      events: [
        ...event('speech_ended', instants.speechEndedAtMs),
        ...event('last_interim', instants.lastInterimAtMs),
        ...event('speculated', instants.speculatedAtMs),
        ...event('committed', instants.committedAtMs),
        ...event('adopted', instants.adoptedAtMs),
        // Before their spans where an earlier request than theirs was lost.
        ...event('llm_requested', instants.llmRequestedAtMs),
        ...event('tts_requested', instants.ttsRequestedAtMs),
        ...event('first_sound', instants.playoutStartedAtMs),
      ],
      hasFailed: turn.outcome === 'unanswered',
    },
    parts: partsOf(turn, at, event),
    ...(instants.speechEndedAtMs !== undefined && { heardFromUnixMs: at(instants.speechEndedAtMs) }),
  };
}

type Event = (name: string, ms: number | undefined) => readonly { readonly name: string; readonly atUnixMs: number }[];

function partsOf(turn: Turn, at: (ms: number) => number, event: Event): SpanPlan[] {
  const { instants: i, components, providers } = turn;
  const part = (
    name: string,
    fromMs: number | undefined,
    toMs: number | undefined,
    more: Partial<SpanPlan> = {},
  ): SpanPlan[] => {
    if (fromMs === undefined || toMs === undefined) return [];
    // What was there before it was waited for (a final before the speech's end) is a moment.
    return [{ attributes: {}, ...more, name, startUnixMs: at(Math.min(fromMs, toMs)), endUnixMs: at(toMs) }];
  };
  const asked = (leg: 'stt' | 'llm' | 'tts', more: Attributes = {}): Partial<SpanPlan> => {
    const who = providers?.[leg];
    return {
      isClient: true,
      attributes: { ...(who && { [PROVIDER]: who.provider, [MODEL]: who.model }), ...more },
    };
  };
  const waited = turn.waiting;
  const soundAtMs = i.firstAudibleAtMs ?? i.firstByteAtMs;
  return [
    ...part('vad', i.speechEndedAtMs, i.vadEndedAtMs),
    ...part('stt', i.speechEndedAtMs, i.finalAtMs, asked('stt')),
    ...part('endpointing', i.speechEndedAtMs, i.committedAtMs, {
      attributes: waited
        ? { 'turnwise.waiting.wait_ms': waited.waitMs, 'turnwise.waiting.silence_ms': waited.silenceMs }
        : {},
    }),
    ...part('llm', i.llmWinnerRequestedAtMs ?? i.llmRequestedAtMs, i.firstTokenAtMs, {
      ...asked('llm', {
        'gen_ai.operation.name': 'chat',
        // The convention wants seconds.
        ...(components.llmTtftMs !== undefined && {
          'gen_ai.response.time_to_first_chunk': components.llmTtftMs / 1_000,
        }),
      }),
    }),
    ...part('tools', i.toolsStartedAtMs, i.toolsEndedAtMs),
    ...part('text_aggregation', i.firstTokenAtMs, i.firstClauseAtMs),
    ...part('tts', i.ttsWinnerRequestedAtMs ?? i.ttsRequestedAtMs, soundAtMs, {
      ...asked('tts', { 'gen_ai.output.type': 'speech' }),
      events: event('first_byte', i.firstByteAtMs),
    }),
    ...unexplainedOf(turn).flatMap(([fromMs, toMs]) => part('unexplained', fromMs, toMs)),
    ...part('playout', i.voiceReadyAtMs, i.playoutStartedAtMs),
    ...part('speaking', i.playoutStartedAtMs, i.playoutEndedAtMs, {
      events: event('answer_started', i.answerStartedAtMs),
    }),
  ];
}

/**
 * What no stage accounts for, as one interval where the log's waterfall has it: before the playout. Really it lies in several
 * places between the stages; its length is that of all of them, and the same as in `turnwise_unexplained_seconds`.
 */
function unexplainedOf({ instants, stages }: Turn): (readonly [fromMs: number, toMs: number])[] {
  const { speechEndedAtMs, playoutStartedAtMs } = instants;
  if (!stages?.unexplainedMs || speechEndedAtMs === undefined || playoutStartedAtMs === undefined) return [];
  const toMs = Math.max(speechEndedAtMs, playoutStartedAtMs - stages.playoutMs);
  return [[Math.max(speechEndedAtMs, toMs - stages.unexplainedMs), toMs]];
}

/** `sttMs` as `stt_ms`. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function turnAttributes(turn: Turn): Attributes {
  const durations = (prefix: string, of: Readonly<Record<string, number>> | undefined) =>
    Object.entries(of ?? {}).map(([name, ms]) => [`turnwise.${prefix}.${snakeCase(name)}`, ms] as const);
  return {
    ...callAttributes(turn.callId, turn.profile),
    'turnwise.turn': turn.turn,
    'turnwise.outcome': turn.outcome,
    ...(turn.responseMs !== undefined && { 'turnwise.response_ms': turn.responseMs }),
    ...(turn.answerMs !== undefined && { 'turnwise.answer_ms': turn.answerMs }),
    ...(turn.speculated !== undefined && { 'turnwise.speculated': turn.speculated }),
    ...(turn.continues !== undefined && { 'turnwise.continues': turn.continues }),
    ...(turn.supersededBy !== undefined && { 'turnwise.superseded_by': turn.supersededBy }),
    ...Object.fromEntries([
      ...durations('stage', turn.stages),
      ...durations('hidden', turn.hidden),
      ...Object.entries(turn.overlaps ?? {}).map(([name, count]) => [`turnwise.overlaps.${name}`, count] as const),
    ]),
  };
}

/** @param heardFromUnixMs - End of the caller's speech on the worker's clock: a client's own clock is nobody's. */
export function planHeard({ heard, unexplainedMs }: HeardRecord, heardFromUnixMs: number): SpanPlan {
  const { heardResponseMs, roundTripMs, jitterBufferMs, playoutMs } = heard;
  return {
    name: 'heard',
    startUnixMs: heardFromUnixMs,
    endUnixMs: heardFromUnixMs + heardResponseMs,
    attributes: {
      'turnwise.heard.response_ms': heardResponseMs,
      ...(roundTripMs !== undefined && { 'turnwise.heard.round_trip_ms': roundTripMs }),
      ...(jitterBufferMs !== undefined && { 'turnwise.heard.jitter_buffer_ms': jitterBufferMs }),
      ...(playoutMs !== undefined && { 'turnwise.heard.playout_ms': playoutMs }),
      ...(unexplainedMs !== undefined && { 'turnwise.heard.unexplained_ms': unexplainedMs }),
    },
  };
}
