/** Series that configuration foretells: at 0 from the start, so that their first event is a rise and no dashboard is empty. */
import { hostname } from 'node:os';
import type { WorkerConfig } from '../config/environment.js';
import { COMPONENTS, expectationsOf } from '../config/expected-latencies.js';
import { METRICS } from './metric-names.js';
import type { Metrics } from './metrics.js';

const MS_PER_SECOND = 1_000;
/** How providers fail, in the very words that recogniser, reply model and voice tell it with. */
const FAILURES = {
  stt: ['connect', 'status', 'closed', 'full', 'protocol', 'deaf'],
  llm: ['llm-timeout', 'llm-status', 'llm-connection', 'llm-stall', 'llm-cut', 'llm-empty'],
  tts: ['connect', 'status', 'closed', 'protocol', 'empty', 'timeout', 'stalled'],
} as const;
/** How scores of the turn model fail, as calls and its supervisor tell it. */
const TURN_MODEL_FAILURES = ['busy', 'slow', 'gone', 'failed', 'died', 'hung'] as const;

/** Shows what the configured providers and the default profile will be measured by, and what they are expected to take. */
export function showExpectedSeries(
  metrics: Metrics,
  config: Pick<WorkerConfig, 'stt' | 'llm' | 'tts' | 'fasterModel' | 'profile' | 'expectedMs'>,
): void {
  const { stt, tts, profile, expectedMs, fasterModel } = config;
  // The first provider's other model answers, too, where the budget asks for it.
  const faster = fasterModel === undefined ? [] : [{ ...config.llm[0], model: fasterModel }];
  const llm = [...config.llm, ...faster];
  metrics.expect('lk_agents_proc_initialize_duration_seconds', { nodename: hostname() });
  for (const stage of METRICS.turnwise_stage_seconds.values.stage) {
    metrics.expect('turnwise_stage_seconds', { profile, stage });
  }
  for (const { provider, model } of stt) {
    metrics.expect('turnwise_stt_final_seconds', { provider, model });
    metrics.expect('turnwise_stt_audio_seconds_total', { provider, model });
  }
  for (const { provider, model } of llm) {
    metrics.expect('turnwise_llm_ttft_seconds', { provider, model });
    for (const kind of ['prompt', 'cached', 'completion']) {
      metrics.expect('turnwise_llm_tokens_total', { provider, model, kind });
    }
  }
  for (const { provider, model } of tts) {
    metrics.expect('turnwise_tts_ttfb_seconds', { provider, model });
    metrics.expect('turnwise_tts_first_sound_seconds', { provider, model });
    metrics.expect('turnwise_tts_characters_total', { provider, model });
  }
  const legs = { stt, llm, tts };
  for (const component of COMPONENTS) {
    for (const { provider } of legs[component]) {
      for (const reused of ['true', 'false'])
        metrics.expect('turnwise_provider_connections_total', { provider, reused });
      for (const kind of FAILURES[component]) metrics.expect('turnwise_provider_errors_total', { provider, kind });
    }
  }
  for (const kind of TURN_MODEL_FAILURES) {
    metrics.expect('turnwise_provider_errors_total', { provider: 'turn-model', kind });
  }
  for (const { component, provider, model, expectedMs: ms } of expectationsOf(legs, expectedMs)) {
    metrics.set('turnwise_provider_expected_seconds', { component, provider, model }, ms / MS_PER_SECOND);
  }
}
