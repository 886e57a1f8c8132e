/** Whoever keeps what calls tell: the call log, traces. Opened as the environment asks, closed in bounded time. */
import { openCallLog } from './call-log/call-log.js';
import type { WorkerConfig } from './config/environment.js';
import type { RecordSink } from './telemetry/call-record.js';
import type { Logger } from './telemetry/logger.js';
import type { Metrics } from './telemetry/metrics.js';
import { openTracing } from './tracing/open.js';
import { settledWithin } from './within.js';

/** Above what each sink allows itself, in ms: a stop is not held up by what hangs in one. */
const CLOSE_TIMEOUT_MS = 6_000;

interface Surroundings {
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** @param env - The process's own: traces are asked for by OpenTelemetry's variables. */
export async function openSinks(
  { callLog, region }: Pick<WorkerConfig, 'callLog' | 'region'>,
  env: NodeJS.ProcessEnv,
  { metrics, logger }: Surroundings,
): Promise<readonly RecordSink[]> {
  const log = callLog === undefined ? undefined : openCallLog(callLog, { region, metrics, logger });
  // Calls are taken without traces where these cannot be made.
  const traces = await openTracing(env, { region, logger }).catch((error: unknown) => {
    logger.warn({ error }, 'no traces');
    return undefined;
  });
  return [log, traces].filter((sink) => sink !== undefined);
}

/** Lets each keep what it still has. Never throws, and takes no longer than `timeoutMs`. */
export async function closeSinks(
  sinks: readonly RecordSink[],
  logger: { warn(fields: object, message: string): void },
  timeoutMs = CLOSE_TIMEOUT_MS,
): Promise<void> {
  const closing = Promise.allSettled(sinks.map(async (sink) => sink.close()));
  if (!(await settledWithin(timeoutMs, closing))) {
    logger.warn({ timeoutMs }, 'records of calls were not all kept in time');
    return;
  }
  for (const result of await closing) {
    if (result.status === 'rejected') logger.warn({ error: result.reason }, 'records of calls are lost');
  }
}
