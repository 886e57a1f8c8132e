/** For each alert the fault that makes it fire, and what it says then; every one of them must clear again. */
import { JOBS } from '../metrics.js';
import type { AlertName } from './alerts.js';
import { climbing, counter, gauge, histogram, type Input } from './scenario.js';

export interface Scenario {
  readonly inputs: readonly Input[];
  /** Minutes after the beginning at which it fires, and at which it does not any more. */
  readonly firesAt: number;
  readonly clearsAt: number;
  /** Labels that it fires with, beside its own. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its value, as the description writes it. */
  readonly value?: string;
}

const REGION = { region: 'eu' };
const GOOD = { profile: 'good', ...REGION };
const WORKER = { instance: '127.0.0.1:9464', job: JOBS.worker };
const PROVIDER = { provider: 'deepgram', model: 'nova-3', ...REGION };

/** Slow for so long, then fast for so long: 6 turns a minute, as of one busy call. */
const slow = (value: number, minutes = 15, perMinute = 6, after = 30) => [
  { minutes, value, perMinute },
  { minutes: after, value: 0.05, perMinute },
];
/** So many a minute of what is wrong, then none. */
const burst = (value: number, minutes = 15, after = 30) => [
  { minutes, value },
  { minutes: after, value: 0 },
];
const steady = (value: number, minutes = 45) => [{ minutes, value }];
/** At one value, then at another. */
const then = (bad: number, good: number, minutes = 15, after = 30) => [
  { minutes, value: bad },
  { minutes: after, value: good },
];
const component = (
  name: 'turnwise_stt_final_seconds' | 'turnwise_llm_ttft_seconds' | 'turnwise_tts_ttfb_seconds',
  at: number,
) => ({
  inputs: histogram(name, PROVIDER, slow(at)),
  firesAt: 8,
  clearsAt: 28,
  labels: PROVIDER,
});
const down = (job: string, instance: string): Scenario => ({
  inputs: [gauge('up', { instance, job }, then(0, 1, 5))],
  firesAt: 3,
  clearsAt: 10,
  labels: { instance, job },
});

