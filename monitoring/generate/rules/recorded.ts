/** Names of recorded series, in Prometheus' own convention: what is kept, what it is of, how it was made. */

export type BurnWindow = '5m' | '30m' | '1h' | '6h' | '3d';

export const recorded = {
  /** Share of turns slower than their profile's target. */
  slow: (window: BurnWindow) => `turnwise:slow_responses:ratio_${window}`,
  /** The same, in units of what the objective allows. */
  burn: (window: BurnWindow) => `turnwise:slow_responses:burn_${window}`,
  /** Answered turns in a window, to keep quiet about a handful. */
  responses: (window: BurnWindow) => `turnwise:responses:increase_${window}`,
  response: (percentile: 'p50' | 'p90' | 'p95', window: '5m') => `turnwise:response_seconds:${percentile}_${window}`,
  responseP99: 'turnwise:response_seconds:p99_1h',
  heard: (percentile: 'p50' | 'p95') => `turnwise:heard_response_seconds:${percentile}_5m`,
  stage: (percentile: 'p50' | 'p95') => `turnwise:stage_seconds:${percentile}_5m`,
  stt: 'turnwise:stt_final_seconds:p50_10m',
  llm: 'turnwise:llm_ttft_seconds:p50_10m',
  tts: 'turnwise:tts_ttfb_seconds:p50_10m',
  network: 'turnwise:network_rtt_seconds:p50_10m',
  drift: 'turnwise:provider_drift:ratio_10m',
  /** Measured less expected, in s; below 0 where a provider is faster. */
  driftSeconds: 'turnwise:provider_drift_seconds:difference_10m',
} as const;
