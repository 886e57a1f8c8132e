/** Turns as they are read: out of a database that others may write, too. Pure. */
import { z } from 'zod';
import type { TurnStages } from '../../wire/turn.js';

const Ms = z.number().nullable();
const Text = z.string().nullable();

/** What a report needs of a turn; columns as in columns.ts. */
export const TurnRow = z.object({
  call_id: z.string(),
  turn: z.number(),
  started_at_unix_ms: z.number(),
  profile: Text,
  outcome: z.string(),
  response_ms: Ms,
  answer_ms: Ms,
  stage_stt_ms: Ms,
  stage_endpointing_ms: Ms,
  stage_llm_ms: Ms,
  stage_tools_ms: Ms,
  stage_text_aggregation_ms: Ms,
  stage_tts_ms: Ms,
  stage_playout_ms: Ms,
  stage_unexplained_ms: Ms,
  stt_final_ms: Ms,
  llm_ttft_ms: Ms,
  tts_ttfb_ms: Ms,
  tts_first_sound_ms: Ms,
  heard_ms: Ms,
  heard_round_trip_ms: Ms,
  heard_jitter_buffer_ms: Ms,
  heard_playout_ms: Ms,
  heard_unexplained_ms: Ms,
  stt_provider: Text,
  stt_model: Text,
  llm_provider: Text,
  llm_model: Text,
  tts_provider: Text,
  tts_model: Text,
  speculated: Ms,
  interrupted: Ms,
  superseded_by: Ms,
});
export type TurnRow = z.infer<typeof TurnRow>;

export const TURN_ROW_COLUMNS = TurnRow.keyof().options;

/** @returns undefined for turns that got no sound. */
export function stagesOf(row: Omit<TurnRow, 'outcome' | 'started_at_unix_ms'>): TurnStages | undefined {
  const sttMs = row.stage_stt_ms;
  if (sttMs === null) return undefined;
  return {
    sttMs,
    endpointingMs: row.stage_endpointing_ms ?? 0,
    llmMs: row.stage_llm_ms ?? 0,
    toolsMs: row.stage_tools_ms ?? 0,
    textAggregationMs: row.stage_text_aggregation_ms ?? 0,
    ttsMs: row.stage_tts_ms ?? 0,
    playoutMs: row.stage_playout_ms ?? 0,
    unexplainedMs: row.stage_unexplained_ms ?? 0,
  };
}

export const CallRowRead = z.object({
  call_id: z.string(),
  region: z.string(),
  profile: Text,
  started_at_unix_ms: z.number(),
  last_sign_at_unix_ms: z.number(),
  ended_at_unix_ms: Ms,
  outcome: Text,
});
export type CallRowRead = z.infer<typeof CallRowRead>;

/** A call that nothing was heard of for this long, in ms, has ended without anybody telling: its worker was killed, say. */
const SILENT_MS = 600_000;

/** How a call ended, `running`, or `lost`: its end was never told. */
export function outcomeOf(call: CallRowRead, nowUnixMs: number): string {
  if (call.ended_at_unix_ms !== null) return call.outcome ?? 'ended';
  return nowUnixMs - call.last_sign_at_unix_ms > SILENT_MS ? 'lost' : 'running';
}
