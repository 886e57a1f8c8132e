/** One turn's instants, and where its response latency went. Pure; all instants in ms on one monotonic clock. */
import type { HiddenWork, TurnInstants, TurnStages } from '../../wire/turn.js';

/**
 * Instants of one turn and its reply; what did not happen is absent. Those of the caller's sound are counted from samples
 * (`audio-clock.ts`), so that a stalled loop shows as waiting and not as a caller who spoke later.
 */
export interface TurnTimeline extends Readonly<TurnInstants> {
  /** A phrase that told the caller to wait was asked for; its sound is the first, and nobody had waited for it. */
  readonly fillerAtMs?: number | undefined;
}

/** Durations in ms that add up to the response latency. */
export type StageLatencies = Readonly<TurnStages>;
type Stage = keyof StageLatencies;

/**
 * End of speech to the first frame of the reply, in ms.
 * @returns `undefined` when the turn has no end of speech (typed text, a greeting) or no sound.
 */
export function responseLatencyMs({ speechEndedAtMs, playoutStartedAtMs }: TurnTimeline): number | undefined {
  const latencyMs = between(speechEndedAtMs, playoutStartedAtMs);
  return latencyMs === undefined ? undefined : Math.max(0, latencyMs);
}

/** End of speech to the first frame of the answer itself, in ms; `undefined` where nothing was said before it. */
export function answerLatencyMs({ speechEndedAtMs, answerStartedAtMs }: TurnTimeline): number | undefined {
  const latencyMs = between(speechEndedAtMs, answerStartedAtMs);
  return latencyMs === undefined ? undefined : Math.max(0, latencyMs);
}

/**
 * Splits the response latency among the stages that caused it: from the first sound back to the end of speech, each interval
 * goes to the stage that was waited for last. What ran while something else was still waited for cost the caller nothing.
 * @returns `undefined` where {@link responseLatencyMs} is, or when the turn was never committed.
 */
export function splitResponseLatency(timeline: TurnTimeline): StageLatencies | undefined {
  const { speechEndedAtMs, committedAtMs, playoutStartedAtMs } = timeline;
  if (speechEndedAtMs === undefined || committedAtMs === undefined || playoutStartedAtMs === undefined)
    return undefined;
  const way = new WayBack(speechEndedAtMs, Math.max(playoutStartedAtMs, speechEndedAtMs));
  const { fillerAtMs = Number.POSITIVE_INFINITY } = timeline;
  if (fillerAtMs <= playoutStartedAtMs) {
    way.charge('playoutMs', fillerAtMs);
    walkFromFiller(way, timeline);
  } else {
    way.charge('playoutMs', timeline.voiceReadyAtMs);
    walkFromVoice(way, timeline);
  }
  return way.finish();
}

