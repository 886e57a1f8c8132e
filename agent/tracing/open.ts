/** Traces of calls to an OpenTelemetry collector, where the standard variables ask for them (docs/traces.md). */
import { randomUUID } from 'node:crypto';
import type { RecordSink } from '../telemetry/call-record.js';
import type { Logger } from '../telemetry/logger.js';
import { Drops } from './drops.js';
import { chooseTracing } from './settings.js';

/** Longest wait for the collector when the worker stops, in ms. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface TracingOptions {
  readonly region: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Longest wait for the collector in `close`, in ms. */
  readonly closeTimeoutMs?: number;
}

/**
 * @param env - The process's own environment: whether there are traces is decided from it, and the SDK reads its further
 *   variables there by itself.
 * @returns undefined without traces; nothing of OpenTelemetry is loaded then. A variable that cannot be followed is named in
 *   the log, and there are no traces.
 */
export async function openTracing(
  env: NodeJS.ProcessEnv,
  { region, logger, closeTimeoutMs = CLOSE_TIMEOUT_MS }: TracingOptions,
): Promise<RecordSink | undefined> {
  const choice = chooseTracing(env);
  if (choice.kind === 'unusable') logger.warn({ problem: choice.problem }, 'no traces');
  if (choice.kind !== 'on') return undefined;
  const { createTraceSink } = await import('./exporting.js');
  const drops = new Drops({
    nowMs: () => performance.now(),
    tell: (dropped, reason) => logger.warn({ dropped, reason }, 'trace spans lost'),
  });
  logger.info({ collector: choice.collector }, 'traces on');
  return createTraceSink({ region, instanceId: randomUUID(), batch: choice.batch, drops, closeTimeoutMs });
}
