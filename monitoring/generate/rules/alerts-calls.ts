/** Alerts on what becomes of turns and calls, and on the providers behind them. */
import { countRate, increase, observations, rateWithin } from '../promql.js';
import { type Alert, OF_SERIES } from './rule.js';

/** A share of events of a kind in 15 min, once there were enough of them. */
const OVER = '15m';
const BY_REGION = { by: ['region'], over: OVER } as const;
const turns = increase('turnwise_turns_total', BY_REGION);
const calls = increase('turnwise_calls_total', BY_REGION);

export const callAlerts = {
  UnansweredTurns: {
    expr: `${increase('turnwise_turns_total', { ...BY_REGION, where: { outcome: 'unanswered' } })} / ${turns} > 0.05 and ${turns} >= 20`,
    for: '2m',
    severity: 'critical',
    component: 'conversation',
    summary: 'Callers get no answer: region {{ $labels.region }}',
    description: '{{ $value | humanizePercentage }} of turns over 15 min were not answered; the sources allow 5 %.',
  },
  PrematureResponses: {
    expr: `${increase('turnwise_premature_responses_total', BY_REGION)} / ${turns} > 0.05 and ${turns} >= 20`,
    for: '2m',
    severity: 'warning',
    component: 'conversation',
    summary: 'The agent cuts callers off: region {{ $labels.region }}',
    description:
      '{{ $value | humanizePercentage }} of turns over 15 min were answered before the caller was done; 5 % is the limit.',
  },
  CallsFailing: {
    expr: `${increase('turnwise_calls_total', { ...BY_REGION, where: { outcome: { like: 'failed|crashed|lost' } } })} / ${calls} > 0.05 and ${increase('turnwise_calls_total', { ...BY_REGION, where: { outcome: { like: 'failed|crashed|lost' } } })} >= 3`,
    severity: 'critical',
    component: 'worker',
    summary: 'Calls break off: region {{ $labels.region }}',
    description: '{{ $value | humanizePercentage }} of calls over 15 min failed, crashed, or lost their connection.',
  },
  ProviderErrors: {
    // A busy turn model refuses by design.
    expr: `${increase('turnwise_provider_errors_total', { by: ['provider', 'region'], where: { kind: { unlike: 'busy' } }, over: '5m' })} >= 5`,
    for: '1m',
    severity: 'warning',
    component: 'providers',
    summary: '{{ $labels.provider }} fails, region {{ $labels.region }}',
    description: '{{ $value | printf "%.0f" }} requests or connections failed within 5 min.',
  },
  Failovers: {
    expr: `${increase('turnwise_failovers_total', { by: ['component', 'region'], over: '10m' })} >= 5`,
    severity: 'warning',
    component: OF_SERIES,
    summary: 'The first {{ $labels.component }} provider is often replaced, region {{ $labels.region }}',
    description: '{{ $value | printf "%.0f" }} requests were taken over by another attempt or provider within 10 min.',
  },
  BreakerOpened: {
    expr: `${increase('turnwise_breaker_transitions_total', { by: ['component', 'region'], where: { state: 'open' }, over: '10m' })} > 0.5`,
    severity: 'warning',
    component: OF_SERIES,
    summary: 'A circuit breaker opened: {{ $labels.component }}, region {{ $labels.region }}',
    description:
      '{{ $value | printf "%.0f" }} times within 10 min a provider failed so often that it was not asked for a while.',
  },
  UnexplainedHigh: {
    expr: `1 - ${rateWithin('turnwise_unexplained_seconds', 0.1, { by: ['region'], over: '30m' })} / ${countRate('turnwise_unexplained_seconds', { by: ['region'], over: '30m' })} > 0.05 and ${observations('turnwise_unexplained_seconds', { by: ['region'], over: '30m' })} >= 50`,
    for: '5m',
    severity: 'warning',
    component: 'metrics',
    summary: 'Stages do not explain the response: region {{ $labels.region }}',
    description:
      '{{ $value | humanizePercentage }} of turns over 30 min have more than 100 ms that no stage accounts for; 5 % is the limit.',
  },
  HeardReportsRejected: {
    expr: `1 - ${increase('turnwise_heard_reports_total', { by: ['region'], where: { result: 'taken' }, over: '30m' })} / ${increase('turnwise_heard_reports_total', { by: ['region'], over: '30m' })} > 0.2 and ${increase('turnwise_heard_reports_total', { by: ['region'], over: '30m' })} >= 20`,
    for: '5m',
    severity: 'info',
    component: 'metrics',
    summary: "Many clients' reports are not taken: region {{ $labels.region }}",
    description:
      "{{ $value | humanizePercentage }} of clients' reports over 30 min were malformed, impossible, repeated, or a stranger's.",
  },
} as const satisfies Record<string, Alert>;
