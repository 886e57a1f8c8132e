/**
 * Runs the path of a request once without a network: what the framework loads and compiles at its first request is loaded
 * before a caller waits for it.
 */
import { llm } from '@livekit/agents';
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import { z } from 'zod';

const CHUNKS = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
].map((chunk) => `data: ${JSON.stringify({ id: 'rehearsal', object: 'chat.completion.chunk', ...chunk })}\n\n`);
const ANSWER = `${CHUNKS.join('')}data: [DONE]\n\n`;

/** Costs some 50 ms of computing, once. What fails here fails at the first request too, and is told there. */
export async function rehearse(): Promise<void> {
  const client = new OpenAI({
    apiKey: 'none',
    baseURL: 'http://rehearsal.invalid/v1',
    maxRetries: 0,
    logLevel: 'off',
    fetch: async () => new Response(ANSWER, { headers: { 'Content-Type': 'text/event-stream' } }),
  });
  const plugin = new OpenAiLlm({ client, apiKey: 'none', model: 'rehearsal' });
  plugin.on('error', () => undefined);
  const chatCtx = llm.ChatContext.empty();
  chatCtx.addMessage({ role: 'user', content: 'Ready?' });
  const tool = llm.tool({
    name: 'nothing',
    description: 'Does nothing.',
    parameters: z.object({ what: z.string() }),
    execute: async () => '',
  });
  const stream = plugin.chat({
    chatCtx,
    toolCtx: new llm.ToolContext([tool]),
    connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: 1_000 },
  });
  for await (const _ of stream);
}
