/**
 * The recogniser's leg on the wire. @livekit/agents-plugin-deepgram 1.8.1 drops empty and `from_finalize` results, sends audio
 * in pieces of 100 ms, skips silence (so that its times are not the audio's) and goes deaf when its socket drops (stt.ts:422,
 * 593; livekit/agents-js#2469): its `STT` is kept for its options and names, and this is its stream.
 */
import { WebSocket } from 'ws';
import { type DeepgramResults, parseDeepgramMessage } from './deepgram-messages.js';

export interface DeepgramSocketOptions {
  /** ws:// or wss://, without a path. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly language: string;
  readonly sampleRateHz: number;
  /** Silence after which the recogniser itself ends a stretch, in ms. */
  readonly endpointingMs: number;
  readonly keyterms: readonly string[];
}

export interface DeepgramSocketEvents {
  /** @param originMs - Where the results' second 0 lies, in ms of all audio given to {@link DeepgramSocket.send}. */
  readonly onResults: (results: DeepgramResults, originMs: number) => void;
  /** `kind` is for metrics: connect, status, closed, protocol. The socket mends itself meanwhile. */
  readonly onError: (kind: string, error: Error) => void;
}

/** A handshake that takes longer is given up, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Deepgram closes a silent socket after 10 s; audio flows all the time here, so this covers only a muted track. */
const KEEP_ALIVE_MS = 4_000;
/** Waits between attempts to connect again, in ms; the last repeats. */
const RECONNECT_MS = [0, 100, 300, 1_000, 2_000] as const;
/** Audio kept while there is no socket, in ms: what is older is no longer worth an answer. */
const BACKLOG_MS = 10_000;
/** Audio per message, in ms: with pieces of 100 ms the last word of a turn waits 50 ms on average. */
const PIECE_MS = 20;

export class DeepgramSocket {
  readonly #options: DeepgramSocketOptions;
  readonly #events: DeepgramSocketEvents;
  #socket: WebSocket | undefined;
  #backlog: (Buffer | string)[] = [];
  #backlogBytes = 0;
  #piece: Buffer[] = [];
  #pieceBytes = 0;
  /** Samples given to `send` so far, and where among them the present connection began to hear. */
  #givenSamples = 0;
  #originSamples = 0;
  #failures = 0;
  #reconnect: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #keepAlive: NodeJS.Timeout;
  #sentSinceKeepAlive = false;

  constructor(options: DeepgramSocketOptions, events: DeepgramSocketEvents) {
    this.#options = options;
    this.#events = events;
    this.#keepAlive = setInterval(() => {
      if (!this.#sentSinceKeepAlive) this.#sendNow('{"type":"KeepAlive"}');
      this.#sentSinceKeepAlive = false;
    }, KEEP_ALIVE_MS);
    this.#connect();
  }

  /** Mono PCM, 16 bit, at the rate of the options. The samples are copied. */
  send(samples: Int16Array): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(samples.slice().buffer);
    this.#piece.push(bytes);
    this.#pieceBytes += bytes.length;
    this.#givenSamples += samples.length;
    if (this.#pieceBytes >= this.#bytes(PIECE_MS)) this.#sendPiece();
  }

  /** Asks for the final of everything sent. */
  finalize(): void {
    if (this.#isClosed) return;
    this.#sendPiece();
    this.#write('{"type":"Finalize"}');
  }

  /** Ends the stream and the socket. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#keepAlive);
    clearTimeout(this.#reconnect);
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send('{"type":"CloseStream"}');
      socket.close(1000);
    } else {
      socket?.terminate();
    }
  }

  #bytes(ms: number): number {
    return ((this.#options.sampleRateHz * ms) / 1_000) * 2;
  }

  #sendPiece(): void {
    if (this.#pieceBytes === 0) return;
    this.#write(Buffer.concat(this.#piece));
    this.#piece = [];
    this.#pieceBytes = 0;
  }

  #write(message: Buffer | string): void {
    if (this.#sendNow(message)) return;
    this.#backlog.push(message);
    this.#backlogBytes += message.length;
    while (this.#backlogBytes > this.#bytes(BACKLOG_MS)) this.#backlogBytes -= this.#backlog.shift()?.length ?? 0;
  }

  #sendNow(message: Buffer | string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(message);
    this.#sentSinceKeepAlive = true;
    return true;
  }

  #connect(): void {
    const socket = new WebSocket(this.#url(), {
      headers: { Authorization: `Token ${this.#options.apiKey}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    });
    this.#socket = socket;
    let failure: { kind: string; error: Error } | undefined;
    socket.on('open', () => {
      const backlog = this.#backlog;
      // Each connection counts its seconds from the first sample that it is sent.
      const waiting = backlog.reduce((sum, message) => sum + (typeof message === 'string' ? 0 : message.length), 0);
      this.#originSamples = this.#givenSamples - (waiting + this.#pieceBytes) / 2;
      this.#backlog = [];
      this.#backlogBytes = 0;
      for (const message of backlog) socket.send(message);
    });
    socket.on('unexpected-response', (request, response) => {
      failure = {
        kind: 'status',
        error: new Error(`The recogniser refused the stream with status ${response.statusCode}.`),
      };
      request.destroy();
      socket.terminate();
    });
    socket.on('message', (data) => {
      // Opened is not yet healthy: a recogniser that accepts and closes at once is waited for longer each time.
      this.#failures = 0;
      this.#take(String(data));
    });
    socket.on('error', (error) => {
      failure ??= { kind: 'connect', error };
    });
    socket.on('close', (code) => {
      if (this.#isClosed) return;
      const { kind, error } = failure ?? {
        kind: 'closed',
        error: new Error(`The recogniser closed the stream (${code}).`),
      };
      this.#events.onError(kind, error);
      const waitMs = RECONNECT_MS[Math.min(this.#failures, RECONNECT_MS.length - 1)] ?? 0;
      this.#failures += 1;
      this.#reconnect = setTimeout(() => this.#connect(), waitMs);
    });
  }

  #take(text: string): void {
    let results: DeepgramResults | undefined;
    try {
      results = parseDeepgramMessage(text);
    } catch (error) {
      this.#events.onError('protocol', error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const originMs = this.#originSamples / (this.#options.sampleRateHz / 1_000);
    if (results !== undefined) this.#events.onResults(results, originMs);
  }

  #url(): URL {
    const { model, language, sampleRateHz, endpointingMs, keyterms } = this.#options;
    const url = new URL(`${this.#options.baseUrl}/v1/listen`);
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
      vad_events: 'false',
      endpointing: String(endpointingMs),
      mip_opt_out: 'false',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    for (const keyterm of keyterms) url.searchParams.append('keyterm', keyterm);
    return url;
  }
}
