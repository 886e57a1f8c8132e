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
import { type DeadlineLimits, deadlineMs, NO_LATENCIES, noteLatency } from '../resilience/deadline.js';
import type { Measurements } from '../telemetry/metrics.js';
import { Connections } from './openai-connections.js';
import type { CountedUsage } from './openai-tap.js';
import type { Asked } from './reply-plan.js';

/** What holds for first tokens and for silences between them; all in ms. */
export interface ReplyDeadlines {
  /** Within what the ninth decile of recent first tokens is believed. */
  readonly late: DeadlineLimits;
  /** A request counts as failed at three times that, within these. */
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
  #breaker: Breaker = CLOSED;
  #latencies = NO_LATENCIES;
  #tokensPerCharacter = TOKENS_PER_CHARACTER;
  /** Asked instead of the settings' model while set. */
  model: string;

  constructor(
    settings: ProviderSettings,
    {
      spares,
      clock,
      measurements,
      deadlines,
    }: {
      readonly spares: number;
      readonly clock: Clock;
      readonly measurements: Measurements;
      readonly deadlines: ReplyDeadlines;
    },
  ) {
    this.settings = settings;
    this.model = settings.model;
    this.connections = new Connections({ baseUrl: settings.baseUrl, apiKey: settings.apiKey, spares });
    this.#clock = clock;
    this.#measurements = measurements;
    this.#deadlines = deadlines;
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

  /** When a request counts as late and when as failed, in ms after it is sent. */
  deadlines(areOn: boolean): Pick<Asked, 'lateAfterMs' | 'failsAfterMs' | 'endsAfterMs'> {
    const lateAfterMs = deadlineMs(this.#latencies, this.#deadlines.late) + LATE_SLACK_MS;
    if (!areOn) return { lateAfterMs, failsAfterMs: UNBOUNDED_MS, endsAfterMs: UNBOUNDED_MS };
    const { failsLeastMs, failsMostMs, endsMs } = this.#deadlines;
    const failsAfterMs = Math.min(failsMostMs, Math.max(failsLeastMs, lateAfterMs * FAILS_AT_TIMES));
    return { lateAfterMs, failsAfterMs, endsAfterMs: Math.max(failsAfterMs, endsMs) };
  }

  noteSent(): void {
    if (stateOf(this.#breaker, this.#clock.nowMs()) === 'half-open') this.#tell('half-open');
    this.#breaker = noteTrial(this.#breaker, this.#clock.nowMs());
  }

  /** @param ms - From request to first useful token; of a loser, how long it had been silent. */
  noteLatency(ms: number): void {
    this.#latencies = noteLatency(this.#latencies, ms);
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

  #tell(state: 'open' | 'half-open' | 'closed'): void {
    this.#measurements.count('turnwise_breaker_transitions_total', { component: 'llm', state });
  }
}
