/**
 * The way of spans to the collector: the SDK's batches and its OTLP exporter, with a bound before them that counts what it
 * turns away. Nothing here is made global, so that the framework's own spans, which hold what people say, go nowhere.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { RecordSink } from '../telemetry/call-record.js';
import { settledWithin } from '../within.js';
import { CallTraces } from './call-traces.js';
import type { Drops } from './drops.js';
import type { BatchSettings } from './settings.js';

/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const DELIVERED = 0;

type Done = Parameters<SpanExporter['export']>[1];

export interface ExportOptions {
  readonly region: string;
  /** Tells this process from others of its kind. */
  readonly instanceId: string;
  readonly batch: BatchSettings;
  readonly drops: Drops;
  /** Longest wait for the collector in `close`, in ms. */
  readonly closeTimeoutMs: number;
}

/** Address, headers, sampler and names of the service are the SDK's to read from the process's environment. */
export function createTraceSink({ region, instanceId, batch, drops, closeTimeoutMs }: ExportOptions): RecordSink {
  const ours = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: 'turnwise',
    [ATTR_SERVICE_INSTANCE_ID]: instanceId,
    'cloud.region': region,
  });
  const exporter = new CountingExporter(new OTLPTraceExporter(), drops);
  const queue = new BoundedQueue(exporter, batch, drops);
  const provider = new BasicTracerProvider({
    // Of the machine nothing is told but what the environment says.
    resource: defaultResource()
      .merge(ours)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [queue],
  });
  const traces = new CallTraces(provider.getTracer('turnwise'));
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    traces.close();
    // What fails or takes longer is let go: what is lost of it is counted below.
    await settledWithin(
      closeTimeoutMs,
      provider.shutdown().then(() => exporter.forceFlush()),
    );
    const left = queue.waiting + exporter.underWay;
    if (left > 0) drops.count(left, 'the worker stopped');
    drops.tellRest();
  };
  return {
    take(record) {
      if (closing !== undefined) return;
      try {
        traces.take(record);
      } catch (error) {
        drops.count(1, error instanceof Error ? error.name : 'unknown');
      }
    },
    close: () => (closing ??= close()),
  };
}

/** Lets so many spans wait and no more. The SDK bounds its queue too, but tells nobody what it dropped. */
class BoundedQueue implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  readonly #exporter: CountingExporter;
  readonly #most: number;
  readonly #drops: Drops;
  #taken = 0;

  constructor(exporter: CountingExporter, batch: BatchSettings, drops: Drops) {
    this.#batches = new BatchSpanProcessor(exporter, batch);
    this.#exporter = exporter;
    this.#most = batch.maxQueueSize;
    this.#drops = drops;
  }

  get waiting(): number {
    return this.#taken - this.#exporter.begun;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.waiting >= this.#most) {
      this.#drops.count(1, 'the queue is full');
      return;
    }
    this.#taken += 1;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }
}

class CountingExporter implements SpanExporter {
  readonly #exporter: OTLPTraceExporter;
  readonly #drops: Drops;
  /** Spans that were given to it. */
  begun = 0;
  underWay = 0;

  constructor(exporter: OTLPTraceExporter, drops: Drops) {
    this.#exporter = exporter;
    this.#drops = drops;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.begun += spans.length;
    this.underWay += spans.length;
    this.#exporter.export(spans, (result) => {
      this.underWay -= spans.length;
      if (result.code !== DELIVERED) this.#drops.count(spans.length, reasonOf(result.error));
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

/** Messages stay out: they may quote the collector, or the address with its password. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : (error?.name ?? 'unknown');
}
