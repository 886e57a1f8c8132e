import type { llm } from '@livekit/agents';
import { z } from 'zod';

/** How long a prompt is as a provider is sent it, in characters: what is said in it, and the tools that may be called. */
export function promptCharacters(items: readonly llm.ChatItem[], tools: llm.ToolContext): number {
  const texts = items.map((item) => (item.type === 'message' ? (item.textContent ?? '') : ''));
  const functions = Object.values(tools.functionTools).map(({ name, description, parameters }) =>
    JSON.stringify({ name, description, parameters: schemaOf(parameters) }),
  );
  return [...texts, ...functions].reduce((sum, text) => sum + text.length, 0);
}

function schemaOf(parameters: unknown): unknown {
  return parameters instanceof z.ZodType ? z.toJSONSchema(parameters, { unrepresentable: 'any' }) : parameters;
}
