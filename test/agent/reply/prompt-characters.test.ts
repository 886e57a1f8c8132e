import { llm } from '@livekit/agents';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAssistant } from '../../../agent/assistant.js';
import { promptCharacters } from '../../../agent/reply/prompt-characters.js';

const NO_TOOLS = new llm.ToolContext([]);

describe('the length of a prompt', () => {
  it('is that of what is said in it', () => {
    const items = [said('system', 'Be brief.'), said('user', 'Hello?')];
    expect(promptCharacters(items, NO_TOOLS)).toBe('Be brief.'.length + 'Hello?'.length);
    expect(promptCharacters([], NO_TOOLS)).toBe(0);
  });

  it('counts the tools with what they may be called with', () => {
    const tool = (parameters: z.ZodObject) =>
      llm.tool({ name: 'order', description: 'Places an order.', parameters, execute: async () => '' });
    const bare = promptCharacters([], new llm.ToolContext([tool(z.object({}))]));
    const described = z.string().describe('What the drink is called on the menu.');
    const full = promptCharacters([], new llm.ToolContext([tool(z.object({ drink: described }))]));
    expect(bare).toBeGreaterThan('orderPlaces an order.'.length);
    expect(full).toBeGreaterThan(bare + 'drinkWhat the drink is called on the menu.'.length);
  });

  it('of the assistant is long enough for the caches of providers, and only with its tools', () => {
    const assistant = createAssistant({ ordersDb: ':memory:' });
    const tools = assistant.createTools({
      callId: 'call',
      currentTurn: () => ({ id: 1, confidence: 1 }),
      nowUnixMs: () => 0,
    });
    const items = [said('system', assistant.instructions)];
    expect(promptCharacters(items, tools)).toBeGreaterThan(4_096);
    expect(promptCharacters(items, NO_TOOLS)).toBeLessThan(4_096);
    assistant.close();
  });
});

function said(role: llm.ChatRole, content: string): llm.ChatMessage {
  return llm.ChatMessage.create({ role, content });
}
