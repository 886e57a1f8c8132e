/**
 * Reads along with a streamed completion: tokens that came, signs of life, and whether the answer was brought to its end.
 */
import { z } from 'zod';
import type { BodyTap } from './openai-line.js';

const Chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z
    .object({
      prompt_tokens: z.number().int().nonnegative(),
      completion_tokens: z.number().int().nonnegative(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().int().nonnegative().nullish() }).nullish(),
    })
    .nullish(),
});

export interface CountedUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** With these the plugin gives a tool call on; with any other, such as `length`, the call is lost (inference/llm.js of 1.8.1). */
const KEEPS_CALL: ReadonlySet<string> = new Set(['tool_calls', 'stop']);
/** Longest event of a completion, in characters; what is longer is not looked into. */
const MAX_EVENT_CHARACTERS = 1_048_576;

export interface CompletionTapEvents {
  /** Content or a part of a tool call came. */
  onToken(kind: 'content' | 'tool-call'): void;
  onOver(): void;
}

export class CompletionTap implements BodyTap {
  readonly #events: CompletionTapEvents;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #deltas = 0;
  #isSent = false;
  #hasCall = false;
  #finishReason: string | undefined;
  #usage: CountedUsage | undefined;

  constructor(events: CompletionTapEvents) {
    this.#events = events;
  }

  /** Pieces of the answer that came: streaming models send one token in each. */
  get deltas(): number {
    return this.#deltas;
  }

  /** The provider has been asked: from then on it may charge for it. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** The model said why it stopped: what came is the whole answer. */
  get isFinished(): boolean {
    return this.#finishReason !== undefined;
  }

  /** The model was stopped in a tool call, at its limit of tokens or for its content: nobody is given that call. */
  get isCallCut(): boolean {
    return this.#hasCall && this.#finishReason !== undefined && !KEEPS_CALL.has(this.#finishReason);
  }

  /** As the provider counted; absent unless the stream came to its end. */
  get usage(): CountedUsage | undefined {
    return this.#usage;
  }

  sent(): void {
    this.#isSent = true;
  }

  data(piece: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_EVENT_CHARACTERS) this.#rest = '';
    for (const line of lines) if (line.startsWith('data:')) this.#read(line.slice('data:'.length).trim());
  }

  over(): void {
    this.#events.onOver();
  }

  #read(data: string): void {
    const chunk = Chunk.safeParse(parsed(data));
    // What is no chunk is the parser's to complain of.
    if (!chunk.success) return;
    const { choices, usage } = chunk.data;
    for (const { delta, finish_reason } of choices) {
      if (finish_reason) this.#finishReason = finish_reason;
      const isCall = (delta?.tool_calls?.length ?? 0) > 0;
      if (!isCall && !delta?.content) continue;
      this.#hasCall ||= isCall;
      this.#deltas += 1;
      this.#events.onToken(isCall ? 'tool-call' : 'content');
    }
    if (usage) {
      this.#usage = {
        promptTokens: usage.prompt_tokens,
        cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
        completionTokens: usage.completion_tokens,
      };
    }
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
