/** An answer that needs no language model. */
import type { llm } from '@livekit/agents';
import type { ReplyStream } from '../providers/reply-model.js';

/** @param text - The whole answer; empty where all of it is said by an opening. */
export function cannedReply(text: string): ReplyStream {
  return {
    requestedAtMs: undefined,
    answeredBy: undefined,
    async *[Symbol.asyncIterator](): AsyncGenerator<llm.ChatChunk, void, void> {
      if (text !== '') yield { id: 'canned', delta: { role: 'assistant', content: text } };
    },
    cancel: () => undefined,
    promote: () => undefined,
    usage: Promise.resolve({ promptTokens: 0, cachedTokens: 0, completionTokens: 0 }),
  };
}
