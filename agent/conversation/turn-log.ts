/**
 * Keeps the instants of each turn of one call, and when a turn is over tells the room (`turnwise.turn`) and the metrics.
 * A turn is open from its commit until the reply to it is done.
 */
import type { TurnDocument, TurnOutcome } from '../../wire/turn.js';
import type { ProviderSettings } from '../config/environment.js';
import type { Profile } from '../config/profiles.js';
import type { Measurements } from '../telemetry/metrics.js';
import { componentLatencies, responseLatencyMs, splitResponseLatency, type TurnTimeline } from '../turn/timeline.js';
import type { Clock } from './clock.js';

export type Instant = keyof TurnTimeline;

interface OpenTurn {
  readonly turn: number;
  readonly said: string;
  readonly confidence: number;
  /** Instants so far, on the call's clock. */
  timeline: { -readonly [Name in Instant]?: number };
  reply: string[];
  wasInterrupted: boolean;
}

export interface TurnLogOptions {
  readonly callId: string;
  readonly profile: Profile;
  readonly providers: {
    readonly stt: ProviderSettings;
    readonly llm: ProviderSettings;
    readonly tts: ProviderSettings;
  };
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly onDocument: (document: TurnDocument) => void;
}

/** Share of a stage's target above which the turn is a violation (source 003). */
const VIOLATION_FACTOR = 1.5;
/** Turns whose reports by clients are still taken. */
const REPORTABLE_TURNS = 16;

export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #startedAtMs: number;
  #turns = 0;
  #open: OpenTurn | undefined;
  /** Turns that ended with sound and that nobody has reported about yet. */
  readonly #reportable = new Set<number>();
  #latest: { id: number; confidence: number } = { id: 0, confidence: 1 };

  constructor(options: TurnLogOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  /** The turn being answered, or the last one. */
  get current(): { readonly id: number; readonly confidence: number } {
    return this.#latest;
  }

  /** The greeting is turn 0: it answers no words. */
  openGreeting(): void {
    this.#begin({ turn: 0, said: '', confidence: 1 }, { committedAtMs: this.#options.clock.nowMs() });
  }

  /** Opens a turn. What was open before it ends here: nobody answers it any more. */
  openTurn(said: string, confidence: number, timeline: TurnTimeline): void {
    this.#turns += 1;
    this.#begin({ turn: this.#turns, said, confidence }, timeline);
  }

  /** Notes that something happened now; the first time counts, except for requests that are made again. */
  mark(instant: Instant): void {
    const timeline = this.#open?.timeline;
    if (timeline === undefined) return;
    const isRequestAgain = instant === 'llmRequestedAtMs' && timeline.firstTokenAtMs === undefined;
    const isLast = instant === 'playoutEndedAtMs';
    if (timeline[instant] === undefined || isRequestAgain || isLast) timeline[instant] = this.#options.clock.nowMs();
  }

  addReply(text: string): void {
    this.#open?.reply.push(text);
  }

  markInterrupted(): void {
    if (this.#open !== undefined) this.#open.wasInterrupted = true;
  }

  /** Ends the open turn, if its reply is the one that is done. */
  close(turn: number): void {
    const open = this.#open;
    if (open === undefined || open.turn !== turn) return;
    this.#open = undefined;
    this.#report(open);
  }

  /** Ends whatever is open. */
  closeAll(): void {
    if (this.#open !== undefined) this.close(this.#open.turn);
  }

  /**
   * Takes a client's own measurement of a turn: once per turn, and only of a turn that had sound.
   * @returns Whether it was taken.
   */
  takeHeard(turn: number, heardResponseMs: number): boolean {
    if (!this.#reportable.delete(turn)) return false;
    const { measurements, profile } = this.#options;
    measurements.observe('turnwise_heard_response_seconds', { profile: profile.name }, heardResponseMs);
    return true;
  }

  #begin(turn: Pick<OpenTurn, 'turn' | 'said' | 'confidence'>, timeline: TurnTimeline): void {
    this.closeAll();
    this.#latest = { id: turn.turn, confidence: turn.confidence };
    this.#open = { ...turn, timeline: { ...timeline }, reply: [], wasInterrupted: false };
  }

  #report(open: OpenTurn): void {
    const { profile, measurements, callId, onDocument } = this.#options;
    const { timeline } = open;
    const hasSound = timeline.playoutStartedAtMs !== undefined;
    const outcome: TurnOutcome = open.wasInterrupted ? 'interrupted' : hasSound ? 'answered' : 'unanswered';
    if (open.turn > 0) {
      measurements.count('turnwise_turns_total', { profile: profile.name, outcome });
      this.#measure(timeline);
    }
    const responseMs = responseLatencyMs(timeline);
    const stages = splitResponseLatency(timeline);
    if (hasSound && responseMs !== undefined) {
      this.#reportable.add(open.turn);
      for (const turn of this.#reportable) if (turn < open.turn - REPORTABLE_TURNS) this.#reportable.delete(turn);
    }
    onDocument({
      schema: 1,
      callId,
      turn: open.turn,
      profile: profile.name,
      outcome,
      said: open.said,
      reply: open.reply.join(' '),
      instants: Object.fromEntries(
        Object.entries(timeline).map(([name, atMs]) => [name, Math.max(0, round(atMs - this.#startedAtMs))]),
      ),
      components: componentLatencies(timeline),
      ...(responseMs !== undefined && { responseMs: round(responseMs) }),
      ...(stages !== undefined && { stages: mapValues(stages, round) }),
    });
  }

  #measure(timeline: TurnTimeline): void {
    const { profile, measurements, providers } = this.#options;
    const { sttFinalMs, llmTtftMs, ttsTtfbMs } = componentLatencies(timeline);
    const named = ({ provider, model }: ProviderSettings) => ({ provider, model });
    if (sttFinalMs !== undefined) measurements.observe('turnwise_stt_final_seconds', named(providers.stt), sttFinalMs);
    if (llmTtftMs !== undefined) measurements.observe('turnwise_llm_ttft_seconds', named(providers.llm), llmTtftMs);
    if (ttsTtfbMs !== undefined) measurements.observe('turnwise_tts_ttfb_seconds', named(providers.tts), ttsTtfbMs);
    const responseMs = responseLatencyMs(timeline);
    const stages = splitResponseLatency(timeline);
    if (responseMs === undefined || stages === undefined) return;
    measurements.observe('turnwise_response_seconds', { profile: profile.name }, responseMs);
    measurements.observe('turnwise_endpointing_seconds', {}, stages.endpointingMs);
    measurements.observe('turnwise_text_aggregation_seconds', {}, stages.textAggregationMs);
    measurements.observe('turnwise_playout_seconds', {}, stages.playoutMs);
    if (profile.budget === undefined) return;
    const { budget } = profile;
    const spent = { response: responseMs, turn: stages.endpointingMs, stt: sttFinalMs, llm: llmTtftMs, tts: ttsTtfbMs };
    const allowed = {
      response: budget.responseMs,
      turn: budget.turnMs,
      stt: budget.sttMs,
      llm: budget.llmTtftMs,
      tts: budget.ttsTtfbMs,
    };
    for (const stage of ['response', 'turn', 'stt', 'llm', 'tts'] as const) {
      if ((spent[stage] ?? 0) <= allowed[stage] * VIOLATION_FACTOR) continue;
      measurements.count('turnwise_budget_violations_total', { profile: profile.name, stage });
    }
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

function mapValues<T extends Readonly<Record<keyof T, number>>>(values: T, change: (value: number) => number): T {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, change(value)]),
  ) as unknown as T;
}
