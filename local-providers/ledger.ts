import { BoundedMap } from './bounded-map.js';
import type { Clock } from './clock.js';

/** What one call asked for and got, exactly; tests count waste with it. All counts start at 0 and only grow. */
export interface CallCounters {
  readonly stt: {
    connections: number;
    /** Audio received, in ms. */
    audioMs: number;
    interims: number;
    finals: number;
    finalizes: number;
    keepAlives: number;
    /** Connections that ended without `CloseStream`. */
    aborted: number;
  };
  readonly llm: {
    requests: number;
    /** Prompt tokens of all requests, by the rule of `tokens.ts`. */
    promptTokens: number;
    cachedTokens: number;
    /** Completion tokens handed to the socket: of text by the rule of `tokens.ts`, of a tool call one a delta. */
    tokensSent: number;
    toolCalls: number;
    completed: number;
    /** Requests whose client went away before the end. */
    aborted: number;
  };
  readonly tts: {
    connections: number;
    /** Contexts opened, and requests to `/tts/bytes`. */
    requests: number;
    charactersReceived: number;
    /** Characters of the clauses whose audio was handed to the socket in full. */
    charactersSynthesised: number;
    /** Audio handed to the socket, in ms. */
    audioMs: number;
    completed: number;
    cancelled: number;
    /** Contexts and requests by the emotion they asked for; those without one are in none. */
    readonly emotions: Record<string, number>;
    /** Contexts and requests whose client went away before the end. */
    aborted: number;
  };
  /** Faults that struck, by `component:kind`. */
  readonly faults: Record<string, number>;
}

/** Calls without a name share this one. */
export const DEFAULT_CALL = 'default';

function emptyCounters(): CallCounters {
  return {
    stt: { connections: 0, audioMs: 0, interims: 0, finals: 0, finalizes: 0, keepAlives: 0, aborted: 0 },
    llm: { requests: 0, promptTokens: 0, cachedTokens: 0, tokensSent: 0, toolCalls: 0, completed: 0, aborted: 0 },
    tts: {
      connections: 0,
      requests: 0,
      charactersReceived: 0,
      charactersSynthesised: 0,
      audioMs: 0,
      completed: 0,
      cancelled: 0,
      emotions: {},
      aborted: 0,
    },
    faults: {},
  };
}

/** A context or a request of the synthesiser's has begun. */
export function noteSpeech({ tts }: CallCounters, emotion: string | null | undefined): void {
  tts.requests += 1;
  if (emotion != null) tts.emotions[emotion] = (tts.emotions[emotion] ?? 0) + 1;
}

/** Counters by call; calls unused for an hour are forgotten. */
export class CallLedger {
  readonly #calls: BoundedMap<CallCounters>;

  constructor(clock: Clock) {
    this.#calls = new BoundedMap(clock, { maxEntries: 2_000, idleMs: 3_600_000 });
  }

  of(callKey: string = DEFAULT_CALL): CallCounters {
    const known = this.#calls.get(callKey);
    if (known !== undefined) return known;
    const fresh = emptyCounters();
    this.#calls.set(callKey, fresh);
    return fresh;
  }

  find(callKey: string): CallCounters | undefined {
    return this.#calls.get(callKey);
  }

  forget(callKey: string): void {
    this.#calls.delete(callKey);
  }
}
