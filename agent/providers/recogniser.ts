/**
 * The recogniser's leg of a call. @livekit/agents-plugin-deepgram 1.8.1 drops empty and `from_finalize` results, sends audio
 * in pieces of 100 ms, skips silence (so that its times are not the audio's) and goes deaf when its socket drops (stt.ts:422,
 * 593; livekit/agents-js#2469): its `STT` is kept for its options and names, and this is what hears.
 *
 * What to do is decided in `recogniser-state.ts`; this file holds the connections, the audio and the timer.
 */
import type { ProviderSettings } from '../config/environment.js';
import type { Clock } from '../conversation/clock.js';
import { CallMemory, latencyKey } from '../resilience/call-memory.js';
import type { ResilienceSwitches } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { Named } from '../turn/answered-by.js';
import { DeepgramConnection, type ListenOptions } from './deepgram-connection.js';
import type { DeepgramResults } from './deepgram-messages.js';
import { DEFAULT_LIMITS, wakeAtMs } from './recogniser-deadlines.js';
import type {
  RecogniserAction,
  RecogniserInput,
  RecogniserLimits,
  RecogniserSettings,
  RecogniserState,
  Sign,
} from './recogniser-forms.js';
import { newRecogniser, step } from './recogniser-state.js';
import { UnsettledAudio } from './unsettled-audio.js';

export interface RecogniserOptions extends ListenOptions {
  /** The first is the primary; others take its place when it fails. */
  readonly providers: readonly [ProviderSettings, ...ProviderSettings[]];
  readonly switches: ResilienceSwitches;
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** Absent: of what this recogniser itself was told alone. */
  readonly memory?: CallMemory;
  /** Absent: {@link DEFAULT_LIMITS}. */
  readonly limits?: RecogniserLimits;
}

export interface RecogniserEvents {
  /**
   * @param originMs - Where the results' second 0 lies, in ms of all audio given to {@link Recogniser.send} since `attach`.
   * @param by - Whose results they are; absent where a Finalize is answered that nobody had anything to answer to.
   */
  readonly onResults: (results: DeepgramResults, originMs: number, by?: Named) => void;
  /**
   * The recogniser mends itself meanwhile.
   * @param kind - For metrics: connect, status, closed, full, protocol, deaf.
   */
  readonly onError: (provider: string, kind: string, error: Error) => void;
}

/** Audio without a final that is kept for another connection, in ms: what is older is no longer worth an answer. */
const KEPT_MS = 10_000;
/** Audio per message, in ms: with pieces of 100 ms the last word of a turn waits 50 ms on average. */
const PIECE_MS = 20;
/** Seconds of audio are counted in batches of this, in ms. */
const COUNTED_MS = 5_000;
/** Errors kept until somebody is attached. */
const MAX_KEPT_ERRORS = 20;

interface Connected {
  readonly connection: DeepgramConnection;
  readonly provider: ProviderSettings;
  /** The sample that this connection heard first; it hears nothing before it was told what is unsettled. */
  origin: number | undefined;
}

/**
 * Hears from its construction on: open it early, {@link attach} when there is somebody to tell, and {@link send} audio.
 * Without `noteVoice` it tells deafness only by a Finalize without an answer.
 */
export class Recogniser {
  readonly #options: RecogniserOptions;
  readonly #settings: RecogniserSettings;
  readonly #memory: CallMemory;
  readonly #keys: { readonly onsets: string; readonly finals: string };
  #state: RecogniserState;
  readonly #lines = new Map<number, Connected>();
  readonly #audio: UnsettledAudio;
  #piece: Int16Array[] = [];
  #pieceSamples = 0;
  #events: RecogniserEvents | undefined;
  #keptErrors: Parameters<RecogniserEvents['onError']>[] = [];
  /** The samples that were given before anybody was attached, or to whom was attached before. */
  #attachedAt = 0;
  #hasSpeech = false;
  #uncounted = new Map<ProviderSettings, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs: number | undefined;
  #isClosed = false;

  constructor(options: RecogniserOptions) {
    this.#options = options;
    const { providers, sampleRateHz, switches, limits = DEFAULT_LIMITS, memory = new CallMemory() } = options;
    this.#settings = { providers: providers.length, sampleRateHz, switches, limits };
    this.#memory = memory;
    // Whichever hears: its latencies are those of the leg.
    const [primary] = providers;
    this.#keys = { onsets: latencyKey('stt-onset', 0, primary), finals: latencyKey('stt-final', 0, primary) };
    this.#state = newRecogniser(this.#settings);
    this.#audio = new UnsettledAudio(this.#samples(KEPT_MS));
    this.#take({ kind: 'start', atMs: options.clock.nowMs() });
  }

