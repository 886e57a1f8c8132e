/** Whether OpenTelemetry's standard variables ask for traces, and what is done with their numbers. Pure. */
import { z } from 'zod';

/** What of the batch processor's settings (`OTEL_BSP_*`) is handed over checked: with a 0 it would spin. */
export interface BatchSettings {
  /** Spans that wait for the collector; those beyond are dropped. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

export type TracingChoice =
  | { readonly kind: 'off' }
  /** Asked for, but not in a way that can be followed. */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** `collector` is host and port alone: addresses may hold a password. */
  | { readonly kind: 'on'; readonly collector: string; readonly batch: BatchSettings };

/** The only form of OTLP there is a package for here, and what the specification prefers. */
const PROTOCOL = 'http/protobuf';
/** Where OTLP over HTTP is taken by default (specification of the exporter). */
const DEFAULT_COLLECTOR = 'http://localhost:4318';

/** What is no such number counts as not given, as the specification wants it. */
const whole = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .refine((value) => value >= 1)
    .default(fallback)
    .catch(fallback);

/** Defaults of the SDK's specification. */
const Batch = z.object({
  OTEL_BSP_MAX_QUEUE_SIZE: whole(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: whole(512),
  OTEL_BSP_SCHEDULE_DELAY: whole(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: whole(30_000),
});

const Address = z.url({ protocol: /^https?$/ });

/**
 * Traces are on where a collector is named, or `OTEL_TRACES_EXPORTER=otlp` asks for the one on this machine. A variable that
 * cannot be followed switches them off and is named: calls are not kept from anyone for the sake of traces.
 */
export function chooseTracing(env: Readonly<Record<string, string | undefined>>): TracingChoice {
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { kind: 'off' };
  const exporters = read('OTEL_TRACES_EXPORTER')
    ?.split(',')
    .map((name) => name.trim());
  const [name, address] = addressOf(read);
  if (exporters === undefined ? address === undefined : exporters.every((exporter) => exporter === 'none')) {
    return { kind: 'off' };
  }
  if (exporters !== undefined && !exporters.includes('otlp')) {
    return { kind: 'unusable', problem: 'OTEL_TRACES_EXPORTER is neither otlp nor none' };
  }
  const [protocolName, protocol] = firstOf(read, ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']);
  if (protocol !== undefined && protocol !== PROTOCOL) {
    const hint = protocol === 'grpc' ? '; collectors take that on port 4318' : '';
    return { kind: 'unusable', problem: `${protocolName} is not ${PROTOCOL}, the only one there is here${hint}` };
  }
  const collector = Address.safeParse(address ?? DEFAULT_COLLECTOR);
  if (!collector.success) return { kind: 'unusable', problem: `${name} is not an http(s):// URL` };
  const batch = Batch.parse(env);
  return {
    kind: 'on',
    collector: new URL(collector.data).host,
    batch: {
      maxQueueSize: batch.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(batch.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, batch.OTEL_BSP_MAX_QUEUE_SIZE),
      scheduledDelayMillis: batch.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: batch.OTEL_BSP_EXPORT_TIMEOUT,
    },
  };
}

type Read = (name: string) => string | undefined;

function addressOf(read: Read): readonly [name: string, value: string | undefined] {
  return firstOf(read, ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']);
}

/** The first variable that is set: those for traces alone come before those for everything. */
function firstOf(read: Read, names: readonly [string, string]): readonly [name: string, value: string | undefined] {
  const [own, shared] = names;
  const value = read(own);
  return value === undefined ? [shared, read(shared)] : [own, value];
}
