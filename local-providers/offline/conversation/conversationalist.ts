/** The rule-based conversationalist behind the chat protocol: no model, no key, no memory of its own. */
import { setImmediate as nextTick } from 'node:timers/promises';
import type { ChatChunk, ChatRequest, Conversationalist } from '../../engine.js';
import { respond } from './respond.js';

/** @returns The conversationalist of the offline engine. It understands orders by the tools a request brings along. */
export function createConversationalist(): Conversationalist {
  return { reply };
}

async function* reply(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatChunk, void, void> {
  if (signal.aborted) return;
  const action = respond(request);
  if (action.kind === 'call') {
    yield { kind: 'tool-call', name: action.tool, arguments: action.args };
    return;
  }
  for (const piece of action.text.split(/(?<=\s)/)) {
    if (signal.aborted) return;
    yield { kind: 'text', text: piece };
    // Gives an abort that is under way its turn between two words.
    await nextTick();
  }
}
