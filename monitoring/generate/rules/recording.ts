/** What is computed once and kept, for alerts, for dashboards over months, and for whoever asks by hand. */
import { countRate, gauge, observations, quantile, rateWithin } from '../promql.js';
import { TARGETS } from '../targets.js';
import { type BurnWindow, recorded } from './recorded.js';
import type { Group, RecordingRule } from './rule.js';

const RESPONSE = 'turnwise_response_seconds';
const PER_PROFILE = ['profile', 'region'] as const;
const PER_PROVIDER = ['provider', 'model', 'region'] as const;

/** Share of turns that must be answered within their profile's target (source 004: P90). */
export const OBJECTIVE = 0.9;

/** Fewer observations than this say nothing about a median, and are not compared with what is expected. */
const MIN_FOR_DRIFT = 20;

const responses: RecordingRule[] = [
  ...(
    [
      [0.5, 'p50'],
      [0.9, 'p90'],
      [0.95, 'p95'],
    ] as const
  ).map(([q, percentile]) => ({
    record: recorded.response(percentile, '5m'),
    expr: quantile(q, RESPONSE, { by: PER_PROFILE, over: '5m' }),
  })),
  { record: recorded.responseP99, expr: quantile(0.99, RESPONSE, { by: PER_PROFILE, over: '1h' }) },
  {
    record: recorded.heard('p50'),
    expr: quantile(0.5, 'turnwise_heard_response_seconds', { by: PER_PROFILE, over: '5m' }),
  },
  {
    record: recorded.heard('p95'),
    expr: quantile(0.95, 'turnwise_heard_response_seconds', { by: PER_PROFILE, over: '5m' }),
  },
  {
    record: recorded.stage('p50'),
    expr: quantile(0.5, 'turnwise_stage_seconds', { by: ['profile', 'stage', 'region'], over: '5m' }),
  },
  {
    record: recorded.stage('p95'),
    expr: quantile(0.95, 'turnwise_stage_seconds', { by: ['profile', 'stage', 'region'], over: '5m' }),
  },
];

const measured = {
  stt: { record: recorded.stt, name: 'turnwise_stt_final_seconds' },
  llm: { record: recorded.llm, name: 'turnwise_llm_ttft_seconds' },
  tts: { record: recorded.tts, name: 'turnwise_tts_ttfb_seconds' },
} as const;

/** How a provider compares with what the configuration expects of it: measured over expected, or less it. */
const driftOf = (component: keyof typeof measured, how: '/' | '-'): string => {
  const { record, name } = measured[component];
  const expected = gauge('max', 'turnwise_provider_expected_seconds', { by: PER_PROVIDER, where: { component } });
  const enough = `${observations(name, { by: PER_PROVIDER, over: '10m' })} >= ${MIN_FOR_DRIFT}`;
  return `label_replace((${record} ${how} ${expected}) and (${enough}), "component", "${component}", "", "")`;
};

const components: RecordingRule[] = [
  ...Object.values(measured).map(({ record, name }) => ({
    record,
    expr: quantile(0.5, name, { by: PER_PROVIDER, over: '10m' }),
  })),
  {
    record: recorded.network,
    expr: quantile(0.5, 'turnwise_network_rtt_seconds', { by: ['region'], over: '10m' }),
  },
  ...(
    [
      [recorded.drift, '/'],
      [recorded.driftSeconds, '-'],
    ] as const
  ).map(([record, how]) => ({
    record,
    expr: (['stt', 'llm', 'tts'] as const).map((component) => driftOf(component, how)).join(' or '),
  })),
];

/** How many turns were answered in each window, for alerts to keep quiet about a handful. */
const counts: RecordingRule[] = (['5m', '1h', '6h', '3d'] as const).map((window) => ({
  record: recorded.responses(window),
  expr: observations(RESPONSE, { by: PER_PROFILE, over: window }),
}));

/** The objective over one window: each profile against its own target, at exact bounds of the buckets. */
function objective(window: BurnWindow): RecordingRule[] {
  const within = TARGETS.map(({ profile, responseSeconds }) =>
    rateWithin(RESPONSE, responseSeconds, { by: PER_PROFILE, where: { profile }, over: window }),
  );
  return [
    {
      record: recorded.slow(window),
      expr: `1 - (${within.join(' or ')}) / ${countRate(RESPONSE, { by: PER_PROFILE, over: window })}`,
    },
    { record: recorded.burn(window), expr: `${recorded.slow(window)} / ${Math.round((1 - OBJECTIVE) * 100) / 100}` },
  ];
}

/** By file: the objective's rules are many and read long windows. */
export const RECORDING = {
  response: [
    { name: 'turnwise-response', rules: responses },
    { name: 'turnwise-components', rules: components },
    { name: 'turnwise-counts', rules: counts },
  ],
  objective: [
    { name: 'turnwise-objective', rules: (['5m', '30m', '1h'] as const).flatMap(objective) },
    // Long windows read many samples and change slowly; what was recorded counts for 5 min, so it must come more often.
    { name: 'turnwise-objective-long', interval: '1m', rules: (['6h', '3d'] as const).flatMap(objective) },
  ],
} as const satisfies Record<string, readonly Group[]>;
