/** What one turn adds to the metrics. */
import { type HiddenWork, STAGE_LABELS, type TurnStages } from '../../wire/turn.js';
import type { Profile } from '../config/profiles.js';
import type { Named } from '../turn/answered-by.js';
import {
  answerLatencyMs,
  type ComponentLatencies,
  componentLatencies,
  hiddenWork,
  legLatencies,
  responseLatencyMs,
  splitResponseLatency,
  type TurnTimeline,
} from '../turn/timeline.js';
import type { Measurements } from './metrics.js';

/** Share of a stage's target above which the turn is a violation (source 003). */
const VIOLATION_FACTOR = 1.5;
const STAGES = Object.entries(STAGE_LABELS) as [keyof TurnStages, string][];
const HIDDEN_STAGES = ['llmMs', 'textAggregationMs', 'ttsMs'] as const satisfies readonly (keyof HiddenWork)[];

export interface TurnContext {
  readonly profile: Profile;
  /** Who answered. */
  readonly providers: { readonly stt: Named; readonly llm: Named; readonly tts: Named };
}

/**
 * Adds a turn that has sounded: each latency once. A turn without an end of speech (typed words) has no response latency, and
 * one whose reply needed no model none of the model's.
 */
export function measureTurn(measurements: Measurements, timeline: TurnTimeline, context: TurnContext): void {
  const { profile, providers } = context;
  const components = componentLatencies(timeline);
  measureProviders(measurements, components, providers);
  const responseMs = responseLatencyMs(timeline);
  const stages = splitResponseLatency(timeline);
  if (responseMs === undefined || stages === undefined) return;
  measurements.observe('turnwise_response_seconds', { profile: profile.name }, responseMs);
  const { endpointingMs, textAggregationMs, playoutMs } = components;
  if (endpointingMs !== undefined) measurements.observe('turnwise_endpointing_seconds', {}, endpointingMs);
  if (textAggregationMs !== undefined) measurements.observe('turnwise_text_aggregation_seconds', {}, textAggregationMs);
  if (playoutMs !== undefined) measurements.observe('turnwise_playout_seconds', {}, playoutMs);
  measurements.observe('turnwise_unexplained_seconds', {}, stages.unexplainedMs);
  for (const [name, stage] of STAGES) {
    measurements.observe('turnwise_stage_seconds', { profile: profile.name, stage }, stages[name]);
  }
  const hidden = hiddenWork(timeline, stages);
  if (hidden !== undefined) {
    for (const name of HIDDEN_STAGES) {
      measurements.observe('turnwise_hidden_seconds', { stage: STAGE_LABELS[name] }, hidden[name]);
    }
  }
  // A target is for a leg: what it lost by a provider that failed is part of what it took.
  countViolations(measurements, { responseMs, components: legLatencies(timeline), profile });
}

/** Adds the answer's own first sound, where an opening or a filler came before it. */
export function measureAnswer(measurements: Measurements, timeline: TurnTimeline, profile: Profile): void {
  const answerMs = answerLatencyMs(timeline);
  if (answerMs !== undefined) measurements.observe('turnwise_answer_seconds', { profile: profile.name }, answerMs);
}

function measureProviders(
  measurements: Measurements,
  { sttFinalMs, llmTtftMs, ttsTtfbMs, ttsFirstSoundMs }: ComponentLatencies,
  { stt, llm, tts }: TurnContext['providers'],
): void {
  const named = ({ provider, model }: Named) => ({ provider, model });
  if (sttFinalMs !== undefined) measurements.observe('turnwise_stt_final_seconds', named(stt), sttFinalMs);
  if (llmTtftMs !== undefined) measurements.observe('turnwise_llm_ttft_seconds', named(llm), llmTtftMs);
  if (ttsTtfbMs !== undefined) measurements.observe('turnwise_tts_ttfb_seconds', named(tts), ttsTtfbMs);
  if (ttsFirstSoundMs !== undefined)
    measurements.observe('turnwise_tts_first_sound_seconds', named(tts), ttsFirstSoundMs);
}

function countViolations(
  measurements: Measurements,
  turn: { readonly responseMs: number; readonly components: ComponentLatencies; readonly profile: Profile },
): void {
  const { budget, name } = turn.profile;
  if (budget === undefined) return;
  const { endpointingMs, sttFinalMs, llmTtftMs, ttsTtfbMs } = turn.components;
  const spent = {
    response: [turn.responseMs, budget.responseMs],
    turn: [endpointingMs, budget.turnMs],
    stt: [sttFinalMs, budget.sttMs],
    llm: [llmTtftMs, budget.llmTtftMs],
    tts: [ttsTtfbMs, budget.ttsTtfbMs],
  } as const;
  for (const [stage, [spentMs, allowedMs]] of Object.entries(spent)) {
    if ((spentMs ?? 0) <= allowedMs * VIOLATION_FACTOR) continue;
    measurements.count('turnwise_budget_violations_total', { profile: name, stage });
  }
}
