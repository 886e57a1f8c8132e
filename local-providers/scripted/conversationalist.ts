import type { Clock } from '../clock.js';
import type { ChatChunk, ChatMessage, ChatRequest, Conversationalist } from '../engine.js';
import { splitTokens } from '../tokens.js';
import { askedAbout } from './draws.js';
import { drawLatencyMs } from './latency.js';
import type { Reply } from './script.js';
import type { CallScript, ScriptStore } from './script-store.js';

/**
 * Answers by script. What is answered depends on the conversation alone, not on how often it was asked, so that a
 * speculated, hedged or repeated request gets the same answer. Without a script it echoes.
 */
export class ScriptedConversationalist implements Conversationalist {
  readonly #clock: Clock;
  readonly #scripts: ScriptStore;

  constructor(clock: Clock, scripts: ScriptStore) {
    this.#clock = clock;
    this.#scripts = scripts;
  }

  async *reply(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatChunk, void, undefined> {
    const script = this.#scripts.of(request.callKey);
    const about = askedAbout(request.messages);
    const random = this.#scripts.randomForRequest(request.callKey, 'llm', () => about);
    const { text, toolCalls } = chooseReply(script, request);
    script.paired?.noteAnswer(about, text);
    try {
      await this.#clock.sleep(drawLatencyMs(script.timing.llmTtft, random), signal);
      let isFirst = true;
      for (const token of splitTokens(text)) {
        if (!isFirst) await this.#clock.sleep(drawLatencyMs(script.timing.llmPerToken, random), signal);
        isFirst = false;
        yield { kind: 'text', text: token };
      }
      for (const call of toolCalls) {
        if (!isFirst) await this.#clock.sleep(drawLatencyMs(script.timing.llmPerToken, random), signal);
        isFirst = false;
        yield { kind: 'tool-call', name: call.name, arguments: call.arguments };
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

interface Chosen {
  readonly text: string;
  readonly toolCalls: Reply['toolCalls'];
}

/** Pure: the reply to this conversation. */
export function chooseReply(
  script: Pick<CallScript, 'replies' | 'greeting'>,
  { messages, tools, toolChoice }: Pick<ChatRequest, 'messages' | 'tools' | 'toolChoice'>,
): Chosen {
  const users = messages.filter((message) => message.role === 'user');
  const said = users.at(-1)?.content ?? '';
  if (users.length === 0) return { text: script.greeting ?? 'Hello.', toolCalls: [] };
  const reply = replyTo(script.replies, said, users.length);
  if (answersTools(messages)) return { text: reply?.afterTools ?? 'Done.', toolCalls: [] };
  if (reply === undefined) return { text: `You said: ${said.trim().replace(/[.!?]*$/, '.')}`, toolCalls: [] };
  const mayCall = toolChoice === 'none' ? [] : reply.toolCalls;
  // A tool the request does not offer would be an answer that no model gives.
  const toolCalls = mayCall.filter((call) => tools.some((tool) => tool.name === call.name));
  return { text: reply.text ?? (toolCalls.length === 0 ? 'Done.' : ''), toolCalls };
}

function replyTo(replies: readonly Reply[], said: string, userMessages: number): Reply | undefined {
  const matching = replies.find(
    (reply) => reply.when !== undefined && said.toLowerCase().includes(reply.when.toLowerCase()),
  );
  return matching ?? replies.filter((reply) => reply.when === undefined)[userMessages - 1];
}

function answersTools(messages: readonly ChatMessage[]): boolean {
  return messages.findLast((message) => message.role !== 'system' && message.role !== 'developer')?.role === 'tool';
}
