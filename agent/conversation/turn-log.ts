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

/** One turn of the caller's and the replies to it. */
export class Turn {
  /** Counts from 1 within a call; the greeting is 0. */
  readonly id: number;
  readonly said: string;
  /** 0 to 1, of the words that started the turn; 1 for typed text. */
  readonly confidence: number;
  readonly #clock: Clock;
  readonly #onDone: (turn: Turn) => void;
  readonly #timeline: { -readonly [Name in Instant]?: number };
  readonly #reply: string[] = [];
  #wasInterrupted = false;
  #replies = 0;
  #isDone = false;

  constructor(
    { id, said, confidence }: Pick<Turn, 'id' | 'said' | 'confidence'>,
    timeline: TurnTimeline,
    clock: Clock,
    onDone: (turn: Turn) => void,
  ) {
    this.id = id;
    this.said = said;
    this.confidence = confidence;
    this.#timeline = { ...timeline };
    this.#clock = clock;
    this.#onDone = onDone;
  }

  get timeline(): TurnTimeline {
    return this.#timeline;
  }

  /** What was said in reply, as far as it was played. */
  get reply(): string {
    return this.#reply.join(' ');
  }

  get outcome(): TurnOutcome {
    if (this.#wasInterrupted) return 'interrupted';
    return this.#timeline.playoutStartedAtMs === undefined ? 'unanswered' : 'answered';
  }

  get hasReplies(): boolean {
    return this.#replies > 0;
  }

  /** Notes that something happened now; the first time counts, except for requests that are made again. */
  mark(instant: Instant): void {
    const timeline = this.#timeline;
    const isRequestAgain = instant === 'llmRequestedAtMs' && timeline.firstTokenAtMs === undefined;
    const isLast = instant === 'playoutEndedAtMs';
    if (timeline[instant] === undefined || isRequestAgain || isLast) timeline[instant] = this.#clock.nowMs();
  }

  addReply(text: string): void {
    this.#reply.push(text);
  }

  markInterrupted(): void {
    this.#wasInterrupted = true;
  }

  /** A reply to this turn is on its way; the turn stays open until the last of them is done. */
  beginReply(): void {
    this.#replies += 1;
  }

  endReply(): void {
    this.#replies -= 1;
    if (this.#replies <= 0) this.close();
  }

  /** Nothing more comes. Only the first call counts. */
  close(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone(this);
  }
}

export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #startedAtMs: number;
  #turns = 0;
  #latest: Turn | undefined;
  readonly #open = new Set<Turn>();
  /** Turns that ended with sound and that nobody has reported about yet. */
  readonly #reportable = new Set<number>();

  constructor(options: TurnLogOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  /** The turn that was opened last. */
  get latest(): Turn | undefined {
    return this.#latest;
  }

  /** The greeting is turn 0: it answers no words. */
  openGreeting(): Turn {
    return this.#begin({ id: 0, said: '', confidence: 1 }, { committedAtMs: this.#options.clock.nowMs() });
  }

  openTurn(said: string, confidence: number, timeline: TurnTimeline): Turn {
    this.#turns += 1;
    return this.#begin({ id: this.#turns, said, confidence }, timeline);
  }

  /** Ends whatever is open. */
  closeAll(): void {
    for (const turn of this.#open) turn.close();
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

  #begin(about: Pick<Turn, 'id' | 'said' | 'confidence'>, timeline: TurnTimeline): Turn {
    // A turn that nobody began to answer by now is not answered any more: the next one takes its place.
    if (this.#latest?.hasReplies === false) this.#latest.close();
    const turn = new Turn(about, timeline, this.#options.clock, (done) => this.#report(done));
    this.#latest = turn;
    this.#open.add(turn);
    return turn;
  }

  #report(turn: Turn): void {
    this.#open.delete(turn);
    const { profile, measurements, callId, onDocument } = this.#options;
    const { timeline, outcome } = turn;
    if (turn.id > 0) {
      measurements.count('turnwise_turns_total', { profile: profile.name, outcome });
      this.#measure(timeline);
    }
    const responseMs = responseLatencyMs(timeline);
    const stages = splitResponseLatency(timeline);
    if (responseMs !== undefined) {
      this.#reportable.add(turn.id);
      for (const id of this.#reportable) if (id < turn.id - REPORTABLE_TURNS) this.#reportable.delete(id);
    }
    onDocument({
      schema: 1,
      callId,
      turn: turn.id,
      profile: profile.name,
      outcome,
      said: turn.said,
      reply: turn.reply,
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
