/**
 * One provider of replies as a call knows it: its connections, how fast it was lately, and whether it may be asked.
 */

import type { ProviderSettings } from '../config/environment.js';
import type { Clock } from '../conversation/clock.js';
import {
  allows,
  type Breaker,
  CLOSED,
  noteFailure,
  noteNothing,
  noteSuccess,
  noteTrial,
  stateOf,
} from '../resilience/breaker.js';
import { type CallMemory, latencyKey } from '../resilience/call-memory.js';
import { type DeadlineLimits, deadlineMs, lateQuantile, SECOND_QUANTILE } from '../resilience/deadline.js';
import type { Measurements } from '../telemetry/metrics.js';
import { Connections } from './openai-connections.js';
import type { CountedUsage } from './openai-tap.js';
import type { Asked } from './reply-plan.js';

/** What holds for first tokens and for silences between them; all in ms. */
export interface ReplyDeadlines {
  /** Within what a quantile of recent first tokens is believed. */
  readonly late: DeadlineLimits;
  /** A request counts as failed at three times their ninth decile, within these. */
  readonly failsLeastMs: number;
  readonly failsMostMs: number;
  /** How long who alone can be asked is waited for. */
  readonly endsMs: number;
  /** The longest silence between two tokens. */
  readonly idleMs: number;
}

export const REPLY_DEADLINES: ReplyDeadlines = Object.freeze({
  late: Object.freeze({ initialMs: 1_000, leastMs: 200, mostMs: 2_500 }),
  failsLeastMs: 1_500,
  failsMostMs: 4_000,
  // The framework's own limit: a model on a machine of one's own may well take seconds.
  endsMs: 10_000,
  idleMs: 3_000,
});

/** A second request sent within the noise of timing wins nothing, in ms. */
const LATE_SLACK_MS = 50;
const FAILS_AT_TIMES = 3;
/** Without deadlines nothing may hang for ever all the same: the framework's own limit, in ms. */
const UNBOUNDED_MS = 10_000;
/** Of English prose and JSON; used until a usage has told the provider's own. */
const TOKENS_PER_CHARACTER = 0.25;

export class ReplyProvider {
  readonly settings: ProviderSettings;
  readonly connections: Connections;
  readonly #clock: Clock;
  readonly #measurements: Measurements;
  readonly #deadlines: ReplyDeadlines;
  readonly #place: number;
  readonly #memory: CallMemory;
  #breaker: Breaker = CLOSED;
  #tokensPerCharacter = TOKENS_PER_CHARACTER;
  /** Asked instead of the settings' model while set. */
  model: string;

  constructor(
    settings: ProviderSettings,
    {
      place,
      spares,
      clock,
      measurements,
      memory,
      deadlines,
    }: {
      /** In the list of providers. */
      readonly place: number;
      readonly spares: number;
      readonly clock: Clock;
      readonly measurements: Measurements;
      readonly memory: CallMemory;
      readonly deadlines: ReplyDeadlines;
    },
  ) {
    this.settings = settings;
    this.model = settings.model;
    this.connections = new Connections({ baseUrl: settings.baseUrl, apiKey: settings.apiKey, spares });
    this.#clock = clock;
    this.#measurements = measurements;
    this.#deadlines = deadlines;
    this.#place = place;
    this.#memory = memory;
  }

  get allows(): boolean {
    return allows(this.#breaker, this.#clock.nowMs());
  }

  /** Its last request did not fail. */
  get isWell(): boolean {
    return this.#breaker.failuresInARow === 0;
  }

  get idleMs(): number {
    return this.#deadlines.idleMs;
  }

  /**
   * When a request counts as late and when as failed, in ms after it is sent.
   * @param isHedge - It is a second request itself: the caller has waited long enough already.
   */
  deadlines(areOn: boolean, isHedge = false): Pick<Asked, 'lateAfterMs' | 'failsAfterMs' | 'endsAfterMs'> {
    const recent = this.#memory.latencies(this.#key(this.model));
    const { late, failsLeastMs, failsMostMs, endsMs } = this.#deadlines;
    const quantile = isHedge ? SECOND_QUANTILE : lateQuantile(this.#memory.reserve('answers'));
    const lateAfterMs = deadlineMs(recent, late, quantile) + LATE_SLACK_MS;
    if (!areOn) return { lateAfterMs, failsAfterMs: UNBOUNDED_MS, endsAfterMs: UNBOUNDED_MS };
    const slowMs = (deadlineMs(recent, late) + LATE_SLACK_MS) * FAILS_AT_TIMES;
    const failsAfterMs = Math.min(failsMostMs, Math.max(failsLeastMs, slowMs));
    return { lateAfterMs, failsAfterMs, endsAfterMs: Math.max(failsAfterMs, endsMs) };
  }

  noteSent(): void {
    if (stateOf(this.#breaker, this.#clock.nowMs()) === 'half-open') this.#tell('half-open');
    this.#breaker = noteTrial(this.#breaker, this.#clock.nowMs());
  }

  /**
   * @param model - Which was asked.
   * @param ms - From request to first useful token; of a loser, how long it had been silent.
   */
  noteLatency(model: string, ms: number): void {
    this.#memory.noteLatency(this.#key(model), ms);
  }

  noteSuccess(): void {
    const wasClosed = this.#breaker.restsUntilMs === undefined;
    this.#breaker = noteSuccess(this.#breaker);
    if (!wasClosed) this.#tell('closed');
  }

  noteFailure(): void {
    const nowMs = this.#clock.nowMs();
    const before = stateOf(this.#breaker, nowMs);
    this.#breaker = noteFailure(this.#breaker, nowMs);
    if (before !== 'open' && stateOf(this.#breaker, nowMs) === 'open') this.#tell('open');
  }

  noteNothing(): void {
    this.#breaker = noteNothing(this.#breaker);
  }

  /** What a lost answer's prompt cost: nobody tells it, so the provider's own ratio of the last answers is taken. */
  estimatedPromptTokens(characters: number): number {
    return Math.round(characters * this.#tokensPerCharacter);
  }

  /** Counts what a request cost. @param characters - Of the request's body. */
  noteUsage(model: string, usage: CountedUsage, characters: number, isEstimate: boolean): void {
    if (!isEstimate && usage.promptTokens > 0 && characters > 0) {
      this.#tokensPerCharacter = usage.promptTokens / characters;
    }
    const kinds = { prompt: usage.promptTokens, cached: usage.cachedTokens, completion: usage.completionTokens };
    for (const [kind, tokens] of Object.entries(kinds)) {
      if (tokens === 0) continue;
      this.#measurements.count('turnwise_llm_tokens_total', { provider: this.settings.provider, model, kind }, tokens);
    }
  }

  noteConnection(wasOpen: boolean): void {
    const labels = { provider: this.settings.provider, reused: String(wasOpen) };
    this.#measurements.count('turnwise_provider_connections_total', labels);
  }

  #key(model: string): string {
    return latencyKey('llm', this.#place, { provider: this.settings.provider, model });
  }

  #tell(state: 'open' | 'half-open' | 'closed'): void {
    this.#measurements.count('turnwise_breaker_transitions_total', { component: 'llm', state });
  }
}
