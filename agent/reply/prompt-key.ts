/** What a conversation is to a language model: what it says last, and whether two are the same. */
import type { llm } from '@livekit/agents';

/** What the model is told, without what it is not: ids, times, figures. Equal keys mean equal requests. */
export function promptKey(items: readonly llm.ChatItem[]): string {
  return JSON.stringify(
    items.map((item) => {
      switch (item.type) {
        case 'message':
          return [item.role, item.textContent ?? ''];
        case 'function_call':
          return ['call', item.name, item.args];
        case 'function_call_output':
          return ['output', item.output];
        default:
          return [item.type];
      }
    }),
  );
}

/** The caller's words that stand last; `undefined` where something else does. */
export function lastWordsOf(items: readonly llm.ChatItem[]): string | undefined {
  const last = items.at(-1);
  return last?.type === 'message' && last.role === 'user' ? (last.textContent ?? '') : undefined;
}
