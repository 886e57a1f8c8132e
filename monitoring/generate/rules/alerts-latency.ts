/** Alerts on how long callers wait, and on what makes them wait: the sources' thresholds. */
import { observations, quantile } from '../promql.js';
import { profilesOf, TARGETS } from '../targets.js';
import { recorded } from './recorded.js';
import { type Alert, type Component, OF_SERIES } from './rule.js';

/** Source 001 (docs/sources.md), in s: of the response, and of the median of each component. */
const THRESHOLDS = { p50: 1.2, p95: 2, p99: 3, stt: 0.3, llm: 0.6, tts: 0.2, network: 0.15 } as const;
/** Fewer turns than this say nothing about a percentile: two slow ones wake nobody. */
const MIN_TURNS = { p50: 20, p95: 20, p99: 100, component: 20 } as const;

/** Profiles that promise more than these thresholds: one that is slow by design would always be in alarm. */
const prompt = profilesOf(TARGETS.filter(({ responseSeconds }) => responseSeconds <= THRESHOLDS.p50));

function response(percentile: 'p50' | 'p95' | 'p99'): Alert {
  const [record, window] =
    percentile === 'p99'
      ? ([recorded.responseP99, '1h'] as const)
      : ([recorded.response(percentile, '5m'), '5m'] as const);
  const threshold = THRESHOLDS[percentile];
  return {
    expr: `${record}{profile=~"${prompt}"} > ${threshold} and on (profile, region) ${recorded.responses(window)} >= ${MIN_TURNS[percentile]}`,
    for: '2m',
    severity: percentile === 'p99' ? 'warning' : 'critical',
    component: 'response',
    summary: `Answers are slow: profile {{ $labels.profile }}, region {{ $labels.region }}`,
    description: `${percentile.toUpperCase()} of the response over ${window} is {{ $value | humanizeDuration }}; the threshold is ${threshold} s.`,
  };
}

function component(
  of: Extract<Component, 'stt' | 'llm' | 'tts'>,
  what: string,
  record: string,
  name: 'turnwise_stt_final_seconds' | 'turnwise_llm_ttft_seconds' | 'turnwise_tts_ttfb_seconds',
): Alert {
  const enough = `${observations(name, { by: ['provider', 'model', 'region'], over: '10m' })} >= ${MIN_TURNS.component}`;
  return {
    expr: `${record} > ${THRESHOLDS[of]} and (${enough})`,
    for: '2m',
    severity: 'warning',
    component: of,
    summary: `${what} is slow: {{ $labels.provider }} {{ $labels.model }}, region {{ $labels.region }}`,
    description: `Its median over 10 min is {{ $value | humanizeDuration }}; the threshold is ${THRESHOLDS[of]} s.`,
  };
}

export const latencyAlerts = {
  ResponseP50High: response('p50'),
  ResponseP95High: response('p95'),
  ResponseP99High: response('p99'),
  SttSlow: component('stt', 'Recognition', recorded.stt, 'turnwise_stt_final_seconds'),
  LlmSlow: component('llm', 'The first token', recorded.llm, 'turnwise_llm_ttft_seconds'),
  TtsSlow: component('tts', 'The first byte of speech', recorded.tts, 'turnwise_tts_ttfb_seconds'),
  NetworkSlow: {
    expr: `${recorded.network} > ${THRESHOLDS.network} and (${observations('turnwise_network_rtt_seconds', { by: ['region'], over: '10m' })} >= ${MIN_TURNS.component})`,
    for: '5m',
    severity: 'warning',
    component: 'network',
    summary: 'Callers are far from the SFU: region {{ $labels.region }}',
    description: `The median round trip that clients report over 10 min is {{ $value | humanizeDuration }}; the threshold is ${THRESHOLDS.network} s.`,
  },
  ProviderDrift: {
    expr: `${recorded.drift} > 1.5`,
    for: '10m',
    severity: 'info',
    component: OF_SERIES,
    summary:
      '{{ $labels.provider }} {{ $labels.model }} ({{ $labels.component }}) is slower than expected, region {{ $labels.region }}',
    description: 'Its median over 10 min is {{ $value | printf "%.1f" }} times what the configuration expects.',
  },
  HeardUnexplainedHigh: {
    expr: `${quantile(0.5, 'turnwise_heard_unexplained_seconds', { by: ['region'], over: '30m' })} > 0.1 and ${observations('turnwise_heard_unexplained_seconds', { by: ['region'], over: '30m' })} >= 20`,
    for: '5m',
    severity: 'warning',
    component: 'network',
    summary: 'Callers hear answers later than the account explains: region {{ $labels.region }}',
    description:
      'The median of what clients heard and nothing accounts for is {{ $value | humanizeDuration }} over 30 min; it should be below 100 ms.',
  },
} as const satisfies Record<string, Alert>;
