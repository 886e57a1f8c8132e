import { llm } from '@livekit/agents';
import { describe, expect, it } from 'vitest';
import { TextBound } from '../../../agent/providers/text-bound.js';

const text = (content: string): llm.ChatChunk => ({ id: 'c', delta: { role: 'assistant', content } });

/** What is left of chunks under a bound of some tokens. */
function bounded(maxTokens: number, chunks: readonly llm.ChatChunk[]): (llm.ChatChunk | undefined)[] {
  const bound = new TextBound(maxTokens);
  return chunks.map((chunk) => bound.take(chunk));
}

describe('the bound of a text', () => {
  it('lets so many pieces through', () => {
    const left = bounded(3, [text('One'), text(' large'), text(' latte'), text('.')]);
    expect(left.map((chunk) => chunk?.delta?.content)).toEqual(['One', ' large', ' latte', undefined]);
  });

  it('holds a provider that sends everything in one piece', () => {
    const [whole] = bounded(150, [text('word '.repeat(1_000))]);
    expect(whole?.delta?.content).toHaveLength(900);
  });

  it('leaves alone what is no text', () => {
    const call = llm.FunctionCall.create({ callId: 'call_1', name: 'place_order', args: '{}' });
    const calling: llm.ChatChunk = { id: 'c', delta: { role: 'assistant', toolCalls: [call] } };
    const usage: llm.ChatChunk = {
      id: 'c',
      usage: { completionTokens: 2, promptTokens: 1, promptCachedTokens: 0, totalTokens: 3 },
    };
    const both: llm.ChatChunk = { id: 'c', delta: { role: 'assistant', content: ' and', toolCalls: [call] } };
    const left = bounded(1, [text('One'), text(' latte'), calling, both, usage]);
    expect(left.slice(1)).toEqual([undefined, calling, { ...both, delta: { ...both.delta, content: '' } }, usage]);
  });
});
