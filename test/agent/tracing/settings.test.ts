import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTracing } from '../../../agent/tracing/settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:secret@collector.example:4318/base' };

describe('whether there are traces', () => {
  it.each([
    ['nothing is set', {}],
    ['variables are empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }],
    ['only the service has a name', { OTEL_SERVICE_NAME: 'voice' }],
    ['the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    ['traces are exported to nobody', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  ])('is no where %s', (_, env) => {
    expect(chooseTracing(env)).toEqual({ kind: 'off' });
  });

  it.each([
    ['a collector', ENDPOINT, 'collector.example:4318'],
    ['a collector of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://10.0.0.1:5/v1/traces' }, '10.0.0.1:5'],
    ['one of several exporters', { OTEL_TRACES_EXPORTER: 'console, otlp' }, 'localhost:4318'],
    ['that the SDK is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'yes' }, 'collector.example:4318'],
    ['the protocol there is', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'collector.example:4318'],
  ])('is yes where the variables name %s, without its password', (_, env, collector) => {
    expect(chooseTracing(env)).toMatchObject({ kind: 'on', collector });
  });

  it.each([
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /^OTEL_EXPORTER_OTLP_PROTOCOL is not http\/protobuf.*4318$/],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }, /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is not/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, /^OTEL_EXPORTER_OTLP_ENDPOINT is not an http/],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nowhere' }, /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not an http/],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, /^OTEL_TRACES_EXPORTER is neither/],
  ])('names the variable that cannot be followed, and no value (%#)', (env, problem) => {
    const choice = chooseTracing(env);
    expect(choice).toMatchObject({ kind: 'unusable', problem: expect.stringMatching(problem) });
    expect(JSON.stringify(choice)).not.toMatch(/secret|collector:4317|nowhere|zipkin/);
  });

  it('takes traces by another protocol than everything else', () => {
    const env = {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    };
    expect(chooseTracing(env).kind).toBe('on');
  });
});

describe('the batches', () => {
  it('are as large as the specification says where nothing else is set', () => {
    expect(chooseTracing(ENDPOINT)).toMatchObject({
      batch: {
        maxQueueSize: 2_048,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 5_000,
        exportTimeoutMillis: 30_000,
      },
    });
  });

  it('are never empty, endless or above the queue, whatever is set', () => {
    const value = fc.oneof(fc.integer().map(String), fc.string(), fc.constant('0'), fc.constant(undefined));
    fc.assert(
      fc.property(value, value, value, (queue, batch, delay) => {
        const choice = chooseTracing({
          ...ENDPOINT,
          OTEL_BSP_MAX_QUEUE_SIZE: queue,
          OTEL_BSP_MAX_EXPORT_BATCH_SIZE: batch,
          OTEL_BSP_SCHEDULE_DELAY: delay,
        });
        if (choice.kind !== 'on') throw new Error('off');
        const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis } = choice.batch;
        expect(maxExportBatchSize).toBeGreaterThanOrEqual(1);
        expect(maxExportBatchSize).toBeLessThanOrEqual(maxQueueSize);
        expect(maxQueueSize).toBeLessThan(1e7);
        expect(scheduledDelayMillis).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
