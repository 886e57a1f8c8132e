import { describe, expect, it } from 'vitest';
import { TOKEN_METRICS } from '../../token-server/metric-names.js';
import { createMetrics } from '../../token-server/metrics.js';

describe("the token server's metrics", () => {
  it('stand at 0 for every outcome and mode before the first request, so that the first is an increase', async () => {
    const text = await createMetrics({ region: 'eu' }).registry.metrics();
    for (const outcome of TOKEN_METRICS.turnwise_token_requests_total.values.outcome) {
      expect(text).toContain(`turnwise_token_requests_total{outcome="${outcome}",region="eu"} 0`);
      expect(text).toContain(`turnwise_token_request_seconds_count{region="eu",outcome="${outcome}"} 0`);
    }
    for (const mode of TOKEN_METRICS.turnwise_token_dispatches_total.values.mode) {
      expect(text).toContain(`turnwise_token_dispatches_total{mode="${mode}",region="eu"} 0`);
    }
  });

  it('export durations in seconds', async () => {
    const { registry, noteTokenRequest } = createMetrics();
    noteTokenRequest('issued', 40);
    const text = await registry.metrics();
    expect(text).toContain('turnwise_token_request_seconds_sum{region="local",outcome="issued"} 0.04');
    expect(text).toContain('turnwise_token_request_seconds_bucket{le="0.05",region="local",outcome="issued"} 1');
    expect(text).toContain('turnwise_token_request_seconds_bucket{le="0.025",region="local",outcome="issued"} 0');
  });

  it('carry the region on the figures of the process, too', async () => {
    const text = await createMetrics().registry.metrics();
    expect(text).toMatch(/process_resident_memory_bytes\{region="local"\} \d/);
  });
});
