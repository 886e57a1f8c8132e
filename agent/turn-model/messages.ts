/** What the turn model's process and its supervisor say to each other over Node's IPC channel. */
import { z } from 'zod';

/** The parent asks whether the child still works; that it wants it to end, it says by disconnecting. */
export const ToChild = z.strictObject({ kind: z.literal('ping') });
export type ToChild = z.infer<typeof ToChild>;

export const ToParent = z.discriminatedUnion('kind', [
  /** Scores are served. */
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('pong') }),
  /** It cannot serve, and ends. */
  z.strictObject({ kind: z.literal('failed'), reason: z.string().max(500) }),
]);
export type ToParent = z.infer<typeof ToParent>;
