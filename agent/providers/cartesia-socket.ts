/**
 * One connection to the synthesiser, shared by any number of contexts. @livekit/agents-plugin-cartesia 1.8.1 gives a socket
 * to one utterance at a time, throws it away when that is interrupted, never sends a cancel, and takes an error frame with
 * `done: true` for a good end (tts.ts:564): its `TTS` is kept for its options and names, and this is its wire.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Emotion } from '../turn/emotion.js';
import {
  CartesiaProtocolError,
  cancelMessage,
  endMessage,
  parseCartesiaMessage,
  speakMessage,
  type TimedWord,
  type VoiceFormat,
} from './cartesia-messages.js';

/** Whom to connect to; `baseUrl` is http(s):// or ws(s)://, without a path. */
export interface CartesiaOptions extends VoiceFormat {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Why a context or a socket failed; for metrics. */
export type VoiceFailureKind = 'connect' | 'status' | 'closed' | 'protocol' | 'empty' | 'timeout' | 'stalled';

export class CartesiaError extends Error {
  readonly code = 'CARTESIA_FAILED';
  readonly retryable = true;
  readonly kind: VoiceFailureKind;
  /** HTTP-like status, where there was one. */
  readonly status: number | undefined;

  constructor(
    kind: VoiceFailureKind,
    message: string,
    options: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
  }
}

/** What a context tells; nothing more after `onDone`, `onFailure` or {@link CartesiaContext.cancel}. */
export interface ContextEvents {
  readonly onAudio: (samples: Int16Array) => void;
  readonly onWords: (words: readonly TimedWord[]) => void;
  readonly onDone: () => void;
  readonly onFailure: (error: CartesiaError) => void;
  /** So many characters have just been sent: exact, and at the moment when they leave. */
  readonly onSent: (characters: number) => void;
}

export interface CartesiaContext {
  send(text: string): void;
  end(): void;
  /** Tells the synthesiser to stop; the socket stays. May be called at any time. */
  cancel(): void;
}

export interface SocketEvents {
  readonly onOpen: () => void;
  /** Once, unless {@link CartesiaSocket.close} was called. `toldContexts`: open contexts had this failure too. */
  readonly onLost: (error: CartesiaError, toldContexts: boolean) => void;
  /** A message that belonged to no context; the socket lives on. */
  readonly onProtocolError: (error: Error) => void;
}

/** A handshake that takes longer is given up, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;
const API_VERSION = '2025-04-16';
/** One message at most, in bytes: a minute of sound in base64, far above what vendors send. */
const MAX_MESSAGE_BYTES = 4_000_000;

interface OpenContext {
  readonly events: ContextEvents;
  readonly format: VoiceFormat;
  /** Waiting for the handshake; `undefined` ends the context. */
  readonly waiting: (string | undefined)[];
}

export class CartesiaSocket {
  readonly #options: CartesiaOptions;
  readonly #events: SocketEvents;
  readonly #socket: WebSocket;
  readonly #contexts = new Map<string, OpenContext>();
  #failure: CartesiaError | undefined;
  #isClosed = false;
  #isRetired = false;
  #isPingUnanswered = false;

