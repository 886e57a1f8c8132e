import { type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

/**
 * Fields that may hold what people said, who they are or what opens a door; they never reach a log. The framework marks its
 * own with the prefix `lk.pii.`, and is kept at `warn` besides (see {@link frameworkLogLevel}).
 */
const REDACTED = [
  'text',
  'transcript',
  'said',
  'reply',
  'identity',
  'room',
  'token',
  'apiKey',
  'apiSecret',
  'authorization',
];

/** A program's own log: JSON lines on standard output. */
export function createLogger(program: string, level: string): Logger {
  return pino({
    level,
    base: { program },
    redact: { paths: REDACTED.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    serializers: { error: stdSerializers.err },
    formatters: { level: (label) => ({ level: label }) },
  });
}

/**
 * The level for the framework's logger: one above ours at `info`, because @livekit/agents 1.8.1 writes transcripts at info
 * ("starting preemptive generation", agent_activity.ts:2140).
 */
export function frameworkLogLevel(level: 'debug' | 'info' | 'warn' | 'error'): string {
  return level === 'info' ? 'warn' : level;
}