/** The way from the first sound back: a place on it, and what the intervals passed so far were charged to. */
class WayBack {
  readonly #startMs: number;
  readonly #stages: { -readonly [Name in Stage]: number } = {
    sttMs: 0,
    endpointingMs: 0,
    llmMs: 0,
    toolsMs: 0,
    textAggregationMs: 0,
    ttsMs: 0,
    playoutMs: 0,
    unexplainedMs: 0,
  };
  #atMs: number;

  constructor(startMs: number, endMs: number) {
    this.#startMs = startMs;
    this.#atMs = endMs;
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** Whether an instant lies on the way that is left. */
  has(atMs: number | undefined): atMs is number {
    return atMs !== undefined && atMs <= this.#atMs;
  }

  /** Goes back to an instant and charges what lies between to a stage; an instant that never came, or came later, to none. */
  charge(stage: Stage, backToMs: number | undefined): void {
    if (!this.has(backToMs)) return;
    const reachedMs = Math.max(this.#startMs, backToMs);
    this.#stages[stage] += this.#atMs - reachedMs;
    this.#atMs = reachedMs;
  }

  finish(): StageLatencies {
    this.charge('unexplainedMs', this.#startMs);
    return this.#stages;
  }
}

/** From where the voice leaves for the room: it waited for its own sound, or for being wanted. */
function walkFromVoice(way: WayBack, timeline: TurnTimeline): void {
  const { firstAudibleAtMs, ttsRequestedAtMs, adoptedAtMs, firstClauseAtMs, firstTokenAtMs } = timeline;
  const audibleAtMs = firstAudibleAtMs ?? timeline.firstByteAtMs;
  if (!way.has(audibleAtMs) || (way.has(adoptedAtMs) && adoptedAtMs > audibleAtMs)) {
    walkFromWish(way, timeline);
    return;
  }
  way.charge('unexplainedMs', audibleAtMs);
  way.charge('ttsMs', ttsRequestedAtMs);
  // A clause that was whole before anybody wanted it was not waited for.
  if (way.has(adoptedAtMs) && adoptedAtMs > (firstClauseAtMs ?? Number.NEGATIVE_INFINITY) && isHeldBack(timeline)) {
    walkFromWish(way, timeline);
    return;
  }
  way.charge('unexplainedMs', firstClauseAtMs);
  way.charge('textAggregationMs', firstTokenAtMs);
  walkFromToken(way, timeline);
}

/** From a phrase that told the caller to wait: what was waited for is what had been begun and was not there. */
function walkFromFiller(way: WayBack, timeline: TurnTimeline): void {
  const { ttsRequestedAtMs, firstClauseAtMs, firstTokenAtMs, toolsStartedAtMs, toolsEndedAtMs } = timeline;
  way.charge('ttsMs', ttsRequestedAtMs);
  way.charge('unexplainedMs', firstClauseAtMs);
  way.charge('textAggregationMs', firstTokenAtMs);
  if (way.has(toolsStartedAtMs) && !way.has(toolsEndedAtMs)) {
    way.charge('toolsMs', toolsStartedAtMs);
    way.charge('llmMs', latest(way, timeline.adoptedAtMs, timeline.speculatedAtMs));
  }
  walkFromToken(way, timeline);
}

/** Whether the synthesiser was asked only once the reply was wanted. */
function isHeldBack({ ttsRequestedAtMs, adoptedAtMs }: TurnTimeline): boolean {
  return ttsRequestedAtMs !== undefined && adoptedAtMs !== undefined && ttsRequestedAtMs >= adoptedAtMs;
}

function walkFromToken(way: WayBack, timeline: TurnTimeline): void {
  const { llmRequestedAtMs, toolsStartedAtMs, toolsEndedAtMs, adoptedAtMs, committedAtMs, speculatedAtMs } = timeline;
  way.charge('llmMs', llmRequestedAtMs);
  const calledTools = way.has(toolsEndedAtMs) && way.has(toolsStartedAtMs);
  if (calledTools) {
    way.charge('unexplainedMs', toolsEndedAtMs);
    way.charge('toolsMs', toolsStartedAtMs);
    // What called them was the first request.
    way.charge('llmMs', latest(way, adoptedAtMs, speculatedAtMs));
  }
  const isSpeculated = speculatedAtMs !== undefined && way.atMs < (committedAtMs ?? Number.NEGATIVE_INFINITY);
  if (!isSpeculated) {
    walkFromWish(way, timeline);
    return;
  }
  // The end of the turn was not waited for; its words were.
  way.charge('endpointingMs', latest(way, timeline.lastInterimAtMs, timeline.finalAtMs) ?? timeline.speechEndedAtMs);
  way.charge('sttMs', timeline.speechEndedAtMs);
}

/** From where the reply was asked for, back over the commit to the end of speech. */
function walkFromWish(way: WayBack, timeline: TurnTimeline): void {
  const { adoptedAtMs, committedAtMs, finalAtMs, lastInterimAtMs, speechEndedAtMs } = timeline;
  way.charge('unexplainedMs', adoptedAtMs);
  way.charge('unexplainedMs', committedAtMs);
  way.charge('endpointingMs', latest(way, finalAtMs) ?? latest(way, lastInterimAtMs) ?? speechEndedAtMs);
  way.charge('sttMs', speechEndedAtMs);
}

/** The latest of the instants that lie on the way that is left. */
function latest(way: WayBack, ...instants: readonly (number | undefined)[]): number | undefined {
  const passed = instants.filter((atMs) => way.has(atMs));
  return passed.length === 0 ? undefined : Math.max(...passed.map((atMs) => atMs ?? 0));
}

/**
 * Work of a reply that was begun before its turn was over and that nobody waited for, in ms.
 * @returns `undefined` where nothing was speculated.
 */
export function hiddenWork(timeline: TurnTimeline, stages: StageLatencies): HiddenWork | undefined {
  if (timeline.speculatedAtMs === undefined) return undefined;
  const { llmTtftMs = 0, textAggregationMs = 0, ttsFirstSoundMs = 0 } = legLatencies(timeline);
  return {
    llmMs: Math.max(0, llmTtftMs - stages.llmMs),
    textAggregationMs: Math.max(0, textAggregationMs - stages.textAggregationMs),
    ttsMs: Math.max(0, ttsFirstSoundMs - stages.ttsMs),
  };
}

/**
 * What each component took by itself, in ms, whether or not anyone waited for it; absent where an end is missing. Of language
 * model and synthesiser: what the request took that was answered.
 */
export interface ComponentLatencies {
  /** End of speech to the commit. */
  readonly endpointingMs?: number;
  /** End of speech to the recogniser's last final; 0 when the final came first. */
  readonly sttFinalMs?: number;
  readonly llmTtftMs?: number;
  /** First token to the first clause. */
  readonly textAggregationMs?: number;
  readonly ttsTtfbMs?: number;
  readonly ttsFirstSoundMs?: number;
  /** From where the voice was ready to be given to the room to its first frame there. */
  readonly playoutMs?: number;
}

export function componentLatencies(timeline: TurnTimeline): ComponentLatencies {
  // A request that failed, or lost a race, is none of who answered.
  const { llmWinnerRequestedAtMs, ttsWinnerRequestedAtMs, llmRequestedAtMs, ttsRequestedAtMs } = timeline;
  return latenciesFrom(
    timeline,
    llmWinnerRequestedAtMs ?? llmRequestedAtMs,
    ttsWinnerRequestedAtMs ?? ttsRequestedAtMs,
  );
}

/** The same from the first request of each leg on, attempts that were lost included: what the legs took of the turn. */
export function legLatencies(timeline: TurnTimeline): ComponentLatencies {
  return latenciesFrom(timeline, timeline.llmRequestedAtMs, timeline.ttsRequestedAtMs);
}

/** Asked for several times a turn in a call's own process: by name, without lists of entries that are thrown away. */
function latenciesFrom(
  timeline: TurnTimeline,
  llmAskedAtMs: number | undefined,
  ttsAskedAtMs: number | undefined,
): ComponentLatencies {
  const { speechEndedAtMs, firstTokenAtMs, firstClauseAtMs } = timeline;
  const latencies: { -readonly [Name in keyof ComponentLatencies]: ComponentLatencies[Name] } = {};
  const note = (name: keyof ComponentLatencies, fromMs: number | undefined, toMs: number | undefined): void => {
    const ms = between(fromMs, toMs);
    if (ms !== undefined) latencies[name] = Math.max(0, ms);
  };
  note('endpointingMs', speechEndedAtMs, timeline.committedAtMs);
  note('sttFinalMs', speechEndedAtMs, timeline.finalAtMs);
  note('llmTtftMs', llmAskedAtMs, firstTokenAtMs);
  note('textAggregationMs', firstTokenAtMs, firstClauseAtMs);
  note('ttsTtfbMs', ttsAskedAtMs, timeline.firstByteAtMs);
  note('ttsFirstSoundMs', ttsAskedAtMs, timeline.firstAudibleAtMs);
  note('playoutMs', timeline.voiceReadyAtMs, timeline.playoutStartedAtMs);
  return latencies;
}

function between(fromMs: number | undefined, toMs: number | undefined): number | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}
