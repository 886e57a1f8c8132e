/**
 * The one table of metric names: what the worker's `/metrics` exports, what dashboards and alerts may ask for. Prometheus
 * wants base units, so durations are seconds here and nowhere else. `region` stands on all of them by default.
 */

import { PROFILE_NAMES } from '../../wire/profile.js';
import { OverlapName, STAGE_LABELS, TurnOutcome } from '../../wire/turn.js';
import { BUDGET_STEPS } from '../turn/budget-ladder.js';

export interface MetricDefinition {
  readonly type: 'histogram' | 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** Values of labels that are known beforehand: series of nothing but these stand at 0 before their first event. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

const COMPONENTS = ['stt', 'llm', 'tts'] as const;
const profile = PROFILE_NAMES;

/** Dense between 0.05 and 3 s, where a conversation is won or lost; steps of at most a quarter. */
export const LATENCY_BUCKETS_SECONDS: readonly number[] = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1,
  1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 6, 10,
];

export const METRICS = {
  turnwise_response_seconds: {
    type: 'histogram',
    help: "End of the caller's speech to the agent's first sound, on the worker's clock.",
    labels: ['profile'],
    values: { profile },
  },
  turnwise_heard_response_seconds: {
    type: 'histogram',
    help: "The same in the listener's ear, as clients report it.",
    labels: ['profile'],
    values: { profile },
  },
  turnwise_endpointing_seconds: {
    type: 'histogram',
    help: 'End of speech to the decision that the turn is over.',
    labels: [],
  },
  turnwise_stt_final_seconds: {
    type: 'histogram',
    help: "End of speech to the recogniser's last final.",
    labels: ['provider', 'model'],
  },
  turnwise_llm_ttft_seconds: {
    type: 'histogram',
    help: 'Request that was answered to its first token.',
    labels: ['provider', 'model'],
  },
  turnwise_text_aggregation_seconds: {
    type: 'histogram',
    help: 'First token to the first whole clause.',
    labels: [],
  },
  turnwise_tts_ttfb_seconds: {
    type: 'histogram',
    help: 'First text sent to the synthesiser that was heard, to first audio received.',
    labels: ['provider', 'model'],
  },
  turnwise_tts_first_sound_seconds: {
    type: 'histogram',
    help: 'First text sent to the synthesiser that was heard, to the first audible sample received.',
    labels: ['provider', 'model'],
  },
  turnwise_answer_seconds: {
    type: 'histogram',
    help: "End of the caller's speech to the answer's own first sound, where an opening came before it.",
    labels: ['profile'],
    values: { profile },
  },
  turnwise_playout_seconds: {
    type: 'histogram',
    help: 'The voice is ready to its first frame given to the room.',
    labels: [],
  },
  turnwise_unexplained_seconds: {
    type: 'histogram',
    help: 'Part of the response that no stage accounts for: hand-overs between them.',
    labels: [],
  },
  turnwise_heard_unexplained_seconds: {
    type: 'histogram',
    help: "What a client heard later than the worker's stages, the network and the buffers account for; differences below 0 count without their sign.",
    labels: [],
  },
  turnwise_stage_seconds: {
    type: 'histogram',
    help: 'Part of the response that was waited for each stage (stt, endpointing, llm, tools, text_aggregation, tts, playout, unexplained): they add up to it.',
    labels: ['profile', 'stage'],
    values: {
      profile,
      stage: Object.values(STAGE_LABELS),
    },
  },
  turnwise_hidden_seconds: {
    type: 'histogram',
    help: 'Work of speculated replies that was done before the turn was over, by stage (llm, text_aggregation, tts).',
    labels: ['stage'],
    values: { stage: ['llm', 'text_aggregation', 'tts'] },
  },
  turnwise_network_rtt_seconds: {
    type: 'histogram',
    help: 'Round trip between clients and the SFU, as clients report it.',
    labels: [],
  },
  turnwise_client_jitter_buffer_seconds: {
    type: 'histogram',
    help: "What the agent's sound waited in clients' jitter buffers, as they report it.",
    labels: [],
  },
  turnwise_output_queue_seconds: {
    type: 'histogram',
    help: "Sound of the agent's that was given to the room and not sent yet, each second of speech.",
    labels: [],
  },
  turnwise_call_loop_lag_seconds: {
    type: 'histogram',
    help: "Longest delay of a call's event loop in each second.",
    labels: [],
  },
  turnwise_greeting_seconds: {
    type: 'histogram',
    help: "Caller linked to the greeting's first frame given to the room.",
    labels: [],
  },
  turnwise_bargein_stop_seconds: {
    type: 'histogram',
    help: "First voiced window of an interruption to the agent's silence.",
    labels: [],
  },
  turnwise_turn_model_seconds: {
    type: 'histogram',
    help: 'One score of the end-of-turn model, from request to answer.',
    labels: [],
  },
  turnwise_turns_total: {
    type: 'counter',
    help: 'Turns by how they ended: answered, interrupted, unanswered.',
    labels: ['profile', 'outcome'],
    values: { profile, outcome: TurnOutcome.options },
  },
  turnwise_budget_violations_total: {
    type: 'counter',
    help: "Turns in which a stage took more than 1.5 times the profile's target (source 003).",
    labels: ['profile', 'stage'],
    values: { profile, stage: ['response', 'turn', 'stt', 'llm', 'tts'] },
  },
  turnwise_interruptions_total: {
    type: 'counter',
    help: "Speech over the agent's voice, by what it was judged to be.",
    labels: ['verdict'],
    values: { verdict: OverlapName.options },
  },
  turnwise_premature_responses_total: {
    type: 'counter',
    help: "Replies that had begun when the caller, who was not done, went on within a second of the reply's first sound.",
    labels: [],
  },
  turnwise_provider_errors_total: {
    type: 'counter',
    help: 'Failed provider requests and connections.',
    labels: ['provider', 'kind'],
  },
  turnwise_speculations_total: {
    type: 'counter',
    help: 'Answers that were begun during the wait for the end of a turn, by stage (llm, tts) and outcome (used, changed, abandoned).',
    labels: ['stage', 'outcome'],
    values: { stage: ['llm', 'tts'], outcome: ['used', 'changed', 'abandoned'] },
  },
  turnwise_speculation_wasted_tokens_total: {
    type: 'counter',
    help: 'Completion tokens of speculated answers that were not used.',
    labels: [],
  },
  turnwise_speculation_wasted_characters_total: {
    type: 'counter',
    help: 'Characters of speculated answers that were sent to the synthesiser and not used.',
    labels: [],
  },
  turnwise_failovers_total: {
    type: 'counter',
    help: 'Requests that another attempt or provider took over after a failure.',
    labels: ['component'],
    values: { component: COMPONENTS },
  },
  turnwise_hedges_total: {
    type: 'counter',
    help: 'Extra requests sent because those before were late, by who won: first (another one), second (itself), none.',
    labels: ['component', 'winner'],
    values: { component: COMPONENTS, winner: ['first', 'second', 'none'] },
  },
  turnwise_breaker_transitions_total: {
    type: 'counter',
    help: 'Changes of circuit breakers, by the state they came to: open, half-open, closed.',
    labels: ['component', 'state'],
    values: { component: COMPONENTS, state: ['open', 'half-open', 'closed'] },
  },
  turnwise_cache_requests_total: {
    type: 'counter',
    help: 'Lookups in caches (phrase, answer), by result: hit, miss.',
    labels: ['cache', 'result'],
    values: { cache: ['phrase', 'answer'], result: ['hit', 'miss'] },
  },
  turnwise_openings_total: {
    type: 'counter',
    help: 'Openings by what became of them: spoken, unneeded.',
    labels: ['outcome'],
    values: { outcome: ['spoken', 'unneeded'] },
  },
  turnwise_fillers_total: {
    type: 'counter',
    help: 'Phrases that told a caller to wait, by what was waited for: answer, tool, voice.',
    labels: ['reason'],
    values: { reason: ['answer', 'tool', 'voice'] },
  },
  turnwise_pre_connect_total: {
    type: 'counter',
    help: 'What callers said while joining: recordings by how they were received (decoded, too_large, ...) and joined (matched, timed, late).',
    labels: ['outcome'],
    values: {
      outcome: [
        ...['decoded', 'too_large', 'foreign', 'repeated', 'broken', 'unsupported', 'unavailable', 'malformed', 'slow'],
        ...['matched', 'timed', 'late'],
      ],
    },
  },
  turnwise_provider_connections_total: {
    type: 'counter',
    help: 'Requests by whether their connection was open before (true) or they had to wait for one (false).',
    labels: ['provider', 'reused'],
  },
  turnwise_llm_tokens_total: {
    type: 'counter',
    help: 'Tokens by kind: prompt, cached (part of prompt), completion.',
    labels: ['provider', 'model', 'kind'],
  },
  turnwise_tts_characters_total: {
    type: 'counter',
    help: 'Characters sent to the synthesiser.',
    labels: ['provider', 'model'],
  },
  turnwise_stt_audio_seconds_total: {
    type: 'counter',
    help: 'Seconds of audio sent to the recogniser.',
    labels: ['provider', 'model'],
  },
  turnwise_budget_steps_total: {
    type: 'counter',
    help: 'Steps of the budget controller, by the step it came to and the direction.',
    labels: ['step', 'direction'],
    values: { step: BUDGET_STEPS, direction: ['up', 'down'] },
  },
  turnwise_heard_reports_total: {
    type: 'counter',
    help: "Clients' reports by what became of them: taken, malformed, stranger, unknown_turn, repeated, impossible, too_many.",
    labels: ['result'],
    values: { result: ['taken', 'malformed', 'stranger', 'unknown_turn', 'repeated', 'impossible', 'too_many'] },
  },
  turnwise_feedback_total: {
    type: 'counter',
    help: "Callers' ratings of their calls: up, down.",
    labels: ['rating'],
    values: { rating: ['up', 'down'] },
  },
  turnwise_call_log_records_total: {
    type: 'counter',
    help: 'Records of the call log by what became of them: spooled, sent, dropped.',
    labels: ['result'],
    values: { result: ['spooled', 'sent', 'dropped'] },
  },
  turnwise_low_confidence_turns_total: {
    type: 'counter',
    help: 'Turns heard with too little confidence, by what was done: ask, answer, confirm, repeat.',
    labels: ['action'],
    values: { action: ['ask', 'answer', 'confirm', 'repeat'] },
  },
  turnwise_calls_total: {
    type: 'counter',
    help: 'Calls by how they ended: completed, lost, no_caller, failed, crashed.',
    labels: ['outcome'],
    values: { outcome: ['completed', 'lost', 'no_caller', 'failed', 'crashed'] },
  },
  turnwise_dropped_metric_batches_total: {
    type: 'counter',
    help: 'Batches of metric events that were malformed or did not fit.',
    labels: [],
  },
  turnwise_calls: { type: 'gauge', help: 'Calls now.', labels: [] },
  turnwise_call_capacity: { type: 'gauge', help: 'Calls this worker takes at once.', labels: [] },
  turnwise_warm_processes: { type: 'gauge', help: 'Processes kept warm for the next calls.', labels: [] },
  turnwise_load: { type: 'gauge', help: 'Share of the capacity in use, as told to the SFU.', labels: [] },
  turnwise_budget_step: {
    type: 'gauge',
    help: 'Steps climbed by the budget controller, of the profile that climbed most; 0 is none.',
    labels: [],
  },
  turnwise_call_log_backlog: {
    type: 'gauge',
    help: 'Records of the call log that its database has not taken yet.',
    labels: [],
  },
  turnwise_provider_expected_seconds: {
    type: 'gauge',
    help: 'What a provider is expected to take (configuration), to compare with what it takes: stt, llm, tts.',
    labels: ['component', 'provider', 'model'],
  },
  turnwise_process_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory by what a process does: parent, warm, call, turn_model; the sum of each kind.',
    labels: ['kind'],
  },
  // As there, with the machine's name (`platform.node()`): dashboards made for it group by that.
  lk_agents_child_process_count: {
    type: 'gauge',
    help: "The Python framework's name for call processes, warm ones included.",
    labels: ['nodename'],
  },
  lk_agents_proc_initialize_duration_seconds: {
    type: 'histogram',
    help: "The Python framework's name for the time from a call process's start until it can take a call.",
    labels: ['nodename'],
  },
  lk_agents_active_job_count: {
    type: 'gauge',
    help: "The Python framework's name for calls now.",
    labels: ['nodename'],
  },
  lk_agents_worker_load: { type: 'gauge', help: "The Python framework's name for the load.", labels: ['nodename'] },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
type NamesOf<T extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends T ? Name : never;
}[MetricName];
export type HistogramName = NamesOf<'histogram'>;
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
/** The labels a metric must be given: all of its own, no others. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;
