/** One synthesiser as the voice sees it: its link, how fast it has been, and whether it may be asked. */
import type { ProviderSettings } from '../config/environment.js';
import type { Clock } from '../conversation/clock.js';
import { allows, CLOSED, noteFailure, noteNothing, noteSuccess, noteTrial, stateOf } from '../resilience/breaker.js';
import { type CallMemory, latencyKey } from '../resilience/call-memory.js';
import { type DeadlineLimits, deadlineMs } from '../resilience/deadline.js';
import type { Measurements } from '../telemetry/metrics.js';
import { CartesiaLink } from './cartesia-link.js';

export interface VoiceSettings extends ProviderSettings {
  readonly voice: string;
}

/** First byte of a streaming synthesiser: 40 to 200 ms when all is well, so that below 250 ms a wait is no sign of trouble. */
const FIRST_BYTE_LIMITS: DeadlineLimits = { initialMs: 600, leastMs: 250, mostMs: 1_500 };
/** Errors of the request itself, which say nothing of the provider: malformed, no such voice, too long. */
const OF_THE_REQUEST = new Set([400, 404, 413, 422]);
/** Errors of the account: key, payment, rights. */
const OF_THE_ACCOUNT = new Set([401, 402, 403]);

export function isOfTheRequest(status: number | undefined): boolean {
  return status !== undefined && OF_THE_REQUEST.has(status);
}

/** Whether the same request would meet the same error again. */
export function isLasting(status: number | undefined): boolean {
  return isOfTheRequest(status) || (status !== undefined && OF_THE_ACCOUNT.has(status));
}

export class VoiceProvider {
  readonly settings: VoiceSettings;
  readonly link: CartesiaLink;
  readonly #clock: Clock;
  readonly #measurements: Measurements;
  readonly #memory: CallMemory;
  readonly #key: string;
  #breaker = CLOSED;

  constructor(
    settings: VoiceSettings,
    {
      place,
      language,
      clock,
      measurements,
      memory,
      onError,
    }: {
      /** In the list of providers. */
      readonly place: number;
      readonly language: string;
      readonly clock: Clock;
      readonly measurements: Measurements;
      readonly memory: CallMemory;
      readonly onError: (error: Error) => void;
    },
  ) {
    this.settings = settings;
    this.#clock = clock;
    this.#measurements = measurements;
    this.#memory = memory;
    this.#key = latencyKey('tts', place, settings);
    this.link = new CartesiaLink({ ...settings, language }, clock, { onError });
  }

  /** How long a first byte may take, in ms, before something is done about it. */
  get deadlineMs(): number {
    return deadlineMs(this.#memory.latencies(this.#key), FIRST_BYTE_LIMITS);
  }

  get isAllowed(): boolean {
    return allows(this.#breaker, this.#clock.nowMs());
  }

  /** A request is sent. */
  noteTrial(): void {
    const nowMs = this.#clock.nowMs();
    this.#breaker = noteTrial(this.#breaker, nowMs);
    const state = stateOf(this.#breaker, nowMs);
    if (state === 'half-open')
      this.#measurements.count('turnwise_breaker_transitions_total', { component: 'tts', state });
  }

  /** @param ms - Request to first byte. */
  noteSound(ms: number): void {
    this.#memory.noteLatency(this.#key, ms);
    this.#turn(noteSuccess(this.#breaker));
  }

  /** An attempt was given up before it told anything. */
  noteCancelled(): void {
    this.#breaker = noteNothing(this.#breaker);
  }

  noteFailure(): void {
    this.#turn(noteFailure(this.#breaker, this.#clock.nowMs()));
  }

  #turn(breaker: typeof CLOSED): void {
    const nowMs = this.#clock.nowMs();
    const before = stateOf(this.#breaker, nowMs);
    this.#breaker = breaker;
    const state = stateOf(breaker, nowMs);
    if (state === before) return;
    this.#measurements.count('turnwise_breaker_transitions_total', { component: 'tts', state });
  }
}
