/** Which histogram and counter each kind of turn adds to, and how often: what callers know to have happened. Pure. */
import { STAGE_LABELS, type TurnDocument } from '../../wire/turn.js';
import { type Exposition, sumOf } from './exposition.js';

/** Once for each turn that was spoken and answered. */
const SPOKEN = [
  'turnwise_response_seconds',
  'turnwise_endpointing_seconds',
  'turnwise_stt_final_seconds',
  'turnwise_text_aggregation_seconds',
  'turnwise_playout_seconds',
  'turnwise_unexplained_seconds',
] as const;
/** Once for each turn that was answered by the model, typed ones too. */
const ANSWERED = [
  'turnwise_llm_ttft_seconds',
  'turnwise_tts_ttfb_seconds',
  'turnwise_tts_first_sound_seconds',
] as const;
/** Once for each report that was taken, where it tells of it. */
const REPORTED = {
  turnwise_heard_response_seconds: 'heardResponseMs',
  turnwise_heard_unexplained_seconds: 'wholeWay',
  turnwise_network_rtt_seconds: 'roundTripMs',
  turnwise_client_jitter_buffer_seconds: 'jitterBufferMs',
} as const;
/** What nobody did who is called by these callers: no opening, no interruption, no answer that came too soon, no rating. */
const NEVER = [
  'turnwise_answer_seconds_count',
  'turnwise_bargein_stop_seconds_count',
  'turnwise_premature_responses_total',
  'turnwise_interruptions_total',
  'turnwise_feedback_total',
  'turnwise_dropped_metric_batches_total',
] as const;
/** Histograms of which callers cannot know how often something was measured: by the second, or by the worker's own choice. */
export const UNKNOWN_TO_CALLERS: readonly string[] = [
  'turnwise_output_queue_seconds',
  'turnwise_call_loop_lag_seconds',
  'turnwise_turn_model_seconds',
  'lk_agents_proc_initialize_duration_seconds',
];

/** What callers did, and what became of it. */
export interface Happened {
  /** Greeted, and hung up. */
  readonly calls: number;
  /** Turns spoken and answered. */
  readonly spoken: number;
  /** Turns typed and answered. */
  readonly typed: number;
  /** Of the spoken ones, those whose reply was begun before they were over. */
  readonly speculated: number;
  /** Reports sent about spoken turns, and those of them that told of the way: of a part of it, or of both. */
  readonly reports: {
    readonly heardResponseMs: number;
    readonly roundTripMs: number;
    readonly jitterBufferMs: number;
    readonly wholeWay: number;
  };
}

export interface ExpectedCount {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expected: number;
}

export interface CheckedCount extends ExpectedCount {
  readonly counted: number;
}

/** @returns What every series must have grown by. */
export function expectedCounts({ calls, spoken, typed, speculated, reports }: Happened): ExpectedCount[] {
  const of = (series: string, expected: number, labels: Readonly<Record<string, string>> = {}): ExpectedCount => ({
    series,
    labels,
    expected,
  });
  return [
    ...SPOKEN.map((name) => of(`${name}_count`, spoken)),
    ...Object.values(STAGE_LABELS).map((stage) => of('turnwise_stage_seconds_count', spoken, { stage })),
    ...ANSWERED.map((name) => of(`${name}_count`, spoken + typed)),
    ...['llm', 'text_aggregation', 'tts'].map((stage) => of('turnwise_hidden_seconds_count', speculated, { stage })),
    ...Object.entries(REPORTED).map(([name, told]) => of(`${name}_count`, reports[told])),
    of('turnwise_heard_reports_total', reports.heardResponseMs, { result: 'taken' }),
    of('turnwise_heard_reports_total', reports.heardResponseMs),
    of('turnwise_greeting_seconds_count', calls),
    of('turnwise_calls_total', calls, { outcome: 'completed' }),
    of('turnwise_calls_total', calls),
    of('turnwise_turns_total', spoken + typed, { outcome: 'answered' }),
    of('turnwise_turns_total', spoken + typed),
    ...NEVER.map((series) => of(series, 0)),
  ];
}

/**
 * The same by what the agent itself told of its turns, so that it holds for turns, too, that a caller knows nothing of: answered
 * too soon, heard in a noise, not answered at all.
 */
export function documentedCounts(documents: readonly TurnDocument[]): ExpectedCount[] {
  const turns = documents.filter(({ turn }) => turn > 0);
  // An answer that came too soon is in no latency.
  const measured = turns.filter(({ supersededBy }) => supersededBy === undefined);
  const responses = measured.filter(({ responseMs, stages }) => responseMs !== undefined && stages !== undefined);
  const of = (series: string, among: readonly TurnDocument[], labels = {}): ExpectedCount => {
    return { series, labels, expected: among.length };
  };
  const having = (component: keyof TurnDocument['components'], among: readonly TurnDocument[]): TurnDocument[] =>
    among.filter(({ components }) => components[component] !== undefined);
  return [
    of('turnwise_response_seconds_count', responses),
    of('turnwise_unexplained_seconds_count', responses),
    ...Object.values(STAGE_LABELS).map((stage) => of('turnwise_stage_seconds_count', responses, { stage })),
    of('turnwise_endpointing_seconds_count', having('endpointingMs', responses)),
    of('turnwise_text_aggregation_seconds_count', having('textAggregationMs', responses)),
    of('turnwise_playout_seconds_count', having('playoutMs', responses)),
    of('turnwise_stt_final_seconds_count', having('sttFinalMs', measured)),
    of('turnwise_llm_ttft_seconds_count', having('llmTtftMs', measured)),
    of('turnwise_tts_ttfb_seconds_count', having('ttsTtfbMs', measured)),
    of('turnwise_tts_first_sound_seconds_count', having('ttsFirstSoundMs', measured)),
    of('turnwise_turns_total', turns),
    ...(['answered', 'interrupted', 'unanswered'] as const).map((outcome) =>
      of(
        'turnwise_turns_total',
        turns.filter((turn) => turn.outcome === outcome),
        { outcome },
      ),
    ),
  ];
}

export function checkCounts(expected: readonly ExpectedCount[], before: Exposition, after: Exposition): CheckedCount[] {
  return expected.map((one) => {
    const counted = sumOf(after, one.series, one.labels) - sumOf(before, one.series, one.labels);
    return { ...one, counted };
  });
}

/** As it is written in a query. */
export function nameOf({ series, labels }: ExpectedCount): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? series : `${series}{${pairs.join(',')}}`;
}
