/** What Deepgram's `/v1/listen` sends, as far as the ear needs it. Unknown message types are left alone. */
import { z } from 'zod';

const Seconds = z.number().nonnegative().max(1e6);

const Word = z.object({
  word: z.string().max(200),
  start: Seconds,
  end: Seconds,
  confidence: z.number().min(0).max(1),
  punctuated_word: z.string().max(200).optional(),
});

const Results = z.object({
  type: z.literal('Results'),
  is_final: z.boolean(),
  speech_final: z.boolean().optional(),
  from_finalize: z.boolean().optional(),
  start: Seconds,
  duration: Seconds,
  channel: z.object({
    alternatives: z
      .array(
        z.object({
          transcript: z.string().max(20_000),
          confidence: z.number().min(0).max(1),
          words: z.array(Word).max(5_000).default([]),
        }),
      )
      .min(1),
  }),
});

const Other = z.object({ type: z.string().max(64) });

export type DeepgramResults = z.infer<typeof Results>;

/**
 * Parses one message.
 * @returns The results in it; `undefined` for messages of other kinds. @throws {@link SyntaxError} for anything that is not
 * one of Deepgram's messages.
 */
export function parseDeepgramMessage(text: string): DeepgramResults | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError('The recogniser sent something that is not JSON.', { cause: error });
  }
  const kind = Other.safeParse(json);
  if (!kind.success) throw new SyntaxError('The recogniser sent a message without a type.');
  if (kind.data.type !== 'Results') return undefined;
  const results = Results.safeParse(json);
  if (!results.success) {
    const where = results.error.issues[0]?.path.join('.') ?? '';
    throw new SyntaxError(`The recogniser sent malformed Results (${where}).`);
  }
  return results.data;
}
