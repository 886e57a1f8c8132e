import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { llm } from '@livekit/agents';
import { createAssistant } from '../../../../agent/assistant.js';
import type { ChatMessage, ChatTool } from '../../../../local-providers/engine.js';
import { createConversationalist } from '../../../../local-providers/offline/conversation/conversationalist.js';

/** Ten in the morning: the bar is open. */
export const MORNING_UNIX_MS = new Date(2026, 10, 21, 10).getTime();

export interface BarCall {
  readonly messages: ChatMessage[];
  readonly tools: readonly ChatTool[];
  /** Names of the tools that were called, in order. */
  readonly called: string[];
  /** One turn of the caller's; resolves with what the assistant said. */
  say(text: string, confidence?: number): Promise<string>;
  /** What stands in the store, by the tool that reads it. */
  order(): Promise<Record<string, unknown>>;
  close(): void;
}

/** A call without sound: the real assistant with its tools and store, and the real conversationalist, in one process. */
export function openBar(): BarCall {
  const folder = mkdtempSync(path.join(tmpdir(), 'turnwise-bar-'));
  const assistant = createAssistant({ ordersDb: path.join(folder, 'orders.db') });
  let turn = { id: 0, confidence: 1 };
  const toolContext = assistant.createTools({
    callId: 'call-1',
    currentTurn: () => turn,
    nowUnixMs: () => MORNING_UNIX_MS,
  });
  const tools = Object.values(toolContext.functionTools).map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: { ...llm.toJsonSchema(tool.parameters) },
  }));
  const run = async (name: string, args: unknown): Promise<unknown> => {
    const tool = toolContext.getFunctionTool(name);
    if (tool === undefined) throw new Error(`There is no tool ${name}.`);
    const options = { ctx: {}, toolCallId: 'test', abortSignal: new AbortController().signal };
    return tool.execute(parsed(tool.parameters, args), options as Parameters<typeof tool.execute>[1]);
  };
  const conversationalist = createConversationalist();
  const messages: ChatMessage[] = [
    { role: 'system', content: assistant.instructions },
    { role: 'assistant', content: assistant.greeting },
  ];
  const called: string[] = [];

  const reply = async (): Promise<string> => {
    let said = '';
    const request = { model: 'offline', messages, tools, toolChoice: 'auto' as const };
    for await (const chunk of conversationalist.reply(request, new AbortController().signal)) {
      if (chunk.kind === 'text') said += chunk.text;
      else {
        const id = `tool-call-${called.length}`;
        called.push(chunk.name);
        const toolCall = { id, name: chunk.name, arguments: JSON.stringify(chunk.arguments) };
        messages.push({ role: 'assistant', content: '', toolCalls: [toolCall] });
        const answer = await run(chunk.name, chunk.arguments);
        messages.push({ role: 'tool', toolCallId: id, content: JSON.stringify(answer) });
        return reply();
      }
    }
    messages.push({ role: 'assistant', content: said });
    return said;
  };

  return {
    messages,
    tools,
    called,
    say(text, confidence = 1) {
      turn = { id: turn.id + 1, confidence };
      messages.push({ role: 'user', content: text });
      return reply();
    },
    order: async () => (await run('get_order', {})) as Record<string, unknown>,
    close() {
      assistant.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Arguments as the framework hands them over: through the tool's own schema. */
function parsed(schema: unknown, args: unknown): Record<string, unknown> {
  return (schema as { parse(value: unknown): Record<string, unknown> }).parse(args);
}
