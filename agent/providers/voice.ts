/**
 * The synthesiser's leg: text in, sound out, through one warm socket for each provider, with deadlines, hedging, fallback and
 * breakers. @livekit/agents-plugin-cartesia lends its class, so that the framework knows provider, model and rate.
 */
import { getBaseLanguage } from '@livekit/agents';
import { TTS as CartesiaTts } from '@livekit/agents-plugin-cartesia';
import type { Clock } from '../conversation/clock.js';
import { CallMemory } from '../resilience/call-memory.js';
import { type ResilienceSwitches, shareOf } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { AnsweredBy } from '../turn/answered-by.js';
import type { EmotionOf } from '../turn/emotion.js';
import { VOICE_RATE_HZ } from './cartesia-messages.js';
import { CartesiaError } from './cartesia-socket.js';
import { VoiceProvider, type VoiceSettings } from './voice-provider.js';
import type { VoiceChunk } from './voice-sound.js';
import { type AttemptReason, type VoiceSign, VoiceUtterance } from './voice-utterance.js';

export { VOICE_RATE_HZ } from './cartesia-messages.js';
export type { VoiceSettings } from './voice-provider.js';
export type { VoiceChunk } from './voice-sound.js';
export type { VoiceSign } from './voice-utterance.js';
export { VoiceError } from './voice-utterance.js';

export interface VoiceOptions {
  /** At least one; the first is asked first. */
  readonly providers: readonly VoiceSettings[];
  /** As in BCP 47; the synthesiser is told its base language. */
  readonly language: string;
  readonly switches: ResilienceSwitches;
  /** Whether silence before an utterance is left out. On by default. */
  readonly trimsSilence?: boolean;
  /** In which emotion an utterance is spoken, by its first piece. None by default. */
  readonly emotionOf?: EmotionOf;
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** Default: of what this voice itself was told alone. */
  readonly memory?: CallMemory;
  /** `kind` is for metrics: connect, status, closed, protocol, empty, timeout, stalled. The voice mends itself meanwhile. */
  readonly onError: (provider: string, kind: string, error: Error) => void;
}

/** @param of - The request that it came of. */
export type OnVoiceSign = (sign: VoiceSign, of: AnsweredBy) => void;

/** One text on its way to sound. */
export interface Utterance {
  /** Sends a piece of the text, letter for letter; nothing after `end` or `cancel`. */
  push(text: string): void;
  /** The text is complete. */
  end(): void;
  /** Ends it without a further chunk and tells the synthesiser to stop; its socket stays. */
  cancel(): void;
  /** It was speculative and is wanted: from now on it may be hedged. */
  adopt(): void;
  /** To be read once. Ends with the sound; @throws {@link VoiceError} when no provider could speak the text, or its rest. */
  readonly chunks: AsyncIterable<VoiceChunk>;
  /** Characters sent to providers so far, resends and hedges included. */
  readonly charactersSent: number;
}

export class Voice extends CartesiaTts {
  readonly #options: VoiceOptions;
  readonly #providers: readonly VoiceProvider[];
  readonly #utterances = new Set<VoiceUtterance>();
  readonly #memory: CallMemory;
  #isClosed = false;

  constructor(options: VoiceOptions) {
    const { providers, clock, measurements, onError, memory = new CallMemory() } = options;
    const [primary] = providers;
    if (primary === undefined) throw new RangeError('The voice needs at least one provider.');
    const { model, voice, apiKey, baseUrl } = primary;
    const language = getBaseLanguage(options.language);
    super({ model, voice, apiKey, baseUrl, language, sampleRate: VOICE_RATE_HZ });
    this.#options = options;
    this.#memory = memory;
    this.#providers = providers.map(
      (settings, place) =>
        new VoiceProvider(settings, {
          ...{ place, language, clock, measurements, memory },
          onError: (error) =>
            onError(settings.provider, error instanceof CartesiaError ? error.kind : 'protocol', error),
        }),
    );
  }

  /** Opens a socket to every provider ahead of the first text; from then on they are kept. */
  warm(): void {
    if (this.#isClosed) return;
    for (const { link } of this.#providers) link.warm();
  }

  /** What the framework calls when it means {@link warm}. */
  override prewarm(): void {
    this.warm();
  }

  /** @param o - `isSpeculative`: perhaps nobody wants it, so that no second request is paid for it. */
  open(o: { readonly isSpeculative?: boolean; readonly onSign?: OnVoiceSign | undefined } = {}): Utterance {
    if (this.#isClosed) throw new Error('The voice is closed.');
    const { switches, trimsSilence = true, emotionOf = () => undefined, clock, measurements, onError } = this.#options;
    let isCounted = false;
    const utterance = new VoiceUtterance(
      {
        providers: this.#providers,
        switches,
        trimsSilence,
        emotionOf,
        clock,
        mayHedge: () => this.#memory.mayHedge('answers', shareOf(switches)),
        onAttempt: ({ settings: { provider } }, reason, isReady) => {
          this.#note(reason);
          if (isCounted) return;
          isCounted = true;
          measurements.count('turnwise_provider_connections_total', { provider, reused: String(isReady) });
        },
        onHedged: (winner) => measurements.count('turnwise_hedges_total', { component: 'tts', winner }),
        onSent: ({ settings: { provider, model } }, characters) =>
          measurements.count('turnwise_tts_characters_total', { provider, model }, characters),
        onSign: (sign, of) => o.onSign?.(sign, of),
        onError: ({ settings: { provider } }, error) => onError(provider, error.kind, error),
        onOver: (over) => this.#utterances.delete(over),
      },
      o.isSpeculative === true,
    );
    this.#utterances.add(utterance);
    return utterance;
  }

  /** Cancels what is being said, then closes the sockets. May be called twice. */
  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const utterance of this.#utterances) utterance.cancel();
    for (const { link } of this.#providers) link.close();
    await super.close();
  }

  #note(reason: AttemptReason): void {
    switch (reason) {
      case 'first':
      case 'continuation':
        this.#memory.noteRequest('answers', shareOf(this.#options.switches));
        return;
      case 'hedge':
        this.#memory.noteExtra('answers');
        return;
      case 'failover':
        this.#options.measurements.count('turnwise_failovers_total', { component: 'tts' });
    }
  }
}
