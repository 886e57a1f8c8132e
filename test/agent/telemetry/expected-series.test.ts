import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { showExpectedSeries } from '../../../agent/telemetry/expected-series.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { sample, samplesOf } from './samples.js';

const of = (provider: string, model: string) => ({ provider, model, baseUrl: 'http://127.0.0.1:1', apiKey: 'k' });

it('shows what the configured providers and the default profile are measured by, at 0', async () => {
  const m = new Metrics('test');
  showExpectedSeries(m, {
    stt: [of('deepgram', 'nova-3')],
    llm: [of('openai', 'a'), of('second', 'b')],
    tts: [{ ...of('cartesia', 'sonic-3'), voice: 'v' }],
    fasterModel: 'nano',
    profile: 'good',
    expectedMs: { llm: 400 },
  });
  const started = `lk_agents_proc_initialize_duration_seconds_count{region="test",nodename="${hostname()}"}`;
  expect(await sample(m, started)).toBe(0);
  expect(await samplesOf(m, 'turnwise_stage_seconds_count')).toHaveLength(8);
  expect(await sample(m, 'turnwise_stage_seconds_count{region="test",profile="good",stage="llm"}')).toBe(0);
  expect(await sample(m, 'turnwise_llm_ttft_seconds_count{region="test",provider="second",model="b"}')).toBe(0);
  const failures = (provider: string, kind: string) =>
    sample(m, `turnwise_provider_errors_total{region="test",provider="${provider}",kind="${kind}"}`);
  expect(await failures('openai', 'llm-timeout')).toBe(0);
  expect(await failures('deepgram', 'deaf')).toBe(0);
  expect(await failures('cartesia', 'empty')).toBe(0);
  expect(await sample(m, 'turnwise_provider_connections_total{region="test",provider="cartesia",reused="false"}')).toBe(
    0,
  );
  const expected = (component: string, provider: string, model: string) =>
    `turnwise_provider_expected_seconds{region="test",component="${component}",provider="${provider}",model="${model}"}`;
  expect(await sample(m, expected('llm', 'openai', 'a'))).toBe(0.4);
  expect(await sample(m, expected('llm', 'second', 'b'))).toBeGreaterThan(0);
  // The first provider's other model, which the budget may ask for.
  expect(await sample(m, 'turnwise_llm_ttft_seconds_count{region="test",provider="openai",model="nano"}')).toBe(0);
  expect(await sample(m, expected('llm', 'openai', 'nano'))).toBeGreaterThan(0);
  expect(await sample(m, expected('tts', 'cartesia', 'sonic-3'))).toBeGreaterThan(0);
});
