/**
 * Holds a reply's text to the tokens that may be spoken, where the request's own limit leaves room for a tool call beside it:
 * no limit of the providers tells the two apart.
 */
import type { llm } from '@livekit/agents';

/** Above what a token of prose has, by half, in characters: holds a provider that joins several tokens in one piece. */
const MOST_CHARACTERS_PER_TOKEN = 6;

export class TextBound {
  /** Pieces, of one token each as models stream them. */
  #piecesLeft: number;
  #charactersLeft: number;

  /** @param maxTokens - Longest text. */
  constructor(maxTokens: number) {
    this.#piecesLeft = maxTokens;
    this.#charactersLeft = maxTokens * MOST_CHARACTERS_PER_TOKEN;
  }

  /** The chunk with as much of its text as there is room for; `undefined` where nothing is left of it. */
  take(chunk: llm.ChatChunk): llm.ChatChunk | undefined {
    const { delta } = chunk;
    if (!delta?.content) return chunk;
    const content = this.#piecesLeft > 0 ? delta.content.slice(0, this.#charactersLeft) : '';
    this.#piecesLeft -= 1;
    this.#charactersLeft -= content.length;
    const hasMore = delta.toolCalls !== undefined || delta.extra !== undefined;
    if (content === '' && !hasMore) return undefined;
    return content === delta.content ? chunk : { ...chunk, delta: { ...delta, content } };
  }
}
