import { describe, expect, it } from 'vitest';
import { METRICS, type MetricDefinition } from '../../../agent/telemetry/metric-names.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { sample, samplesOf } from './samples.js';

const metrics = () => new Metrics('test');

describe('the metrics', () => {
  it('export durations in seconds, in the bucket they belong to', async () => {
    const m = metrics();
    m.observe('turnwise_response_seconds', { profile: 'good' }, 740);
    expect(await sample(m, 'turnwise_response_seconds_sum{region="test",profile="good"}')).toBeCloseTo(0.74);
    expect(await sample(m, 'turnwise_response_seconds_bucket{le="0.7",region="test",profile="good"}')).toBe(0);
    expect(await sample(m, 'turnwise_response_seconds_bucket{le="0.8",region="test",profile="good"}')).toBe(1);
  });

  it('refuse durations that are none', () => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => metrics().observe('turnwise_endpointing_seconds', {}, ms)).toThrow(RangeError);
    }
  });

  it('take gauges with labels', async () => {
    const m = metrics();
    m.set('turnwise_process_memory_bytes', { kind: 'call' }, 300);
    m.set('turnwise_process_memory_bytes', { kind: 'warm' }, 200);
    m.set('turnwise_process_memory_bytes', { kind: 'call' }, 100);
    expect(await sample(m, 'turnwise_process_memory_bytes{region="test",kind="call"}')).toBe(100);
    expect(await sample(m, 'turnwise_process_memory_bytes{region="test",kind="warm"}')).toBe(200);
  });
});

describe('label sets', () => {
  it('stay bounded by values: strange and further ones are called other, known ones keep their name', async () => {
    const m = metrics();
    for (let i = 0; i < 100; i++) m.count('turnwise_interruptions_total', { verdict: `v${i}` });
    m.count('turnwise_interruptions_total', { verdict: 'a room name: "x"' });
    m.count('turnwise_interruptions_total', { verdict: 'noise' });
    // 4 known, 32 more, other.
    expect(await samplesOf(m, 'turnwise_interruptions_total')).toHaveLength(37);
    expect(await sample(m, 'turnwise_interruptions_total{region="test",verdict="other"}')).toBe(69);
    expect(await sample(m, 'turnwise_interruptions_total{region="test",verdict="noise"}')).toBe(1);
  });

  it('stay bounded by how many there are, where each value alone would be allowed', async () => {
    const m = metrics();
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < 30; j++) {
        m.observe('turnwise_llm_ttft_seconds', { provider: `p${i}`, model: `m${j}` }, 100);
      }
    }
    expect(await samplesOf(m, 'turnwise_llm_ttft_seconds_count')).toHaveLength(101);
    const other = 'turnwise_llm_ttft_seconds_count{region="test",provider="other",model="other"}';
    expect(await sample(m, other)).toBe(800);
    m.observe('turnwise_llm_ttft_seconds', { provider: 'p0', model: 'm1' }, 100);
    expect(await sample(m, 'turnwise_llm_ttft_seconds_count{region="test",provider="p0",model="m1"}')).toBe(2);
  });

  it('of known values alone fit into the bound', () => {
    for (const [name, { labels, values }] of Object.entries<MetricDefinition>(METRICS)) {
      const sets = labels.reduce((product, label) => product * (values?.[label]?.length ?? 1), 1);
      expect(sets, name).toBeLessThan(100);
      for (const label of Object.keys(values ?? {})) expect(labels, name).toContain(label);
    }
  });
});

describe('series', () => {
  it('of known labels stand at 0 from the start, so that their first event is a rise', async () => {
    const m = metrics();
    expect(await sample(m, 'turnwise_hedges_total{region="test",component="tts",winner="none"}')).toBe(0);
    expect(await sample(m, 'turnwise_calls_total{region="test",outcome="crashed"}')).toBe(0);
    expect(await sample(m, 'turnwise_response_seconds_count{region="test",profile="good"}')).toBe(0);
    expect(await sample(m, 'turnwise_endpointing_seconds_count{region="test"}')).toBe(0);
  });

  it('of large histograms, and of labels that configuration gives, come when they are expected or used', async () => {
    const m = metrics();
    expect(await samplesOf(m, 'turnwise_stage_seconds_count')).toEqual([]);
    m.expect('turnwise_stage_seconds', { profile: 'good', stage: 'llm' });
    expect(await sample(m, 'turnwise_stage_seconds_count{region="test",profile="good",stage="llm"}')).toBe(0);
    expect(await samplesOf(m, 'turnwise_stage_seconds_count')).toHaveLength(1);
    m.expect('turnwise_llm_tokens_total', { provider: 'openai', model: 'a', kind: 'prompt' });
    expect(await sample(m, 'turnwise_llm_tokens_total{region="test",provider="openai",model="a",kind="prompt"}')).toBe(
      0,
    );
  });

  it('do not go back when they are expected once more', async () => {
    const m = metrics();
    m.observe('turnwise_stage_seconds', { profile: 'good', stage: 'llm' }, 100);
    m.expect('turnwise_stage_seconds', { profile: 'good', stage: 'llm' });
    m.count('turnwise_fillers_total', { reason: 'tool' });
    m.expect('turnwise_fillers_total', { reason: 'tool' });
    expect(await sample(m, 'turnwise_stage_seconds_count{region="test",profile="good",stage="llm"}')).toBe(1);
    expect(await sample(m, 'turnwise_fillers_total{region="test",reason="tool"}')).toBe(1);
  });

  it('tell a scraper when the process began, so that a restart is seen as one', async () => {
    expect(await sample(metrics(), 'process_start_time_seconds{region="test"}')).toBeGreaterThan(1.5e9);
  });
});
