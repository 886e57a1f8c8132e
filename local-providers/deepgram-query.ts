import { z } from 'zod';

const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const Integer = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);

/** The query of `/v1/listen`, as far as it changes what this server does; Deepgram's other parameters are accepted and have no effect. */
const Query = z.object({
  model: z.string().min(1).default('base'),
  language: z.string().min(1).default('en'),
  encoding: z.literal('linear16', { error: 'only linear16 is served here' }),
  sample_rate: Integer.pipe(z.number().min(8_000).max(48_000)),
  channels: z.literal('1', { error: 'only one channel is served here' }).default('1'),
  interim_results: Flag.default(false),
  punctuate: Flag.default(false),
  smart_format: Flag.default(false),
  vad_events: Flag.default(false),
  // 10 ms is the vendor's default silence.
  endpointing: z.union([Flag.transform((isOn) => (isOn ? 10 : (false as const))), Integer]).default(10),
  // The vendor accepts no gap below 1 s.
  utterance_end_ms: Integer.pipe(z.number().min(1_000).max(5_000)).optional(),
});
export type ListenQuery = Readonly<z.output<typeof Query>> & { readonly tags: readonly string[] };

export type ListenQueryResult =
  | { readonly success: true; readonly query: ListenQuery }
  | { readonly success: false; readonly message: string };

/** Reads the query string; of a repeated parameter the last counts, but every `tag` is kept. */
export function parseListenQuery(parameters: URLSearchParams): ListenQueryResult {
  const parsed = Query.safeParse(Object.fromEntries(parameters));
  if (parsed.success) return { success: true, query: { ...parsed.data, tags: parameters.getAll('tag') } };
  const [issue] = parsed.error.issues;
  return { success: false, message: `Invalid query string: ${issue?.path.join('.')}: ${issue?.message}` };
}
