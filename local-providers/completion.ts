import { randomUUID } from 'node:crypto';
import type { ChatRequest, Conversationalist } from './engine.js';
import { countTokens, takeTokens } from './tokens.js';

export type FinishReason = 'stop' | 'tool_calls' | 'length';

export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

/** One streamed piece of a completion, in OpenAI's `delta` form. */
export interface Delta {
  readonly delta: { readonly content?: string; readonly tool_calls?: readonly ToolCallDelta[] };
  /** Completion tokens in it, by the rule of `tokens.ts`. */
  readonly tokens: number;
}

export type Completion = AsyncGenerator<Delta, { readonly finishReason: FinishReason }, undefined>;

/** The vendor sends arguments a few characters at a time; so do we, since clients must join them. */
const ARGUMENT_PIECE_CHARACTERS = 12;

/**
 * Turns an engine's answer into deltas and holds it to `maxTokens`, of text and tool calls together; at that limit the engine is
 * stopped, as the vendor's is: in the middle of a tool call's arguments, too. A part of a tool call is one token there.
 * @throws the reason of `signal` once it aborts.
 */
export async function* runCompletion(
  conversationalist: Conversationalist,
  request: ChatRequest,
  signal: AbortSignal,
): Completion {
  const stop = new AbortController();
  let tokensLeft = request.maxTokens ?? Number.POSITIVE_INFINITY;
  let toolCalls = 0;
  try {
    for await (const chunk of conversationalist.reply(request, AbortSignal.any([signal, stop.signal]))) {
      signal.throwIfAborted();
      if (chunk.kind === 'text') {
        const { text, tokens, isCut } = takeTokens(chunk.text, tokensLeft);
        tokensLeft -= tokens;
        if (text !== '') yield { delta: { content: text }, tokens };
        if (isCut) return { finishReason: 'length' };
        continue;
      }
      if (tokensLeft <= 0) return { finishReason: 'length' };
      const text = JSON.stringify(chunk.arguments);
      tokensLeft -= 1;
      yield toolCallStart(toolCalls, chunk.name);
      for (let at = 0; at < text.length; at += ARGUMENT_PIECE_CHARACTERS) {
        if (tokensLeft <= 0) return { finishReason: 'length' };
        tokensLeft -= 1;
        const piece = text.slice(at, at + ARGUMENT_PIECE_CHARACTERS);
        yield {
          delta: { tool_calls: [{ index: toolCalls, function: { arguments: piece } }] },
          tokens: countTokens(piece),
        };
      }
      toolCalls += 1;
    }
    signal.throwIfAborted();
    return { finishReason: toolCalls > 0 ? 'tool_calls' : 'stop' };
  } finally {
    stop.abort(new Error('The completion has ended.'));
  }
}

function toolCallStart(index: number, name: string): Delta {
  const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  return {
    delta: { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
    tokens: countTokens(name),
  };
}
