/** In a file of its own: what a process has loaded once stays loaded. */
import { createRequire } from 'node:module';
import { describe, expect, it, vi } from 'vitest';
import { openTracing } from '../../../agent/tracing/open.js';

const loaded = (): string[] =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@opentelemetry'));
const logger = { info: vi.fn(), warn: vi.fn() };

describe('a worker that nobody asked for traces', () => {
  it('loads nothing of OpenTelemetry, and says nothing', async () => {
    expect(await openTracing({ OTEL_SERVICE_NAME: 'voice' }, { region: 'local', logger })).toBeUndefined();
    expect(loaded()).toEqual([]);
    expect(logger.warn).not.toHaveBeenCalled();
    expect(logger.info).not.toHaveBeenCalled();
  });

  it('says why there are none where it cannot follow a variable', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(await openTracing(env, { region: 'local', logger })).toBeUndefined();
    expect(loaded()).toEqual([]);
    expect(logger.warn).toHaveBeenCalledOnce();
  });

  it('loads it when asked', { timeout: 60_000 }, async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const sink = await openTracing(env, { region: 'local', logger });
    expect(loaded().length).toBeGreaterThan(0);
    await sink?.close();
  });
});
