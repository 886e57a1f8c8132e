import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PcmEncoding, SAMPLE_RATES_HZ } from './pcm.js';

/** An error as Cartesia names it: title, explanation, HTTP-like status. */
export class CartesiaError extends Error {
  readonly title: string;
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, title: string, message: string) {
    super(message);
    this.title = title;
    this.status = status;
    this.code = code;
  }
}

/** Versions from this date on answer with structured errors; older ones with `Title: message`. */
const STRUCTURED_ERRORS_SINCE = '2026-03-01';

export function errorFrame(error: CartesiaError, version: string, contextId: string | undefined): object {
  return {
    type: 'error',
    ...errorBody(error, version),
    status_code: error.status,
    done: true,
    ...(contextId === undefined ? {} : { context_id: contextId }),
  };
}

function errorBody(error: CartesiaError, version: string): object {
  if (version < STRUCTURED_ERRORS_SINCE) return { error: `${error.title}: ${error.message}` };
  return { error_code: error.code, title: error.title, message: error.message, request_id: randomUUID() };
}

/** The body of a refused HTTP request, and its type. */
export function errorResponse(error: CartesiaError, version: string): { body: string; contentType: string } {
  if (version < STRUCTURED_ERRORS_SINCE) {
    return { body: `${error.title}: ${error.message}`, contentType: 'text/plain; charset=utf-8' };
  }
  return { body: JSON.stringify(errorBody(error, version)), contentType: 'application/json' };
}

/** Longest text of one request and of one context's backlog, in characters. */
export const MAX_TRANSCRIPT_CHARACTERS = 20_000;

const Voice = z
  .union([
    z.object({ mode: z.literal('id').default('id'), id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }),
    z.object({ mode: z.literal('embedding'), embedding: z.array(z.number()).min(1).max(4_096) }),
  ])
  .transform((voice) => ('id' in voice ? voice.id : 'embedding'));

/** The vendor's complete list for sonic-3 ("Volume, Speed, and Emotion"); what it does with others it leaves open. */
export const EMOTIONS = [
  ...['neutral', 'happy', 'excited', 'enthusiastic', 'elated', 'euphoric', 'triumphant', 'amazed', 'surprised'],
  ...['flirtatious', 'curious', 'content', 'peaceful', 'serene', 'calm', 'grateful', 'affectionate', 'trust'],
  ...['sympathetic', 'anticipation', 'mysterious', 'angry', 'mad', 'outraged', 'frustrated', 'agitated', 'threatened'],
  ...['disgusted', 'contempt', 'envious', 'sarcastic', 'ironic', 'sad', 'dejected', 'melancholic', 'disappointed'],
  ...['hurt', 'guilty', 'bored', 'tired', 'rejected', 'nostalgic', 'wistful', 'apologetic', 'hesitant', 'insecure'],
  ...['confused', 'resigned', 'anxious', 'panicked', 'alarmed', 'scared', 'proud', 'confident', 'distant'],
  ...['skeptical', 'contemplative', 'determined'],
];

/** How it is to sound: checked and counted, and not heard in what our engines say. */
const GenerationConfig = z.object({
  speed: z.number().min(0.6).max(1.5).nullish(),
  volume: z.number().min(0.5).max(2).nullish(),
  emotion: z.enum(EMOTIONS).nullish(),
});

const Common = z.object({
  model_id: z.string().regex(/^sonic/),
  transcript: z.string().max(MAX_TRANSCRIPT_CHARACTERS),
  voice: Voice,
  language: z.string().min(2).max(10).nullish(),
  generation_config: GenerationConfig.nullish(),
});

const SampleRate = z.literal(SAMPLE_RATES_HZ);

export const BytesRequest = Common.extend({
  output_format: z.object({
    container: z.enum(['raw', 'wav']),
    encoding: PcmEncoding.default('pcm_s16le'),
    sample_rate: SampleRate,
  }),
});
export type BytesRequest = z.output<typeof BytesRequest>;

export const GenerationRequest = Common.extend({
  output_format: z.object({ container: z.literal('raw'), encoding: PcmEncoding, sample_rate: SampleRate }),
  context_id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  continue: z.boolean().default(false),
  flush: z.boolean().default(false),
  add_timestamps: z.boolean().nullish(),
  // 3 s is what the vendor waits for more text unless told otherwise; 5 s its limit.
  max_buffer_delay_ms: z.number().min(0).max(5_000).default(3_000),
});
export type GenerationRequest = z.output<typeof GenerationRequest>;

const CancelRequest = z.object({ context_id: z.string(), cancel: z.literal(true) });

export type ClientMessage =
  | { readonly kind: 'cancel'; readonly contextId: string }
  | { readonly kind: 'generate'; readonly request: GenerationRequest };

/**
 * Reads one message of a client.
 * @throws {@link CartesiaError}
 */
export function parseClientMessage(text: string): ClientMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new CartesiaError(400, 'invalid_json', 'Invalid request', 'The message is not valid JSON.');
  }
  const cancel = CancelRequest.safeParse(message);
  if (cancel.success) return { kind: 'cancel', contextId: cancel.data.context_id };
  const parsed = GenerationRequest.safeParse(message);
  if (parsed.success) return { kind: 'generate', request: parsed.data };
  throw badRequest(parsed.error);
}

/** The context a broken message meant, so that its error reaches the right listener. */
export function contextIdOf(text: string): string | undefined {
  try {
    return z.object({ context_id: z.string() }).parse(JSON.parse(text)).context_id;
  } catch {
    return undefined;
  }
}

export function badRequest(error: z.ZodError): CartesiaError {
  const [issue] = error.issues;
  const [field] = issue?.path ?? [];
  if (field === 'model_id') {
    return new CartesiaError(
      400,
      'model_not_found',
      'Invalid model',
      'The model is not valid, make sure it is a valid model ID.',
    );
  }
  if (field === 'voice') {
    return new CartesiaError(
      400,
      'voice_not_found',
      'Invalid voice',
      'The voice is not valid, make sure it is a valid voice.',
    );
  }
  const path = issue?.path.join('.') ?? '';
  return new CartesiaError(400, 'invalid_request', 'Invalid request', `${path}: ${issue?.message ?? 'invalid'}`);
}

export const EMPTY_TRANSCRIPT = new CartesiaError(
  400,
  'empty_transcript',
  'Invalid transcript',
  'Your transcript is empty or contains only punctuation.',
);
