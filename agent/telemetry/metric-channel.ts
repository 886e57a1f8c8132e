/**
 * How a call's measurements reach its worker's parent: a local socket on which each call process sends its events in batches,
 * a line of JSON each. Node's own IPC channel is the framework's, and dies with messages still queued when a call is killed;
 * what was written to this socket before that is still read.
 */
import { z } from 'zod';
import { MAX_KEY } from '../resilience/call-memory.js';
import { KEPT_SAMPLES } from '../resilience/deadline.js';
import { PURPOSES } from '../resilience/hedge-budget.js';
import { BUDGET_STEPS } from '../turn/budget-ladder.js';
import { CallRecord } from './call-record.js';
import { METRICS, type MetricName } from './metric-names.js';

/** Most events in one batch. */
export const MAX_BATCH_EVENTS = 1_000;
/** Longest line taken, in UTF-16 code units: four times what a sender makes. */
export const MAX_LINE = 1_000_000;
/** Longest name of a call's outcome. */
export const MAX_OUTCOME = 32;

const namesOf = (type: 'histogram' | 'counter') =>
  Object.entries(METRICS).flatMap(([name, definition]) => (definition.type === type ? [name as MetricName] : []));

/** Above an hour it is no latency but a fault of the sender. */
const LatencyMs = z.number().nonnegative().max(3_600_000);
/** Requests, or what they pay for, of one process's life. */
const Total = z.number().nonnegative().max(1e9);

const Labels = z.record(z.string().max(32), z.string().max(128));

const ChannelEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('observe'),
    name: z.enum(namesOf('histogram')),
    labels: Labels,
    value: LatencyMs,
  }),
  z.strictObject({
    kind: z.literal('count'),
    name: z.enum(namesOf('counter')),
    labels: Labels,
    value: Total,
  }),
  /** Who speaks: the first event of a process. */
  z.strictObject({
    kind: z.literal('process'),
    pid: z
      .number()
      .int()
      .positive()
      .max(2 ** 31),
  }),
  /** Whether a process waits for its call (`warm`) or has one. */
  z.strictObject({ kind: z.literal('state'), state: z.enum(['warm', 'busy']) }),
  /** The call is over, as in `turnwise_calls_total`: a process that goes without having said so has crashed. */
  z.strictObject({ kind: z.literal('over'), outcome: z.string().max(MAX_OUTCOME) }),
  z.strictObject({ kind: z.literal('record'), record: CallRecord }),
  /** How long a provider took, for the calls that come after: `resilience/call-memory.ts`. */
  z.strictObject({ kind: z.literal('latency'), key: z.string().min(1).max(MAX_KEY), ms: LatencyMs }),
  /** What the process's requests have paid for, and what it has spent of that. */
  z.strictObject({ kind: z.literal('hedges'), purpose: z.enum(PURPOSES), earned: Total, spent: Total }),
]);
export type ChannelEvent = z.infer<typeof ChannelEvent>;

/** What the parent tells its calls; what is not in it has not changed. */
export const Notice = z.strictObject({
  /** At which step of the budget each profile's calls are; profiles that are not named, at none. */
  budget: z.record(z.string().max(32), z.enum(BUDGET_STEPS)).optional(),
  latencies: z.record(z.string().max(MAX_KEY), z.array(LatencyMs).max(KEPT_SAMPLES)).optional(),
  hedges: z.partialRecord(z.enum(PURPOSES), z.strictObject({ granted: Total, reserve: Total })).optional(),
});
export type Notice = z.infer<typeof Notice>;

export interface Batch {
  readonly events: readonly ChannelEvent[];
  /** Whether every event of the line was understood. */
  readonly isWhole: boolean;
}

/** Reads one line of a call process. What is malformed in it costs nothing of the rest. */
export function parseBatch(line: string): Batch {
  const json = parseJson(line);
  if (!Array.isArray(json) || json.length > MAX_BATCH_EVENTS) return { events: [], isWhole: false };
  const parsed = json.map((event: unknown) => ChannelEvent.safeParse(event));
  return {
    events: parsed.flatMap(({ success, data }) => (success ? [data] : [])),
    isWhole: parsed.every(({ success }) => success),
  };
}

/** @returns `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
