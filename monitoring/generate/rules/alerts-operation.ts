/** Alerts on the programs: whether they run, keep up, and tell the truth about themselves. */
import { JOBS } from '../metrics.js';
import { gauge, increase, observations, quantile, series } from '../promql.js';
import type { Alert } from './rule.js';

const isDown = (job: string): string => `${series('up', { job })} == 0`;
const capacity = gauge('sum', 'turnwise_call_capacity', { by: ['region'] });
const tokens = increase('turnwise_token_requests_total', { by: ['region'], over: '10m' });
const dispatches = increase('turnwise_token_dispatches_total', { by: ['region'], over: '10m' });

export const operationAlerts = {
  WorkerDown: {
    expr: isDown(JOBS.worker),
    for: '1m',
    severity: 'critical',
    component: 'worker',
    summary: 'The worker at {{ $labels.instance }} does not answer',
    description: 'Its metrics could not be read for a minute. Without a worker nobody picks up.',
  },
  WorkerRestarting: {
    expr: `changes(${series('process_start_time_seconds', { job: JOBS.worker })}[30m]) >= 3`,
    severity: 'warning',
    component: 'worker',
    summary: 'The worker at {{ $labels.instance }} restarts again and again',
    description: 'It was started {{ $value | printf "%.0f" }} times within 30 min. Each time its calls break off.',
  },
  NoWarmProcess: {
    expr: `${series('turnwise_warm_processes')} == 0 and ${series('turnwise_calls')} < ${series('turnwise_call_capacity')}`,
    for: '2m',
    severity: 'warning',
    component: 'worker',
    summary: 'No process is warm: {{ $labels.instance }}',
    description: 'The next caller waits until one has started, several seconds, though there is room for more calls.',
  },
  CapacityFull: {
    expr: `${gauge('sum', 'turnwise_calls', { by: ['region'] })} >= ${capacity} and ${capacity} > 0`,
    for: '2m',
    severity: 'critical',
    component: 'worker',
    summary: 'All workers are full: region {{ $labels.region }}',
    description:
      '{{ $value | printf "%.0f" }} calls, and no worker takes another one: further callers are not answered.',
  },
  WorkerLoopLag: {
    expr: `${series('nodejs_eventloop_lag_p99_seconds', { job: JOBS.worker })} > 0.1`,
    for: '5m',
    severity: 'warning',
    component: 'worker',
    summary: "The worker's parent lags: {{ $labels.instance }}",
    description:
      'P99 of its event-loop lag is {{ $value | humanizeDuration }}: it takes calls and answers health checks late.',
  },
  CallLoopLag: {
    expr: `${quantile(0.95, 'turnwise_call_loop_lag_seconds', { by: ['region'], over: '10m' })} > 0.05 and ${observations('turnwise_call_loop_lag_seconds', { by: ['region'], over: '10m' })} >= 60`,
    for: '2m',
    severity: 'warning',
    component: 'worker',
    summary: 'Calls do not keep up: region {{ $labels.region }}',
    description:
      'In one second of twenty the longest delay of a call is {{ $value | humanizeDuration }} or more; sound goes out every 20 ms.',
  },
  BudgetControllerEngaged: {
    expr: `${gauge('max', 'turnwise_budget_step', { by: ['region'] })} > 0`,
    for: '15m',
    severity: 'info',
    component: 'worker',
    summary: 'Calls are held to their budget by force: region {{ $labels.region }}',
    description:
      'The budget controller has stood at step {{ $value | printf "%.0f" }} for 15 min: answers are shortened, or calls refused.',
  },
  MetricBatchesDropped: {
    expr: `${increase('turnwise_dropped_metric_batches_total', { by: ['region'], over: '10m' })} > 0`,
    severity: 'warning',
    component: 'metrics',
    summary: 'Figures are lost: region {{ $labels.region }}',
    description:
      '{{ $value | printf "%.0f" }} batches of figures within 10 min were malformed or did not fit; dashboards show too little.',
  },
  CallLogBacklogGrowing: {
    expr: `${series('turnwise_call_log_backlog')} > 1000 and deriv(${series('turnwise_call_log_backlog')}[15m]) > 0`,
    for: '10m',
    severity: 'warning',
    component: 'call-log',
    summary: 'The call log falls behind: {{ $labels.instance }}',
    description:
      '{{ $value | printf "%.0f" }} records wait on disk, more every minute: the database is away or too slow. Nothing is lost yet.',
  },
  CallLogRecordsDropped: {
    expr: `${increase('turnwise_call_log_records_total', { by: ['region'], where: { result: 'dropped' }, over: '10m' })} > 0`,
    severity: 'warning',
    component: 'call-log',
    summary: 'Records of the call log are lost: region {{ $labels.region }}',
    description:
      '{{ $value | printf "%.0f" }} records within 10 min found no room, neither in the database nor on disk.',
  },
  SfuDown: {
    expr: isDown(JOBS.sfu),
    for: '1m',
    severity: 'critical',
    component: 'sfu',
    summary: 'The SFU at {{ $labels.instance }} does not answer',
    description: 'Its metrics could not be read for a minute. Without an SFU there are no calls.',
  },
  SfuPacketLoss: {
    expr: `${quantile(0.95, 'livekit_packet_loss_percent', { by: ['direction', 'region'], over: '10m' })} > 2 and ${observations('livekit_packet_loss_percent', { by: ['direction', 'region'], over: '10m' })} >= 20`,
    for: '5m',
    severity: 'warning',
    component: 'network',
    summary: 'Packets are lost ({{ $labels.direction }}): region {{ $labels.region }}',
    description:
      'One stream of twenty loses {{ $value | printf "%.1f" }} % or more of its packets; from 2 % on speech suffers.',
  },
  TokenServerDown: {
    expr: isDown(JOBS.tokenServer),
    for: '1m',
    severity: 'critical',
    component: 'token-server',
    summary: 'The token server at {{ $labels.instance }} does not answer',
    description: 'Its metrics could not be read for a minute. Nobody can begin a call.',
  },
  TokenServerFailing: {
    expr: `${increase('turnwise_token_requests_total', { by: ['region'], where: { outcome: 'failed' }, over: '10m' })} / ${tokens} > 0.05 and ${tokens} >= 10`,
    severity: 'critical',
    component: 'token-server',
    summary: 'The token server fails: region {{ $labels.region }}',
    description: '{{ $value | humanizePercentage }} of requests for a token over 10 min failed.',
  },
  TokenServerRefusing: {
    expr: `${increase('turnwise_token_requests_total', { by: ['region'], where: { outcome: { like: 'refused|too_many' } }, over: '10m' })} / ${tokens} > 0.2 and ${tokens} >= 20`,
    severity: 'warning',
    component: 'token-server',
    summary: 'The token server refuses many: region {{ $labels.region }}',
    description:
      '{{ $value | humanizePercentage }} of requests for a token over 10 min had no right to one, or came too fast.',
  },
  DispatchFallbacks: {
    expr: `${increase('turnwise_token_dispatches_total', { by: ['region'], where: { mode: 'fallback' }, over: '10m' })} / ${dispatches} > 0.5 and ${dispatches} >= 10`,
    severity: 'info',
    component: 'token-server',
    summary: 'Agents are sent for late: region {{ $labels.region }}',
    description:
      'For {{ $value | humanizePercentage }} of tokens over 10 min the SFU did not open the room ahead; callers wait longer for the greeting.',
  },
  RuleEvaluationFailing: {
    expr: `sum by (rule_group) (increase(${series('prometheus_rule_evaluation_failures_total')}[10m])) > 0`,
    severity: 'warning',
    component: 'prometheus',
    summary: 'Alerts may be blind: {{ $labels.rule_group }}',
    description: 'Prometheus could not evaluate rules of this group {{ $value | printf "%.0f" }} times within 10 min.',
  },
} as const satisfies Record<string, Alert>;