  /** From now on results and errors go there; the origin of results is the next sample. Errors from before come at once. */
  attach(events: RecogniserEvents): void {
    this.#sendPiece();
    this.#attachedAt = this.#audio.end;
    this.#events = events;
    const kept = this.#keptErrors;
    this.#keptErrors = [];
    for (const error of kept) events.onError(...error);
  }

  /** Mono PCM, 16 bit, at the rate of the options. The samples are copied. */
  send(samples: Int16Array): void {
    if (this.#isClosed || samples.length === 0) return;
    this.#piece.push(samples.slice());
    this.#pieceSamples += samples.length;
    if (this.#pieceSamples >= this.#samples(PIECE_MS)) this.#sendPiece();
  }

  /**
   * Voice is heard. To be called again while it goes on.
   * @param atMs - Now. @param positionMs - Where in the audio given since `attach`; absent: in what was given last.
   */
  noteVoice(atMs: number, positionMs?: number): void {
    if (this.#isClosed) return;
    this.#noteFirstSpeech();
    const end = this.#audio.end + this.#pieceSamples;
    const position = positionMs === undefined ? end : Math.min(end, this.#attachedAt + this.#samples(positionMs));
    this.#take({ kind: 'voice', atMs, position });
  }

  /** Asks for the final of everything sent. */
  finalize(): void {
    if (this.#isClosed) return;
    this.#noteFirstSpeech();
    this.#sendPiece();
    for (const { connection, origin } of this.#lines.values()) if (origin !== undefined) connection.finalize();
    this.#take({ kind: 'finalize', atMs: this.#options.clock.nowMs(), position: this.#audio.end });
  }

  /** Ends all connections. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#sendPiece();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { connection } of this.#lines.values()) connection.close();
    this.#lines.clear();
    for (const provider of this.#uncounted.keys()) this.#count(provider);
  }

  #samples(ms: number): number {
    return Math.round((this.#options.sampleRateHz * ms) / 1_000);
  }

  /** Audio before any speech waits for nothing that anybody would notice. */
  #noteFirstSpeech(): void {
    if (this.#hasSpeech) return;
    this.#hasSpeech = true;
    const { main } = this.#state;
    const { provider } = this.#options.providers[main?.provider ?? 0] ?? this.#options.providers[0];
    const reused = String(main?.isOpen === true);
    this.#options.measurements.count('turnwise_provider_connections_total', { provider, reused });
  }

  #sendPiece(): void {
    if (this.#pieceSamples === 0) return;
    const samples = new Int16Array(this.#pieceSamples);
    let at = 0;
    for (const part of this.#piece) {
      samples.set(part, at);
      at += part.length;
    }
    this.#piece = [];
    this.#pieceSamples = 0;
    this.#audio.push(samples);
    for (const line of this.#lines.values()) this.#sendTo(line, samples);
  }

  #sendTo({ connection, provider, origin }: Connected, samples: Int16Array): void {
    if (origin === undefined || !connection.isOpen) return;
    connection.sendAudio(samples);
    const uncounted = (this.#uncounted.get(provider) ?? 0) + samples.length;
    this.#uncounted.set(provider, uncounted);
    if (uncounted >= this.#samples(COUNTED_MS)) this.#count(provider);
  }

  #count(settings: ProviderSettings): void {
    const { provider, model } = settings;
    const seconds = (this.#uncounted.get(settings) ?? 0) / this.#options.sampleRateHz;
    this.#uncounted.set(settings, 0);
    if (seconds > 0) this.#options.measurements.count('turnwise_stt_audio_seconds_total', { provider, model }, seconds);
  }

  /** Runs one input through the decisions and does what they say. */
  #take(input: RecogniserInput, results?: DeepgramResults): void {
    if (this.#isClosed) return;
    const { state, actions } = step(this.#recall(), input, this.#settings);
    this.#remember(state);
    this.#state = state;
    this.#audio.settle(state.covered);
    for (const action of actions) this.#act(action, input, results);
    this.#setTimer();
  }

  /** What was learnt since, here and in the worker's other calls. */
  #recall(): RecogniserState {
    const { onsets, finals } = this.#keys;
    const memory = this.#memory;
    return {
      ...this.#state,
      budget: memory.budget('recognition'),
      onsets: memory.latencies(onsets),
      finals: memory.latencies(finals),
    };
  }

  #remember(state: RecogniserState): void {
    const memory = this.#memory;
    for (const kind of ['onsets', 'finals'] as const) {
      const key = this.#keys[kind];
      const latest = state[kind].samplesMs.at(-1);
      if (state[kind] !== memory.latencies(key) && latest !== undefined) memory.noteLatency(key, latest);
    }
    memory.setBudget('recognition', state.budget);
  }

  #act(action: RecogniserAction, input: RecogniserInput, results: DeepgramResults | undefined): void {
    const { measurements, providers } = this.#options;
    switch (action.kind) {
      case 'connect':
        this.#connect(action.id, providers[action.provider] ?? providers[0]);
        return;
      case 'close':
        this.#lines.get(action.id)?.connection.close();
        this.#lines.delete(action.id);
        return;
      case 'replay':
        this.#replay(action.id, action.from, action.finalizeAt);
        return;
      case 'deliver':
        if (results === undefined || input.kind !== 'results' || input.sign.until < this.#attachedAt) return;
        this.#deliver({ ...results, from_finalize: action.isAnswer }, this.#lines.get(input.id));
        return;
      case 'answer':
        this.#tell(EMPTY_ANSWER, action.position);
        return;
      case 'deaf': {
        const { provider } = providers[action.provider] ?? providers[0];
        this.#fail(provider, 'deaf', new Error('The recogniser gave no words in time; its connection was given up.'));
        return;
      }
      case 'failover':
        measurements.count('turnwise_failovers_total', { component: 'stt' });
        return;
      case 'hedged':
        measurements.count('turnwise_hedges_total', { component: 'stt', winner: action.winner });
        return;
      case 'breaker':
        measurements.count('turnwise_breaker_transitions_total', { component: 'stt', state: action.state });
        return;
    }
  }

  #connect(id: number, provider: ProviderSettings): void {
    const { clock } = this.#options;
    const { baseUrl, apiKey, model } = provider;
    const connection = new DeepgramConnection(
      { ...this.#options, baseUrl, apiKey, model },
      {
        onOpen: () => {
          this.#sendPiece();
          this.#take({ kind: 'opened', atMs: clock.nowMs(), id, position: this.#audio.end });
        },
        onResults: (results) => {
          const sign = this.#signOf(results, this.#lines.get(id)?.origin ?? 0);
          this.#take({ kind: 'results', atMs: clock.nowMs(), id, sign }, results);
        },
        onGarbage: (error) => this.#fail(provider.provider, 'protocol', error),
        onEnd: (kind, error) => {
          this.#lines.delete(id);
          this.#fail(provider.provider, kind, error);
          this.#take({ kind: 'ended', atMs: clock.nowMs(), id, isRefusal: kind === 'connect' || kind === 'status' });
        },
      },
    );
    this.#lines.set(id, { connection, provider, origin: undefined });
  }

  #replay(id: number, from: number, finalizeAt: readonly number[]): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    const pieces = this.#audio.since(from);
    line.origin = pieces[0]?.from ?? this.#audio.end;
    let asked = 0;
    for (const piece of pieces) {
      while ((finalizeAt[asked] ?? Number.POSITIVE_INFINITY) <= piece.from) {
        line.connection.finalize();
        asked += 1;
      }
      this.#sendTo(line, piece.samples);
    }
    for (; asked < finalizeAt.length; asked += 1) line.connection.finalize();
  }

  #signOf(results: DeepgramResults, origin: number): Sign {
    const [best] = results.channel.alternatives;
    const words = best?.words ?? [];
    const position = (seconds: number) => origin + Math.round(seconds * this.#options.sampleRateHz);
    // A final is about its words, also where the last one ends a little after the stretch.
    const untilSeconds = Math.max(results.start + results.duration, words.at(-1)?.end ?? 0);
    const [first] = words;
    return {
      hasWords: (best?.transcript ?? '').trim() !== '',
      from: first === undefined ? undefined : position(first.start),
      until: Math.min(position(untilSeconds), this.#audio.end),
      isFinal: results.is_final,
      isAnswer: results.is_final && results.from_finalize === true,
    };
  }

  #deliver(results: DeepgramResults, { origin = 0, provider: by }: Partial<Connected> = {}): void {
    this.#tell(results, origin, by && { provider: by.provider, model: by.model });
  }

  #tell(results: DeepgramResults, origin: number, by?: Named): void {
    this.#events?.onResults(results, ((origin - this.#attachedAt) * 1_000) / this.#options.sampleRateHz, by);
  }

  #fail(provider: string, kind: string, error: Error): void {
    if (this.#isClosed) return;
    if (this.#events !== undefined) this.#events.onError(provider, kind, error);
    else if (this.#keptErrors.length < MAX_KEPT_ERRORS) this.#keptErrors.push([provider, kind, error]);
  }

  #setTimer(): void {
    const atMs = this.#isClosed ? undefined : wakeAtMs(this.#state, this.#settings);
    if (atMs === this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    if (atMs === undefined) return;
    const { clock } = this.#options;
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = undefined;
        this.#take({ kind: 'time', atMs: clock.nowMs() });
      },
      Math.max(0, Math.ceil(atMs - clock.nowMs())),
    );
  }
}

/** What a recogniser answers to a Finalize when it has nothing more to say. */
const EMPTY_ANSWER: DeepgramResults = Object.freeze({
  type: 'Results',
  is_final: true,
  speech_final: false,
  from_finalize: true,
  start: 0,
  duration: 0,
  channel: { alternatives: [{ transcript: '', confidence: 0, words: [] }] },
});
