/** What the worker and the thread of its call log tell each other. */
import { z } from 'zod';

/** The thread's settings, as `workerData`. */
export const ThreadSettings = z.strictObject({
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sqlite'), file: z.string() }),
    z.strictObject({ kind: z.literal('postgres'), url: z.string(), spoolFile: z.string() }),
  ]),
  keepsTexts: z.boolean(),
  retentionDays: z.number(),
});

export const ToThread = z.discriminatedUnion('type', [
  /** Records are judged one by one: what is malformed must not take others with it. */
  z.strictObject({ type: z.literal('keep'), records: z.array(z.unknown()) }),
  z.strictObject({ type: z.literal('close'), limitMs: z.number() }),
]);
export type ToThread = z.infer<typeof ToThread>;

const Count = z.number().int().nonnegative();
export const FromThread = z.discriminatedUnion('type', [
  /** The batch that was sent first of those that were not answered yet is done with. */
  z.strictObject({ type: z.literal('kept') }),
  z.strictObject({ type: z.literal('count'), result: z.enum(['spooled', 'sent', 'dropped']), by: Count }),
  z.strictObject({ type: z.literal('waiting'), records: Count }),
  z.strictObject({
    type: z.literal('state'),
    part: z.enum(['file', 'database']),
    /** Absent: it works. */
    message: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('closed') }),
]);
export type FromThread = z.infer<typeof FromThread>;
