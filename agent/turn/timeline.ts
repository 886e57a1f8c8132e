/** One turn's instants, and where its response latency went. */

/** Instants of one turn and its reply, in ms on one monotonic clock; what did not happen is absent. */
export interface TurnTimeline {
  readonly speechStartedAtMs?: number;
  /** End of the caller's last voiced window. */
  readonly speechEndedAtMs?: number;
  /** The recogniser's last final of the turn. */
  readonly finalAtMs?: number;
  readonly committedAtMs?: number;
  readonly llmRequestedAtMs?: number;
  readonly firstTokenAtMs?: number;
  /** First text handed to the synthesiser. */
  readonly ttsRequestedAtMs?: number;
  /** First audio from the synthesiser. */
  readonly firstByteAtMs?: number;
  /** First frame of the reply given to the room. */
  readonly playoutStartedAtMs?: number;
  /** First frame of the answer itself, where an opening or a filler was said before it. */
  readonly answerStartedAtMs?: number;
  readonly playoutEndedAtMs?: number;
}

/** Durations in ms that add up to the response latency. */
export interface StageLatencies {
  readonly endpointingMs: number;
  readonly llmMs: number;
  readonly textAggregationMs: number;
  readonly ttsMs: number;
  readonly playoutMs: number;
}

/**
 * End of speech to the first frame of the reply, in ms.
 * @returns `undefined` when the turn has no end of speech (typed text, a greeting) or no sound.
 */
export function responseLatencyMs(timeline: TurnTimeline): number | undefined {
  const { speechEndedAtMs, playoutStartedAtMs } = timeline;
  if (speechEndedAtMs === undefined || playoutStartedAtMs === undefined) return undefined;
  return Math.max(0, playoutStartedAtMs - speechEndedAtMs);
}

/**
 * Splits the response latency among the stages that caused it. Each stage is charged from the moment the one before it was
 * done: work that ran while something else was still waited for cost the caller nothing.
 * @returns `undefined` where {@link responseLatencyMs} is, or when the turn was never committed.
 */
export function splitResponseLatency(timeline: TurnTimeline): StageLatencies | undefined {
  const { speechEndedAtMs, committedAtMs, playoutStartedAtMs } = timeline;
  if (speechEndedAtMs === undefined || committedAtMs === undefined || playoutStartedAtMs === undefined)
    return undefined;
  let doneAtMs = speechEndedAtMs;
  const charge = (atMs: number | undefined): number => {
    // An instant that never came charges nothing; the stage after it takes its time.
    const reachedAtMs = Math.min(Math.max(atMs ?? doneAtMs, doneAtMs), Math.max(playoutStartedAtMs, doneAtMs));
    const chargedMs = reachedAtMs - doneAtMs;
    doneAtMs = reachedAtMs;
    return chargedMs;
  };
  return {
    endpointingMs: charge(committedAtMs),
    llmMs: charge(timeline.firstTokenAtMs),
    textAggregationMs: charge(timeline.ttsRequestedAtMs),
    ttsMs: charge(timeline.firstByteAtMs),
    playoutMs: charge(playoutStartedAtMs),
  };
}

/** What each component took by itself, in ms, whether or not anyone waited for it; absent where an end is missing. */
export interface ComponentLatencies {
  /** End of speech to the recogniser's last final; negative when the final came first. */
  readonly sttFinalMs?: number;
  readonly llmTtftMs?: number;
  readonly ttsTtfbMs?: number;
}

export function componentLatencies(timeline: TurnTimeline): ComponentLatencies {
  const sttFinalMs = between(timeline.speechEndedAtMs, timeline.finalAtMs);
  const llmTtftMs = between(timeline.llmRequestedAtMs, timeline.firstTokenAtMs);
  const ttsTtfbMs = between(timeline.ttsRequestedAtMs, timeline.firstByteAtMs);
  return {
    ...(sttFinalMs !== undefined && { sttFinalMs: Math.max(0, sttFinalMs) }),
    ...(llmTtftMs !== undefined && { llmTtftMs }),
    ...(ttsTtfbMs !== undefined && { ttsTtfbMs }),
  };
}

function between(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}
