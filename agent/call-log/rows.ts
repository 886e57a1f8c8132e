/** From what calls tell to rows, many at once: a batch is written with three statements, however much it tells. Pure. */
import { z } from 'zod';
import type { TurnDocument } from '../../wire/turn.js';
import { CallRecord } from '../telemetry/call-record.js';
import {
  type CallRow,
  COMPONENT_COLUMNS,
  type Durations,
  type HeardRow,
  HIDDEN_COLUMNS,
  STAGE_COLUMNS,
  type ToldRow,
} from './columns.js';

/** A record with what its worker adds to it. */
export const TakenRecord = z.strictObject({
  record: CallRecord,
  /** Wall time at which the worker was told, in ms since 1970. */
  takenAtUnixMs: z.number().int().nonnegative(),
  region: z.string().max(64),
});
export type TakenRecord = Readonly<z.infer<typeof TakenRecord>>;

/** Rows in which every call, and every turn of one, stands at most once. */
export interface Rows {
  readonly calls: readonly CallRow[];
  readonly told: readonly ToldRow[];
  readonly heard: readonly HeardRow[];
}

/** A clock may be wrong by this much, in ms; what lies further in the future would never be old enough to be deleted. */
const FUTURE_MAX_MS = 86_400_000;

/** What is told later of a turn replaces what was told before. @param keepsTexts - Else nothing that was said is in the rows. */
export function foldRecords(taken: readonly TakenRecord[], keepsTexts: boolean): Rows {
  const calls = new Map<string, CallRow>();
  const told = new Map<string, ToldRow>();
  const heard = new Map<string, HeardRow>();
  for (const one of taken) {
    const call = callRow(one);
    const before = calls.get(call.call_id);
    calls.set(call.call_id, before === undefined ? call : mergeCalls(before, call));
    const { record } = one;
    if (record.type === 'turn') {
      told.set(keyOf(record.turn.callId, record.turn.turn), toldRow(record.turn, one, keepsTexts));
    } else if (record.type === 'heard') {
      const row = heardRow(record);
      heard.set(keyOf(row.call_id, row.turn), row);
    }
  }
  return { calls: [...calls.values()], told: [...told.values()], heard: [...heard.values()] };
}

/** Of two accounts of a call: the earliest start, the last sign, and of everything else what is known, the later first. */
export function mergeCalls(before: CallRow, after: CallRow): CallRow {
  return {
    call_id: before.call_id,
    region: after.region,
    profile: after.profile ?? before.profile,
    started_at_unix_ms: Math.min(before.started_at_unix_ms, after.started_at_unix_ms),
    last_sign_at_unix_ms: Math.max(before.last_sign_at_unix_ms, after.last_sign_at_unix_ms),
    ended_at_unix_ms: after.ended_at_unix_ms ?? before.ended_at_unix_ms,
    outcome: after.outcome ?? before.outcome,
  };
}

/** The call that a record is about. */
export function callIdOf(record: CallRecord): string {
  return record.type === 'turn' ? record.turn.callId : record.callId;
}

/** Whatever a record is about, its call has a row from then on. */
function callRow({ record, takenAtUnixMs, region }: TakenRecord): CallRow {
  const at = (unixMs: number): number => plausible(unixMs, takenAtUnixMs);
  const row = {
    call_id: clean(callIdOf(record)),
    region: clean(region),
    profile: null,
    started_at_unix_ms: takenAtUnixMs,
    last_sign_at_unix_ms: takenAtUnixMs,
    ended_at_unix_ms: null,
    outcome: null,
  };
  switch (record.type) {
    case 'call-started':
      return { ...row, profile: clean(record.profile), started_at_unix_ms: at(record.startedAtUnixMs) };
    case 'turn':
      return { ...row, profile: clean(record.turn.profile), started_at_unix_ms: at(record.startedAtUnixMs) };
    case 'call-ended':
      return { ...row, ended_at_unix_ms: at(record.endedAtUnixMs), outcome: clean(record.outcome) };
    case 'heard':
      return row;
  }
}

function toldRow(turn: TurnDocument, { record, takenAtUnixMs, region }: TakenRecord, keepsTexts: boolean): ToldRow {
  const callStartedAtUnixMs = record.type === 'turn' ? record.startedAtUnixMs : takenAtUnixMs;
  const firstMs = Math.min(...Object.values(turn.instants).filter((instant) => instant !== undefined));
  const startedAtUnixMs = Number.isFinite(firstMs) ? Math.round(callStartedAtUnixMs + firstMs) : callStartedAtUnixMs;
  const text = (value: string): string | null => (keepsTexts && value !== '' ? clean(value) : null);
  const json = (value: object | undefined): string | null =>
    value === undefined ? null : clean(JSON.stringify(value));
  const { providers, overlaps } = turn;
  return {
    call_id: clean(turn.callId),
    turn: turn.turn,
    started_at_unix_ms: plausible(startedAtUnixMs, takenAtUnixMs),
    profile: clean(turn.profile),
    region: clean(region),
    outcome: turn.outcome,
    response_ms: turn.responseMs ?? null,
    answer_ms: turn.answerMs ?? null,
    ...durations(STAGE_COLUMNS, turn.stages),
    ...durations(HIDDEN_COLUMNS, turn.hidden),
    ...durations(COMPONENT_COLUMNS, turn.components),
    stt_provider: providers ? clean(providers.stt.provider) : null,
    stt_model: providers ? clean(providers.stt.model) : null,
    llm_provider: providers ? clean(providers.llm.provider) : null,
    llm_model: providers ? clean(providers.llm.model) : null,
    tts_provider: providers ? clean(providers.tts.provider) : null,
    tts_model: providers ? clean(providers.tts.model) : null,
    speculated: turn.speculated === undefined ? null : Number(turn.speculated),
    interrupted: Number(turn.outcome === 'interrupted' || overlaps?.interruption !== undefined),
    continues: turn.continues ?? null,
    superseded_by: turn.supersededBy ?? null,
    overlaps: json(overlaps),
    waiting: json(turn.waiting),
    instants: json(turn.instants),
    said: text(turn.said),
    reply: text(turn.reply),
  };
}

function heardRow({ callId, heard, unexplainedMs }: Extract<CallRecord, { type: 'heard' }>): HeardRow {
  return {
    call_id: clean(callId),
    turn: heard.turn,
    heard_ms: heard.heardResponseMs,
    heard_round_trip_ms: heard.roundTripMs ?? null,
    heard_jitter_buffer_ms: heard.jitterBufferMs ?? null,
    heard_playout_ms: heard.playoutMs ?? null,
    heard_unexplained_ms: unexplainedMs ?? null,
  };
}

function durations<Key extends string, Column extends string>(
  columns: Readonly<Record<Key, Column>>,
  values: { readonly [Name in Key]?: number | undefined } | undefined,
): Durations<Column>;
function durations(
  columns: Readonly<Record<string, string>>,
  values: Readonly<Record<string, number | undefined>> = {},
): Durations<string> {
  return Object.fromEntries(Object.entries(columns).map(([key, column]) => [column, values[key] ?? null]));
}

function keyOf(callId: string, turn: number): string {
  return `${turn} ${callId}`;
}

function plausible(unixMs: number, nowUnixMs: number): number {
  return unixMs <= nowUnixMs + FUTURE_MAX_MS ? unixMs : nowUnixMs;
}

/** Postgres keeps no NUL in a text, and would refuse the whole batch for one. */
function clean(text: string): string {
  return text.replaceAll('\0', '');
}
