import { BoundedMap } from './bounded-map.js';
import type { Clock } from './clock.js';
import type { ChatRequest } from './engine.js';
import { countTokens } from './tokens.js';

/** OpenAI caches prompts from this length on, in steps of 128 tokens (its prompt caching guide). */
const CACHE_MIN_TOKENS = 1_024;
const CACHE_STEP_TOKENS = 128;

export interface PromptUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/**
 * Counts prompt tokens and what the vendor's prompt cache would have saved: the prefix shared with the call's request
 * before. That tells whether a client keeps its prompts' beginnings stable.
 */
export class PromptCache {
  readonly #last: BoundedMap<readonly string[]>;

  constructor(clock: Clock) {
    this.#last = new BoundedMap(clock, { maxEntries: 500, idleMs: 600_000 });
  }

  measure(request: ChatRequest): PromptUsage {
    // Tools come first in the vendor's prompt, so a changed tool list spoils the cache for everything.
    const parts = [
      ...request.tools.map((tool) => JSON.stringify(tool)),
      ...request.messages.map(
        (message) => `${message.role} ${message.content} ${JSON.stringify(message.toolCalls ?? [])}`,
      ),
    ];
    const counts = parts.map(countTokens);
    const key = request.callKey ?? '';
    const before = this.#last.get(key) ?? [];
    this.#last.set(key, parts);
    const firstNew = parts.findIndex((part, index) => part !== before[index]);
    const shared = sum(firstNew === -1 ? counts : counts.slice(0, firstNew));
    return {
      promptTokens: sum(counts),
      cachedTokens: shared < CACHE_MIN_TOKENS ? 0 : shared - (shared % CACHE_STEP_TOKENS),
    };
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
