/** Whether workers keep up: capacity, processes, event loops, memory, and the bookkeeping itself. */
import type { Dashboard } from '@grafana/schema';
import { dashboard, REGION, type Row } from '../dashboard.js';
import { JOBS } from '../metrics.js';
import { lines, stat } from '../panels.js';
import { gauge, INTERVAL, RANGE, rate, series } from '../promql.js';
import { counts, HERE, percentiles } from './scope.js';

const WORKER = { ...HERE, job: JOBS.worker } as const;
const TOKENS = { ...HERE, job: JOBS.tokenServer } as const;

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Workers up',
      description: 'Workers whose metrics can be read.',
      unit: 'short',
      width: 4,
      decimals: 0,
      thresholds: ['red', [1, 'green']],
      queries: [{ expr: gauge('sum', 'up', { where: { job: JOBS.worker } }), legend: '' }],
    }),
    stat({
      title: 'Calls',
      description: 'Calls now.',
      unit: 'short',
      width: 4,
      queries: [{ expr: gauge('sum', 'turnwise_calls', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Capacity',
      description: 'Calls that all workers take at once.',
      unit: 'short',
      width: 4,
      queries: [{ expr: gauge('sum', 'turnwise_call_capacity', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Warm processes',
      description: 'Processes that wait for the next calls. At 0 a caller waits for one to start.',
      unit: 'short',
      width: 4,
      thresholds: ['red', [1, 'green']],
      queries: [{ expr: gauge('sum', 'turnwise_warm_processes', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Load',
      description: 'Of the worker with most of it, as told to the SFU; at 1 it takes no more calls.',
      unit: 'percentunit',
      width: 4,
      thresholds: ['green', [0.7, 'orange'], [1, 'red']],
      queries: [{ expr: gauge('max', 'turnwise_load', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Restarts',
      description: 'Starts of worker processes in the time shown.',
      unit: 'short',
      width: 4,
      decimals: 0,
      thresholds: ['green', [1, 'orange'], [3, 'red']],
      queries: [{ expr: `sum(changes(${series('process_start_time_seconds', WORKER)}[${RANGE}]))`, legend: '' }],
    }),
  ],
};

const capacity: Row = {
  title: 'Calls and capacity',
  panels: [
    lines({
      title: 'Calls and capacity by region',
      description: 'Where calls come near the dashed line, new ones are refused soon.',
      unit: 'short',
      width: 8,
      dashed: /capacity/,
      queries: [
        { expr: gauge('sum', 'turnwise_calls', { by: ['region'], where: HERE }), legend: '{{region}} calls' },
        {
          expr: gauge('sum', 'turnwise_call_capacity', { by: ['region'], where: HERE }),
          legend: '{{region}} capacity',
        },
      ],
    }),
    lines({
      title: 'Load and steps of the budget controller',
      description: 'Load as told to the SFU; steps climbed by the profile that climbed most, 0 is none.',
      unit: 'none',
      width: 8,
      decimals: 2,
      queries: [
        { expr: gauge('max', 'turnwise_load', { by: ['instance'], where: HERE }), legend: '{{instance}} load' },
        { expr: gauge('max', 'turnwise_budget_step', { by: ['instance'], where: HERE }), legend: '{{instance}} step' },
      ],
    }),
    lines({
      title: 'Warm processes by worker',
      description: 'Processes that wait for calls.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: gauge('sum', 'turnwise_warm_processes', { by: ['instance'], where: HERE }), legend: '{{instance}}' },
      ],
    }),
    counts('turnwise_calls_total', ['outcome'], HERE, {
      title: 'Calls by how they ended',
      description: 'Failed, lost and crashed ones are faults of ours; who hung up counts as completed.',
      width: 8,
    }),
    lines({
      title: 'Start of a call process',
      description: "From its start until it can take a call, under the Python framework's name.",
      unit: 's',
      width: 8,
      queries: percentiles([0.5, 0.95], 'lk_agents_proc_initialize_duration_seconds', { where: HERE }),
    }),
    lines({
      title: "The Python framework's gauges",
      description: 'The same figures under the names that dashboards made for it ask for.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: gauge('sum', 'lk_agents_active_job_count', { where: HERE }), legend: 'active jobs' },
        { expr: gauge('sum', 'lk_agents_child_process_count', { where: HERE }), legend: 'child processes' },
        { expr: gauge('max', 'lk_agents_worker_load', { where: HERE }), legend: 'load' },
      ],
    }),
  ],
};

const processes: Row = {
  title: 'Event loops, memory and processor',
  panels: [
    lines({
      title: "Event-loop lag of the worker's parent",
      description: 'A parent that lags answers health checks and takes calls late.',
      unit: 's',
      width: 8,
      thresholds: ['green', [0.1, 'red']],
      drawsThresholds: true,
      queries: [
        {
          expr: gauge('max', 'nodejs_eventloop_lag_p50_seconds', { by: ['instance'], where: WORKER }),
          legend: '{{instance}} P50',
        },
        {
          expr: gauge('max', 'nodejs_eventloop_lag_p99_seconds', { by: ['instance'], where: WORKER }),
          legend: '{{instance}} P99',
        },
      ],
    }),
    lines({
      title: 'Event-loop lag of calls',
      description:
        "Longest delay of a call's loop in each second. Sound is sent every 20 ms: beyond 50 ms it may break up.",
      unit: 's',
      width: 8,
      thresholds: ['green', [0.05, 'orange'], [0.2, 'red']],
      drawsThresholds: true,
      queries: percentiles([0.5, 0.95, 0.99], 'turnwise_call_loop_lag_seconds', { where: HERE }),
    }),
    lines({
      title: 'Output queue',
      description: "Sound of the agent's that was given to the room and not sent yet.",
      unit: 's',
      width: 8,
      queries: percentiles([0.5, 0.95], 'turnwise_output_queue_seconds', { where: HERE }),
    }),
    lines({
      title: 'Memory by what processes do',
      description: 'Resident memory, the sum of each kind. A line that climbs and never falls is a leak.',
      unit: 'bytes',
      width: 8,
      stacked: 'sum',
      queries: [
        { expr: gauge('sum', 'turnwise_process_memory_bytes', { by: ['kind'], where: HERE }), legend: '{{kind}}' },
      ],
    }),
    lines({
      title: 'Processor time of the parent',
      description: 'Cores in use.',
      unit: 'none',
      width: 8,
      decimals: 2,
      queries: [
        { expr: rate('process_cpu_seconds_total', { by: ['instance'], where: WORKER }), legend: '{{instance}}' },
      ],
    }),
    lines({
      title: 'Garbage collection of the parent',
      description: 'Seconds of each second spent on it.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `sum by (kind) (rate(${series('nodejs_gc_duration_seconds', WORKER, '_sum')}[${INTERVAL}]))`,
          legend: '{{kind}}',
        },
      ],
    }),
  ],
};

const bookkeeping: Row = {
  title: 'Bookkeeping',
  panels: [
    counts('turnwise_dropped_metric_batches_total', [], HERE, {
      title: 'Dropped metric batches',
      description: 'Figures that were malformed or did not fit. Anything but 0 makes the dashboards wrong.',
      width: 8,
    }),
    lines({
      title: 'Call log backlog',
      description: 'Records that the database has not taken yet; they wait on disk and are not lost.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: gauge('sum', 'turnwise_call_log_backlog', { by: ['instance'], where: HERE }), legend: '{{instance}}' },
      ],
    }),
    counts('turnwise_call_log_records_total', ['result'], HERE, {
      title: 'Call log records',
      description: 'By what became of them. Dropped ones are lost.',
      width: 8,
    }),
    lines({
      title: 'Scrapes',
      description: 'How long a target takes to tell its metrics.',
      unit: 's',
      width: 12,
      queries: [
        { expr: gauge('max', 'scrape_duration_seconds', { by: ['job', 'instance'] }), legend: '{{job}} {{instance}}' },
      ],
    }),
    lines({
      title: 'Open files of the parent',
      description: 'Sockets included.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: gauge('max', 'process_open_fds', { by: ['instance'], where: WORKER }), legend: '{{instance}}' },
      ],
    }),
  ],
};

const tokens: Row = {
  title: 'Token server',
  panels: [
    counts('turnwise_token_requests_total', ['outcome'], HERE, {
      title: 'Token requests',
      description: 'By how they ended. Refused ones had no right, too_many were slowed down.',
      width: 6,
    }),
    lines({
      title: 'Time to a token',
      description: 'From the arrival of a request until its answer was sent. A call begins with it.',
      unit: 's',
      width: 6,
      queries: percentiles([0.5, 0.95, 0.99], 'turnwise_token_request_seconds', {
        where: { ...HERE, outcome: 'issued' },
      }),
    }),
    counts('turnwise_token_dispatches_total', ['mode'], HERE, {
      title: 'Agents asked for',
      description: 'early: with the room; fallback: the SFU did not open one ahead, so the caller waits longer.',
      width: 6,
    }),
    lines({
      title: 'Event-loop lag of the token server',
      description: 'P99. A token server that lags keeps callers waiting before their call begins.',
      unit: 's',
      width: 6,
      queries: [
        {
          expr: gauge('max', 'nodejs_eventloop_lag_p99_seconds', { by: ['instance'], where: TOKENS }),
          legend: '{{instance}}',
        },
      ],
    }),
  ],
};

export const worker: Dashboard = dashboard({
  uid: 'turnwise-worker',
  title: 'Turnwise workers',
  description: 'Whether workers and token server keep up, and whether their figures can be trusted.',
  variables: [REGION],
  rows: [now, capacity, processes, bookkeeping, tokens],
});