  constructor(options: CartesiaOptions, events: SocketEvents) {
    this.#options = options;
    this.#events = events;
    this.#socket = new WebSocket(`${options.baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/tts/websocket`, {
      headers: { 'X-API-Key': options.apiKey, 'Cartesia-Version': API_VERSION },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Opens a context, spoken in one emotion throughout. Until the handshake is done, what it is given waits. */
  open(events: ContextEvents, emotion?: Emotion): CartesiaContext {
    const contextId = randomUUID();
    const context: OpenContext = { events, format: { ...this.#options, emotion }, waiting: [] };
    this.#contexts.set(contextId, context);
    const give = (text: string | undefined): void => {
      if (!this.#contexts.has(contextId)) return;
      if (this.isOpen) this.#send(contextId, context, text);
      else context.waiting.push(text);
    };
    return {
      send: (text) => give(text),
      end: () => give(undefined),
      cancel: () => {
        if (!this.#contexts.delete(contextId)) return;
        if (this.isOpen) this.#socket.send(cancelMessage(contextId));
        this.#closeIfDone();
      },
    };
  }

  /** Closes once its last context is over. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfDone();
  }

  /** Asks for a sign of life. A socket that has given none since it was last asked is dropped. */
  ping(): void {
    if (!this.isOpen) return;
    if (this.#isPingUnanswered) {
      this.#failure ??= new CartesiaError('closed', 'The synthesiser no longer answers on its socket.');
      this.#socket.terminate();
      return;
    }
    this.#isPingUnanswered = true;
    this.#socket.ping();
  }

  /** Ends the socket; contexts hear nothing more. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#contexts.clear();
    if (this.isOpen) this.#socket.close(1000);
    else this.#socket.terminate();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('open', () => {
      this.#events.onOpen();
      for (const [contextId, context] of this.#contexts) {
        for (const text of context.waiting.splice(0)) this.#send(contextId, context, text);
      }
    });
    socket.on('unexpected-response', (request, { statusCode }) => {
      this.#failure = new CartesiaError('status', `The synthesiser refused the socket with status ${statusCode}.`, {
        ...(statusCode !== undefined && { status: statusCode }),
      });
      request.destroy();
      socket.terminate();
    });
    socket.on('pong', () => {
      this.#isPingUnanswered = false;
    });
    socket.on('message', (data) => {
      this.#isPingUnanswered = false;
      this.#take(String(data));
    });
    socket.on('error', (cause) => {
      this.#failure ??= new CartesiaError('connect', 'The connection to the synthesiser failed.', { cause });
    });
    socket.on('close', (code) => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      const error = this.#failure ?? new CartesiaError('closed', `The synthesiser closed the socket (${code}).`);
      const told = [...this.#contexts.values()];
      this.#contexts.clear();
      // First the keeper, so that a context which begins again finds a fresh socket.
      this.#events.onLost(error, told.length > 0);
      for (const { events } of told) events.onFailure(error);
    });
  }

  #send(contextId: string, { events, format }: OpenContext, text: string | undefined): void {
    if (text === undefined) {
      this.#socket.send(endMessage(format, contextId));
      return;
    }
    this.#socket.send(speakMessage(format, contextId, text));
    events.onSent(text.length);
  }

  #take(text: string): void {
    let message: ReturnType<typeof parseCartesiaMessage>;
    try {
      message = parseCartesiaMessage(text);
    } catch (error) {
      if (!(error instanceof CartesiaProtocolError)) throw error;
      const { contextId } = error;
      // Sound may be missing from a context whose message was malformed; what names no context may concern none.
      if (contextId === undefined) this.#events.onProtocolError(error);
      else this.#fail(contextId, new CartesiaError('protocol', error.message, { cause: error }), true);
      return;
    }
    if (message === undefined) return;
    if (message.kind === 'error') {
      const { status, title, contextId } = message;
      const error = new CartesiaError('status', `The synthesiser answered with error ${status}: ${title}.`, { status });
      for (const id of contextId === undefined ? [...this.#contexts.keys()] : [contextId]) this.#fail(id, error, false);
      return;
    }
    const events = this.#contexts.get(message.contextId)?.events;
    if (message.kind === 'audio') events?.onAudio(message.samples);
    else if (message.kind === 'words') events?.onWords(message.words);
    else if (this.#contexts.delete(message.contextId)) {
      events?.onDone();
      this.#closeIfDone();
    }
  }

  #fail(contextId: string, error: CartesiaError, isStillSpeaking: boolean): void {
    const context = this.#contexts.get(contextId);
    if (context === undefined) return;
    this.#contexts.delete(contextId);
    if (isStillSpeaking && this.isOpen) this.#socket.send(cancelMessage(contextId));
    context.events.onFailure(error);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#isRetired && this.#contexts.size === 0) this.close();
  }
}
