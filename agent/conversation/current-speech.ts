/**
 * Which reply a piece of work belongs to. @livekit/agents 1.8.1 runs each reply's LLM, synthesiser and tools in an async
 * context that knows its speech handle (voice/agent.ts:70, entered at voice/agent_activity.ts:3137 and 3358), and exports no
 * way to ask for it. Without it, instants and tools would have to guess by "the latest turn", and guess wrong when a caller
 * speaks, or types, while a reply is on its way.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { voice } from '@livekit/agents';

const frameworkUrl = pathToFileURL(createRequire(import.meta.url).resolve('@livekit/agents'));
const inside: unknown = await import(new URL('./voice/agent.js', frameworkUrl).href);

function speechStorage(): AsyncLocalStorage<voice.SpeechHandle> {
  const storage =
    typeof inside === 'object' && inside !== null && 'speechHandleStorage' in inside
      ? inside.speechHandleStorage
      : undefined;
  if (!(storage instanceof AsyncLocalStorage)) {
    throw new Error(
      '@livekit/agents keeps its speech context elsewhere than 1.8.1: read current-speech.ts, pin 1.8.1.',
    );
  }
  return storage;
}

const storage = speechStorage();

/** The reply that the calling code works for; `undefined` outside of one. */
export function currentSpeech(): voice.SpeechHandle | undefined {
  return storage.getStore();
}
