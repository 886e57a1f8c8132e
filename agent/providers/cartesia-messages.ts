/** What goes to Cartesia's `/tts/websocket` and what comes from it, as far as the voice needs it. Unknown types are left alone. */
import { z } from 'zod';
import type { Emotion } from '../turn/emotion.js';

/** Rate of the voice in Hz, mono, 16 bit: asked for in every request. */
export const VOICE_RATE_HZ = 24_000;

/** One spoken word, in ms from the first sample of its context. */
export interface TimedWord {
  readonly word: string;
  readonly endMs: number;
}

export type CartesiaMessage =
  | { readonly kind: 'audio'; readonly contextId: string; readonly samples: Int16Array }
  | { readonly kind: 'words'; readonly contextId: string; readonly words: readonly TimedWord[] }
  | { readonly kind: 'done'; readonly contextId: string }
  /** Without a context it concerns the whole socket. */
  | { readonly kind: 'error'; readonly contextId?: string; readonly status: number; readonly title: string };

/** A message that is none, or a malformed one of a context that is known. */
export class CartesiaProtocolError extends SyntaxError {
  readonly code = 'CARTESIA_PROTOCOL';
  readonly retryable = true;
  readonly contextId: string | undefined;

  constructor(message: string, contextId?: string) {
    super(message);
    this.contextId = contextId;
  }
}

const ContextId = z.string().min(1).max(128);
const Seconds = z.number().nonnegative().max(1e5);
const Head = z.object({ type: z.string().max(64), context_id: ContextId.nullish() });

const Chunk = z.object({ context_id: ContextId, data: z.base64().max(4_000_000) });
const Timestamps = z.object({
  context_id: ContextId,
  word_timestamps: z.object({ words: z.array(z.string().max(200)).max(5_000), end: z.array(Seconds).max(5_000) }),
});
const Done = z.object({ context_id: ContextId });
/** Versions from 2026-03-01 on name a title; older ones write `Title: message`. */
const Failure = z.object({
  context_id: ContextId.nullish(),
  status_code: z.number().int().min(0).max(999).default(0),
  title: z.string().max(10_000).optional(),
  error: z.string().max(10_000).optional(),
});

/** Longest title passed on: what stands behind it may quote the text that was to be spoken. */
const TITLE_CHARACTERS = 60;

/**
 * Parses one message.
 * @returns `undefined` for messages of other kinds. @throws {@link CartesiaProtocolError} for anything that is not one of
 * Cartesia's messages; it names no content.
 */
export function parseCartesiaMessage(text: string): CartesiaMessage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CartesiaProtocolError('The synthesiser sent something that is not JSON.');
  }
  const head = Head.safeParse(json);
  if (!head.success) throw new CartesiaProtocolError('The synthesiser sent a message without a type.');
  const { type, context_id: contextId } = head.data;
  const read = <Shape>(schema: z.ZodType<Shape>): Shape => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new CartesiaProtocolError(`The synthesiser sent a malformed "${type}" (${where}).`, contextId ?? undefined);
  };
  switch (type) {
    case 'chunk': {
      const { data, context_id } = read(Chunk);
      return { kind: 'audio', contextId: context_id, samples: decode(data, context_id) };
    }
    case 'timestamps': {
      const { context_id, word_timestamps } = read(Timestamps);
      const { words, end } = word_timestamps;
      const timed = words.flatMap((word, index) => {
        const endSeconds = end[index];
        return endSeconds === undefined ? [] : [{ word, endMs: endSeconds * 1_000 }];
      });
      return { kind: 'words', contextId: context_id, words: timed };
    }
    case 'done':
      return { kind: 'done', contextId: read(Done).context_id };
    case 'error': {
      const { context_id, status_code, title, error } = read(Failure);
      const name = (title ?? error?.split(':')[0] ?? 'no reason given').slice(0, TITLE_CHARACTERS);
      return { kind: 'error', ...(context_id != null && { contextId: context_id }), status: status_code, title: name };
    }
    default:
      return undefined;
  }
}

function decode(base64: string, contextId: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 2 !== 0) throw new CartesiaProtocolError('The synthesiser sent half a sample.', contextId);
  // Copied: a small buffer is a piece of a pool, and may begin at an odd byte.
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

export interface VoiceFormat {
  readonly model: string;
  readonly voice: string;
  /** Two letters. */
  readonly language: string;
  /** Absent: the model makes of the words what it does by itself. */
  readonly emotion?: Emotion | undefined;
}

/** Whether a model heeds emotions: those of sonic-3 do, and in English only (Cartesia's "Volume, Speed, and Emotion"). */
export function takesEmotion({ model, language }: Pick<VoiceFormat, 'model' | 'language'>): boolean {
  return model.startsWith('sonic-3') && language === 'en';
}

/** What a request says of the emotion, over the socket and without one: nothing where the model does not take any. */
export function emotionPart(format: Omit<VoiceFormat, 'voice'>): { readonly generation_config?: { emotion: Emotion } } {
  const { emotion } = format;
  return emotion === undefined || !takesEmotion(format) ? {} : { generation_config: { emotion } };
}

/** Asks for `transcript` to be spoken, the rest of the same context to follow. The text goes out letter for letter. */
export function speakMessage(format: VoiceFormat, contextId: string, transcript: string): string {
  return generation(format, contextId, transcript, true);
}

/** Ends a context: an empty transcript says nothing (Cartesia's guide to contexts), where a blank would be a character. */
export function endMessage(format: VoiceFormat, contextId: string): string {
  return generation(format, contextId, '', false);
}

export function cancelMessage(contextId: string): string {
  return JSON.stringify({ context_id: contextId, cancel: true });
}

function generation(format: VoiceFormat, contextId: string, transcript: string, isContinued: boolean): string {
  return JSON.stringify({
    model_id: format.model,
    voice: { mode: 'id', id: format.voice },
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: VOICE_RATE_HZ },
    language: format.language,
    ...emotionPart(format),
    // Pieces are cut where they may be spoken: waiting for more would only delay them.
    max_buffer_delay_ms: 0,
    add_timestamps: true,
    context_id: contextId,
    transcript,
    continue: isContinued,
  });
}
