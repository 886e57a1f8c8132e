/**
 * One connection to Deepgram's `/v1/listen`, from its handshake to its end. It mends nothing: what becomes of a call whose
 * connection ends is decided above it (`recogniser-state.ts`).
 */
import { WebSocket } from 'ws';
import { type DeepgramResults, parseDeepgramMessage } from './deepgram-messages.js';

/** What every connection of a call asks for. */
export interface ListenOptions {
  readonly language: string;
  readonly sampleRateHz: number;
  /** Silence after which the recogniser itself ends a stretch, in ms. */
  readonly endpointingMs: number;
  readonly keyterms: readonly string[];
  /** Gap after the last word after which the recogniser says that the utterance is over, in ms, 1 s at least; absent: it does not. */
  readonly utteranceEndMs?: number;
  readonly vadEvents?: boolean;
}

export interface DeepgramConnectionOptions extends ListenOptions {
  /** ws:// or wss://, without a path. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

export interface DeepgramConnectionEvents {
  readonly onOpen: () => void;
  readonly onResults: (results: DeepgramResults) => void;
  /** A message that was none of the protocol's; the connection goes on. */
  readonly onGarbage: (error: Error) => void;
  /** Once, unless closed by its owner. `kind` is for metrics: connect, status, closed, full. */
  readonly onEnd: (kind: ConnectionEnd, error: Error) => void;
}

export type ConnectionEnd = 'connect' | 'status' | 'closed' | 'full';

/** A handshake that takes longer is given up, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Deepgram closes a connection that got nothing for 10 s (NET-0001), and asks for a sign of life every 3 to 5 s. */
const KEEP_ALIVE_MS = 4_000;
/** Audio that the network does not take away: nobody reads at the other end, in ms. */
const MAX_UNSENT_MS = 10_000;
/** Deepgram refuses a connection that asks for a shorter gap than this with status 400, in ms. */
const LEAST_UTTERANCE_END_MS = 1_000;
/** How long the other end may take for its part of the farewell, in ms. */
const FAREWELL_MS = 1_000;

export class DeepgramConnection {
  readonly #socket: WebSocket;
  readonly #events: DeepgramConnectionEvents;
  readonly #keepAlive: NodeJS.Timeout;
  readonly #maxUnsentBytes: number;
  #hasSent = false;
  #isOver = false;
  #failure: { readonly kind: ConnectionEnd; readonly error: Error } | undefined;

  constructor(options: DeepgramConnectionOptions, events: DeepgramConnectionEvents) {
    this.#events = events;
    this.#maxUnsentBytes = (options.sampleRateHz * 2 * MAX_UNSENT_MS) / 1_000;
    this.#keepAlive = setInterval(() => {
      if (!this.#hasSent) this.#send('{"type":"KeepAlive"}');
      this.#hasSent = false;
    }, KEEP_ALIVE_MS);
    this.#socket = new WebSocket(listenUrl(options), {
      headers: { Authorization: `Token ${options.apiKey}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
    });
    this.#socket.on('open', () => {
      if (!this.#isOver) events.onOpen();
    });
    this.#socket.on('unexpected-response', (request, response) => {
      this.#fail('status', new Error(`The recogniser refused the connection with status ${response.statusCode}.`));
      request.destroy();
    });
    this.#socket.on('message', (data) => {
      if (!this.#isOver) this.#take(String(data));
    });
    this.#socket.on('error', (error) => {
      this.#failure ??= { kind: 'connect', error };
    });
    this.#socket.on('close', (code) => this.#end(code));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Mono PCM, 16 bit; the array must not change any more. Does nothing unless open. */
  sendAudio(samples: Int16Array): void {
    this.#send(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  /** Asks for the final of everything sent. Does nothing unless open. */
  finalize(): void {
    this.#send('{"type":"Finalize"}');
  }

  /** Says farewell and listens no more. May be called twice. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#keepAlive);
    if (!this.isOpen) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send('{"type":"CloseStream"}');
    this.#socket.close(1000);
    // Who has gone deaf may never answer.
    setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
  }

  #send(message: Buffer | string): void {
    if (this.#isOver || !this.isOpen) return;
    if (this.#socket.bufferedAmount > this.#maxUnsentBytes) {
      this.#fail('full', new Error('The recogniser takes no more audio.'));
      return;
    }
    this.#socket.send(message);
    this.#hasSent = true;
  }

  #take(text: string): void {
    let results: DeepgramResults | undefined;
    try {
      results = parseDeepgramMessage(text);
    } catch (error) {
      this.#events.onGarbage(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (results !== undefined) this.#events.onResults(results);
  }

  #fail(kind: ConnectionEnd, error: Error): void {
    this.#failure ??= { kind, error };
    this.#socket.terminate();
  }

  #end(code: number): void {
    clearInterval(this.#keepAlive);
    if (this.#isOver) return;
    this.#isOver = true;
    const closed = { kind: 'closed' as const, error: new Error(`The recogniser closed the connection (${code}).`) };
    const { kind, error } = this.#failure ?? closed;
    this.#events.onEnd(kind, error);
  }
}

function listenUrl(options: DeepgramConnectionOptions): URL {
  const { model, language, sampleRateHz, endpointingMs, keyterms, utteranceEndMs, vadEvents = false } = options;
  const url = new URL(`${options.baseUrl}/v1/listen`);
  const query = {
    model,
    language,
    encoding: 'linear16',
    sample_rate: String(sampleRateHz),
    channels: '1',
    interim_results: 'true',
    punctuate: 'true',
    smart_format: 'true',
    no_delay: 'true',
    filler_words: 'false',
    vad_events: String(vadEvents),
    endpointing: String(endpointingMs),
    mip_opt_out: 'false',
    ...(utteranceEndMs !== undefined && {
      utterance_end_ms: String(Math.max(LEAST_UTTERANCE_END_MS, utteranceEndMs)),
    }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  for (const keyterm of keyterms) url.searchParams.append('keyterm', keyterm);
  return url;
}
