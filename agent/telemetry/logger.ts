import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * Fields that may hold what people said, who they are or what opens a door; they never reach a log. The framework marks its
 * own with the prefix `lk.pii.`, and is kept quiet besides (see {@link frameworkLogLevel}).
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
    serializers: { error: describeError },
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** Longest message of an error that is logged, in characters. */
const MAX_MESSAGE = 200;

export interface DescribedError {
  readonly type: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly stack?: string;
}

/**
 * What a log may say of an error. Vendors' errors carry their answer, and with it pieces of the request: of what was said, or
 * of a key. Of those only type and status are told; their message, their body and their other fields stay out.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = new Map(Object.entries(error));
  const isForeign = ['status', 'statusCode', 'body', 'error', 'headers'].some((field) => fields.has(field));
  const code = fields.get('status') ?? fields.get('statusCode') ?? fields.get('code');
  return {
    type: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(!isForeign && { message: error.message.slice(0, MAX_MESSAGE) }),
    // The first lines repeat the message.
    ...(error.stack !== undefined && { stack: (error.stack.match(/^\s+at .*$/gm) ?? []).slice(0, 8).join('\n') }),
  };
}

/**
 * The level for the framework's logger: `error` unless somebody asks for everything, because @livekit/agents 1.8.1 writes
 * what callers say at info ("starting preemptive generation", agent_activity.ts:2140) and at warn ("skipping user input").
 */
export function frameworkLogLevel(level: 'debug' | 'info' | 'warn' | 'error'): string {
  return level === 'debug' ? 'debug' : 'error';
}