export const SCENARIOS: Readonly<Record<AlertName, Scenario>> = {
  ResponseP50High: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(1.9)),
    firesAt: 8,
    clearsAt: 30,
    labels: GOOD,
    value: '1.6s',
  },
  ResponseP95High: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(2.4)),
    firesAt: 8,
    clearsAt: 30,
    labels: GOOD,
    value: '2.475s',
  },
  ResponseP99High: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(3.5, 25, 6, 120)),
    firesAt: 24,
    clearsAt: 95,
    labels: GOOD,
    value: '3.99s',
  },
  ResponseBudgetBurnFast: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(1, 40)),
    firesAt: 30,
    clearsAt: 60,
    labels: GOOD,
    value: '10.0',
  },
  ResponseBudgetBurnSteady: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(1, 160, 1, 400)),
    firesAt: 150,
    clearsAt: 300,
    labels: GOOD,
    value: '10.0',
  },
  ResponseBudgetBurnSlow: {
    inputs: histogram('turnwise_response_seconds', GOOD, slow(1, 420, 1, 500)),
    firesAt: 400,
    clearsAt: 800,
    labels: GOOD,
    value: '10.0',
  },
  SttSlow: { ...component('turnwise_stt_final_seconds', 0.5), value: '450ms' },
  LlmSlow: { ...component('turnwise_llm_ttft_seconds', 1.1), value: '1s' },
  TtsSlow: { ...component('turnwise_tts_ttfb_seconds', 0.5), value: '450ms' },
  NetworkSlow: {
    inputs: histogram('turnwise_network_rtt_seconds', REGION, [
      { minutes: 15, value: 0.3, perMinute: 6 },
      { minutes: 30, value: 0.04, perMinute: 6 },
    ]),
    firesAt: 12,
    clearsAt: 40,
    labels: REGION,
    value: '250ms',
  },
  ProviderDrift: {
    inputs: [
      ...histogram('turnwise_llm_ttft_seconds', PROVIDER, slow(0.6, 25)),
      gauge('turnwise_provider_expected_seconds', { component: 'llm', ...PROVIDER }, steady(0.3, 60)),
    ],
    firesAt: 20,
    clearsAt: 45,
    labels: { ...PROVIDER, component: 'llm' },
    value: '1.8',
  },
  HeardUnexplainedHigh: {
    inputs: histogram('turnwise_heard_unexplained_seconds', REGION, [
      { minutes: 20, value: 0.3, perMinute: 6 },
      { minutes: 60, value: 0.01, perMinute: 6 },
    ]),
    firesAt: 15,
    clearsAt: 70,
    labels: REGION,
    value: '250ms',
  },
  UnansweredTurns: {
    inputs: [
      counter('turnwise_turns_total', { ...GOOD, outcome: 'answered' }, steady(6, 60)),
      counter('turnwise_turns_total', { ...GOOD, outcome: 'unanswered' }, burst(2, 15, 45)),
    ],
    firesAt: 10,
    clearsAt: 40,
    labels: REGION,
    value: '25%',
  },
  PrematureResponses: {
    inputs: [
      counter('turnwise_turns_total', { ...GOOD, outcome: 'answered' }, steady(10, 60)),
      counter('turnwise_premature_responses_total', REGION, burst(1, 15, 45)),
    ],
    firesAt: 10,
    clearsAt: 40,
    labels: REGION,
    value: '10%',
  },
  CallsFailing: {
    inputs: [
      counter('turnwise_calls_total', { ...REGION, outcome: 'completed' }, steady(3, 60)),
      counter('turnwise_calls_total', { ...REGION, outcome: 'crashed' }, burst(1, 15, 45)),
    ],
    firesAt: 10,
    clearsAt: 40,
    labels: REGION,
    value: '25%',
  },
  ProviderErrors: {
    inputs: [
      counter('turnwise_provider_errors_total', { provider: 'cartesia', kind: 'timeout', ...REGION }, burst(2)),
      counter('turnwise_provider_errors_total', { provider: 'turn-model', kind: 'busy', ...REGION }, burst(50)),
    ],
    firesAt: 8,
    clearsAt: 25,
    labels: { provider: 'cartesia', ...REGION },
    value: '10',
  },
  Failovers: {
    inputs: [counter('turnwise_failovers_total', { component: 'llm', ...REGION }, burst(1))],
    firesAt: 8,
    clearsAt: 30,
    labels: { component: 'llm', ...REGION },
    value: '8',
  },
  BreakerOpened: {
    inputs: [
      counter('turnwise_breaker_transitions_total', { component: 'tts', state: 'open', ...REGION }, burst(1, 2)),
      counter('turnwise_breaker_transitions_total', { component: 'tts', state: 'closed', ...REGION }, burst(1, 2)),
    ],
    firesAt: 5,
    clearsAt: 20,
    labels: { component: 'tts', ...REGION },
    value: '2',
  },
  UnexplainedHigh: {
    inputs: histogram('turnwise_unexplained_seconds', REGION, [
      { minutes: 20, value: 0.3, perMinute: 1 },
      { minutes: 100, value: 0.01, perMinute: 6 },
    ]).concat(
      histogram('turnwise_unexplained_seconds', { ...REGION, instance: 'b' }, [
        { minutes: 120, value: 0.01, perMinute: 4 },
      ]),
    ),
    firesAt: 19,
    clearsAt: 70,
    labels: REGION,
    value: '20%',
  },
  HeardReportsRejected: {
    inputs: [
      counter('turnwise_heard_reports_total', { result: 'taken', ...REGION }, steady(3, 120)),
      counter('turnwise_heard_reports_total', { result: 'impossible', ...REGION }, burst(3, 20, 100)),
    ],
    firesAt: 15,
    clearsAt: 70,
    labels: REGION,
    value: '50%',
  },
  WorkerDown: down(JOBS.worker, '127.0.0.1:9464'),
  WorkerRestarting: {
    inputs: [
      climbing(
        'process_start_time_seconds',
        WORKER,
        { from: 100, perMinute: 60, minutes: 5 },
        { value: 340, minutes: 60 },
      ),
    ],
    firesAt: 5,
    clearsAt: 45,
    labels: WORKER,
    value: '4',
  },
  NoWarmProcess: {
    inputs: [
      gauge('turnwise_warm_processes', { ...WORKER, ...REGION }, then(0, 2)),
      gauge('turnwise_calls', { ...WORKER, ...REGION }, steady(1)),
      gauge('turnwise_call_capacity', { ...WORKER, ...REGION }, steady(4)),
    ],
    firesAt: 5,
    clearsAt: 20,
    labels: { ...WORKER, ...REGION },
  },
  CapacityFull: {
    inputs: [
      gauge('turnwise_calls', { ...WORKER, ...REGION }, then(4, 2)),
      gauge('turnwise_call_capacity', { ...WORKER, ...REGION }, steady(4)),
    ],
    firesAt: 5,
    clearsAt: 20,
    labels: REGION,
    value: '4',
  },
  WorkerLoopLag: {
    inputs: [gauge('nodejs_eventloop_lag_p99_seconds', { ...WORKER, ...REGION }, then(0.25, 0.01))],
    firesAt: 8,
    clearsAt: 20,
    labels: { ...WORKER, ...REGION },
    value: '250ms',
  },
  CallLoopLag: {
    inputs: histogram('turnwise_call_loop_lag_seconds', REGION, [
      { minutes: 15, value: 0.2, perMinute: 60 },
      { minutes: 30, value: 0.01, perMinute: 60 },
    ]),
    firesAt: 8,
    clearsAt: 40,
    labels: REGION,
    value: '195ms',
  },
  BudgetControllerEngaged: {
    inputs: [gauge('turnwise_budget_step', { ...WORKER, ...REGION }, then(2, 0, 25))],
    firesAt: 20,
    clearsAt: 30,
    labels: REGION,
    value: '2',
  },
  MetricBatchesDropped: {
    inputs: [counter('turnwise_dropped_metric_batches_total', REGION, burst(3, 5))],
    firesAt: 5,
    clearsAt: 20,
    labels: REGION,
    value: '15',
  },
  CallLogBacklogGrowing: {
    inputs: [
      climbing(
        'turnwise_call_log_backlog',
        WORKER,
        { from: 900, perMinute: 100, minutes: 30 },
        { value: 0, minutes: 30 },
      ),
    ],
    firesAt: 20,
    clearsAt: 35,
    labels: WORKER,
    value: '2900',
  },
  CallLogRecordsDropped: {
    inputs: [counter('turnwise_call_log_records_total', { result: 'dropped', ...REGION }, burst(2, 5))],
    firesAt: 5,
    clearsAt: 20,
    labels: REGION,
    value: '10',
  },
  SfuDown: down(JOBS.sfu, '127.0.0.1:6789'),
  SfuPacketLoss: {
    inputs: histogram(
      'livekit_packet_loss_percent',
      { direction: 'incoming', ...REGION },
      [
        { minutes: 15, value: 8, perMinute: 12 },
        { minutes: 30, value: 0, perMinute: 12 },
      ],
      [0, 0.1, 0.3, 0.5, 0.7, 1, 5, 10, 40, 100],
    ),
    firesAt: 12,
    clearsAt: 40,
    labels: { direction: 'incoming', ...REGION },
    value: '9.8',
  },
  TokenServerDown: down(JOBS.tokenServer, '127.0.0.1:9465'),
  TokenServerFailing: {
    inputs: [
      counter('turnwise_token_requests_total', { outcome: 'issued', ...REGION }, steady(3)),
      counter('turnwise_token_requests_total', { outcome: 'failed', ...REGION }, burst(1)),
    ],
    firesAt: 10,
    clearsAt: 30,
    labels: REGION,
    value: '25%',
  },
  TokenServerRefusing: {
    inputs: [
      counter('turnwise_token_requests_total', { outcome: 'issued', ...REGION }, steady(3)),
      counter('turnwise_token_requests_total', { outcome: 'refused', ...REGION }, burst(1)),
      counter('turnwise_token_requests_total', { outcome: 'too_many', ...REGION }, burst(1)),
    ],
    firesAt: 10,
    clearsAt: 30,
    labels: REGION,
    value: '40%',
  },
  DispatchFallbacks: {
    inputs: [
      counter('turnwise_token_dispatches_total', { mode: 'early', ...REGION }, steady(1)),
      counter('turnwise_token_dispatches_total', { mode: 'fallback', ...REGION }, burst(3)),
    ],
    firesAt: 10,
    clearsAt: 30,
    labels: REGION,
    value: '75%',
  },
  RuleEvaluationFailing: {
    inputs: [counter('prometheus_rule_evaluation_failures_total', { rule_group: 'turnwise-latency' }, burst(1, 3))],
    firesAt: 3,
    clearsAt: 20,
    labels: { rule_group: 'turnwise-latency' },
    value: '3',
  },
};
