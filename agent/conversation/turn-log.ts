/**
 * Keeps the instants of each turn of one call, and when a turn is over tells the room (`turnwise.turn`) and the metrics.
 * A turn is open from its commit until the reply to it is done.
 */
import { type TurnDocument, type TurnWaiting, WAITING_MAX_PIECES } from '../../wire/turn.js';
import type { ProviderSettings } from '../config/environment.js';
import type { Profile } from '../config/profiles.js';
import type { Measurements } from '../telemetry/metrics.js';
import { componentLatencies, responseLatencyMs, splitResponseLatency, type TurnTimeline } from '../turn/timeline.js';
import type { WaitRecord } from '../turn/wait.js';
import type { Clock } from './clock.js';
import { Turn, type TurnOpening } from './turn.js';

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
/** How long the account of an interrupted turn waits for the turn that may supersede it, in ms: one long sentence. */
const SUPERSEDED_WITHIN_MS = 15_000;

export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #startedAtMs: number;
  #turns = 0;
  #latest: Turn | undefined;
  readonly #open = new Set<Turn>();
  /** Turns that ended with sound and that nobody has reported about yet. */
  readonly #reportable = new Set<number>();
  /** An interrupted turn that is done, while nobody knows yet whether the next one supersedes it. */
  #held: Turn | undefined;
  #heldTimer: NodeJS.Timeout | undefined;

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
    const timeline = { committedAtMs: this.#options.clock.nowMs() };
    return this.#begin(0, { said: '', confidence: 1, timeline });
  }

  openTurn(opening: TurnOpening): Turn {
    this.#turns += 1;
    opening.continued?.supersede(this.#turns);
    return this.#begin(this.#turns, opening);
  }

  /** Ends whatever is open. */
  closeAll(): void {
    for (const turn of this.#open) turn.close();
    this.#releaseHeld();
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

  #begin(id: number, opening: TurnOpening): Turn {
    this.#releaseHeld();
    // A turn that nobody began to answer by now is not answered any more: the next one takes its place.
    const unanswered = this.#latest?.hasReplies === false ? this.#latest : undefined;
    const turn = new Turn(id, opening, this.#options.clock, (done) => this.#onDone(done));
    this.#latest = turn;
    this.#open.add(turn);
    unanswered?.close();
    return turn;
  }

  #onDone(turn: Turn): void {
    this.#open.delete(turn);
    const mayBeSuperseded = turn.id > 0 && turn === this.#latest && turn.outcome === 'interrupted';
    if (!mayBeSuperseded) {
      this.#report(turn);
      return;
    }
    this.#held = turn;
    this.#heldTimer = setTimeout(() => this.#releaseHeld(), SUPERSEDED_WITHIN_MS).unref();
  }

  #releaseHeld(): void {
    clearTimeout(this.#heldTimer);
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#report(held);
  }

  #report(turn: Turn): void {
    const { profile, measurements, callId, onDocument } = this.#options;
    const { timeline, outcome } = turn;
    if (turn.id > 0) {
      measurements.count('turnwise_turns_total', { profile: profile.name, outcome });
      // An answer that came too soon would flatter every latency there is.
      if (turn.supersededBy === undefined) this.#measure(timeline);
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
      ...(turn.wasSpeculated && { speculated: true }),
      ...(turn.waiting !== undefined && { waiting: rounded(turn.waiting) }),
      ...(Object.keys(turn.overlaps).length > 0 && { overlaps: turn.overlaps }),
      ...(turn.continued !== undefined && { continues: turn.continued.id }),
      ...(turn.supersededBy !== undefined && { supersededBy: turn.supersededBy }),
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

/** As the document carries it: in tenths of a ms, what weighs least as one sum when there are too many pieces. */
function rounded({ waitMs, silenceMs, contributions, scores }: WaitRecord): TurnWaiting {
  const pieces = Object.entries(contributions).toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const others = pieces.length > WAITING_MAX_PIECES ? pieces.splice(WAITING_MAX_PIECES - 1) : [];
  if (others.length > 0) pieces.push(['others', others.reduce((sum, [, ms]) => sum + ms, 0)]);
  return {
    waitMs: round(waitMs),
    silenceMs: round(silenceMs),
    contributions: Object.fromEntries(pieces.map(([name, ms]) => [name, round(ms)])),
    scores: scores.slice(-8).map((score) => Math.round(score * 1_000) / 1_000),
  };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

function mapValues<T extends Readonly<Record<keyof T, number>>>(values: T, change: (value: number) => number): T {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, change(value)]),
  ) as unknown as T;
}
