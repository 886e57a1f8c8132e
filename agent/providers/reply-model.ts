/**
 * The language model of a call: warm connections, deadlines on the first useful token, hedging, fallback and breakers around
 * the framework's own plugin.
 */
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import type { ProviderSettings } from '../config/environment.js';
import type { Clock } from '../conversation/clock.js';
import { CallMemory } from '../resilience/call-memory.js';
import { type ResilienceSwitches, shareOf } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { ReplyRequest } from './reply-attempt.js';
import { REPLY_DEADLINES, type ReplyDeadlines, ReplyProvider } from './reply-provider.js';
import { ReplyRace, type ReplyStream } from './reply-race.js';

export type { ReplyRequest } from './reply-attempt.js';
export { ReplyError } from './reply-errors.js';
export type { ReplyStream, ReplyUsage } from './reply-race.js';

export interface ReplyModelOptions {
  /** At least one; the first is asked first. */
  readonly providers: readonly ProviderSettings[];
  readonly switches: ResilienceSwitches;
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** Told of each failed request, once; `kind` is a metric label, e.g. `llm-timeout`. */
  readonly onError: (provider: string, kind: string, error: Error) => void;
  readonly deadlines?: ReplyDeadlines;
  /** Default: of what this model itself was told alone. */
  readonly memory?: CallMemory;
}

/** Idle connections to whom is asked first: one for the next turn, one for what hedges or follows an abort. */
const SPARES = 2;
const SPARES_OF_OTHERS = 1;

/**
 * An LLM for the session, whose replies are asked for with {@link reply}. Failures reach the one who reads a reply, and
 * `onError`; the session gets no error event, since it could not tell a speculation from an answer.
 */
export class ReplyModel extends OpenAiLlm {
  readonly #providers: readonly ReplyProvider[];
  readonly #options: ReplyModelOptions;
  readonly #memory: CallMemory;

  /** @throws RangeError without a provider. */
  constructor(options: ReplyModelOptions) {
    const { clock, measurements, deadlines = REPLY_DEADLINES, memory = new CallMemory() } = options;
    const providers = options.providers.map(
      (settings, index) =>
        new ReplyProvider(settings, {
          place: index,
          spares: index === 0 ? SPARES : SPARES_OF_OTHERS,
          clock,
          measurements,
          memory,
          deadlines,
        }),
    );
    const [first] = providers;
    if (first === undefined) throw new RangeError('A reply model needs at least one provider.');
    const { apiKey, baseUrl, model } = first.settings;
    // For whoever calls `chat()` all the same: the plugin as it is, over the warm connections.
    const client = new OpenAI({
      apiKey,
      baseURL: baseUrl,
      maxRetries: 0,
      logLevel: 'off',
      fetch: (input, init) =>
        first.connections.send(input, init, { onConnection: (wasOpen) => first.noteConnection(wasOpen) }),
    });
    super({ apiKey, client, model });
    this.#providers = providers;
    this.#options = options;
    this.#memory = memory;
  }

  override get model(): string {
    return this.#providers[0]?.model ?? super.model;
  }

  /** Opens the connections; returns at once. To be called as soon as the call is known. */
  warm(): void {
    for (const { connections } of this.#providers) connections.warm();
  }

  /** Asks for a reply at once. */
  reply(request: ReplyRequest): ReplyStream {
    const { switches, clock, measurements, onError } = this.#options;
    const share = shareOf(switches);
    const memory = this.#memory;
    return new ReplyRace(request, {
      providers: this.#providers,
      switches,
      clock,
      measurements,
      onError,
      noteRequest: () => memory.noteRequest('answers', share),
      mayHedge: () => memory.mayHedge('answers', share),
      noteHedge: () => memory.noteExtra('answers'),
    });
  }

  /** Asks the first provider for another model from the next reply on; without a name, for its own again. */
  setModel(name?: string): void {
    const [first] = this.#providers;
    if (first !== undefined) first.model = name ?? first.settings.model;
  }

  /** Ends every connection, with the replies on them. May be called twice. */
  override async aclose(): Promise<void> {
    for (const { connections } of this.#providers) connections.close();
    await super.aclose();
  }

  protected override async _prewarmImpl(): Promise<void> {
    this.warm();
  }
}
