/** The tables of the call log, column by column: what writes and what reads agree here. docs/call-log.md explains them. */
import type { HiddenWork, TurnDocument, TurnStages } from '../../wire/turn.js';

type Components = TurnDocument['components'];

/** Parts of the response, in the order in which they mostly follow each other; they add up to it. */
export const STAGE_COLUMNS = {
  sttMs: 'stage_stt_ms',
  endpointingMs: 'stage_endpointing_ms',
  llmMs: 'stage_llm_ms',
  toolsMs: 'stage_tools_ms',
  textAggregationMs: 'stage_text_aggregation_ms',
  ttsMs: 'stage_tts_ms',
  playoutMs: 'stage_playout_ms',
  unexplainedMs: 'stage_unexplained_ms',
} as const satisfies Record<keyof TurnStages, string>;

export const HIDDEN_COLUMNS = {
  llmMs: 'hidden_llm_ms',
  textAggregationMs: 'hidden_text_aggregation_ms',
  ttsMs: 'hidden_tts_ms',
} as const satisfies Record<keyof HiddenWork, string>;

/** What each component took by itself, waited for or not. */
export const COMPONENT_COLUMNS = {
  endpointingMs: 'endpointing_ms',
  sttFinalMs: 'stt_final_ms',
  llmTtftMs: 'llm_ttft_ms',
  textAggregationMs: 'text_aggregation_ms',
  ttsTtfbMs: 'tts_ttfb_ms',
  ttsFirstSoundMs: 'tts_first_sound_ms',
  playoutMs: 'playout_ms',
} as const satisfies Record<keyof Components, string>;

/** Columns of a turn that the caller's ear fills. */
export const HEARD_COLUMNS = [
  'heard_ms',
  'heard_round_trip_ms',
  'heard_jitter_buffer_ms',
  'heard_playout_ms',
  'heard_unexplained_ms',
] as const;

type ValueOf<T> = T[keyof T];
type StageColumn = ValueOf<typeof STAGE_COLUMNS>;
type HiddenColumn = ValueOf<typeof HIDDEN_COLUMNS>;
type ComponentColumn = ValueOf<typeof COMPONENT_COLUMNS>;
type HeardColumn = (typeof HEARD_COLUMNS)[number];
/** Durations in ms. */
export type Durations<Column extends string> = { [Name in Column]: number | null };

export interface CallRow {
  call_id: string;
  /** Of the worker that the call is, or was, on. */
  region: string;
  profile: string | null;
  started_at_unix_ms: number;
  /** Last time that anything was told of it. */
  last_sign_at_unix_ms: number;
  ended_at_unix_ms: number | null;
  outcome: string | null;
}

interface TurnKey {
  call_id: string;
  turn: number;
}

/** What the worker tells of a turn. */
export type ToldRow = TurnKey & {
  started_at_unix_ms: number | null;
  profile: string | null;
  region: string | null;
  /** Absent as long as only the caller's ear was heard of. */
  outcome: string | null;
  response_ms: number | null;
  answer_ms: number | null;
  stt_provider: string | null;
  stt_model: string | null;
  llm_provider: string | null;
  llm_model: string | null;
  tts_provider: string | null;
  tts_model: string | null;
  /** 0 or 1: SQLite has no truth values. */
  speculated: number | null;
  interrupted: number | null;
  continues: number | null;
  superseded_by: number | null;
  /** The others hold JSON in the forms of wire/turn.ts. */
  overlaps: string | null;
  waiting: string | null;
  instants: string | null;
  said: string | null;
  reply: string | null;
} & Durations<StageColumn | HiddenColumn | ComponentColumn>;

export type HeardRow = TurnKey & Durations<HeardColumn>;

export interface CallLogTables {
  calls: CallRow;
  turns: ToldRow & Durations<HeardColumn>;
  /** Calls that were deleted by hand: what is told of them later, or still waits somewhere, is not kept. */
  deleted_calls: { call_id: string; deleted_at_unix_ms: number };
}
