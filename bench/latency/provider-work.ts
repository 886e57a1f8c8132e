/** What calls asked of the scripted providers, as differences and sums of their counters. Pure. */
import type { ProviderCounters } from '../scripted-providers.js';

export const NO_WORK: ProviderCounters = {
  llm: { requests: 0, aborted: 0, tokensSent: 0 },
  tts: { requests: 0, aborted: 0, cancelled: 0, charactersReceived: 0 },
};

/** @param after - Read later than `before`. */
export function workBetween(before: ProviderCounters, after: ProviderCounters): ProviderCounters {
  return combined(after, before, (a, b) => a - b);
}

export function addWork(some: ProviderCounters, more: ProviderCounters): ProviderCounters {
  return combined(some, more, (a, b) => a + b);
}

function combined(
  one: ProviderCounters,
  other: ProviderCounters,
  combine: (a: number, b: number) => number,
): ProviderCounters {
  return {
    llm: {
      requests: combine(one.llm.requests, other.llm.requests),
      aborted: combine(one.llm.aborted, other.llm.aborted),
      tokensSent: combine(one.llm.tokensSent, other.llm.tokensSent),
    },
    tts: {
      requests: combine(one.tts.requests, other.tts.requests),
      aborted: combine(one.tts.aborted, other.tts.aborted),
      cancelled: combine(one.tts.cancelled, other.tts.cancelled),
      charactersReceived: combine(one.tts.charactersReceived, other.tts.charactersReceived),
    },
  };
}
