/**
 * One connection to an HTTP server that can be opened before there is a request for it.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A handshake that takes longer is given up, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * After an abort only our half is closed, and what is still on its way is read for this long, in ms: so every token the
 * server has sent is counted. Below the 50 ms in which a server must see that nobody reads any more.
 */
const LINGER_MS = 40;
/** No answer to a bounded completion is longer; a server gone mad does not fill the memory. */
const MAX_BODY_BYTES = 8_388_608;

/** Follows a request, and its answer as it comes over the wire. */
export interface BodyTap {
  /** The whole request has gone out. */
  sent(): void;
  /** A piece of the body; some may come after the request was aborted. */
  data(piece: Uint8Array): void;
  /** Called once, when nothing more can come. */
  over(): void;
}

export interface LineEvents {
  onOpen(): void;
  /** @param isFailure - It could not be opened, and no request that may have been aborted had it. */
  onClosed(line: Line, isFailure: boolean): void;
  onIdle(line: Line): void;
}

/** Lives as long as its one socket. Serves one request at a time. */
export class Line {
  readonly #socket: Socket;
  readonly #agent: HttpAgent;
  #isOpen = false;
  #isBusy = false;
  #idleLimitMs = Number.POSITIVE_INFINITY;
  readonly #events: LineEvents;

  constructor(origin: URL, events: LineEvents) {
    this.#events = events;
    const isTls = origin.protocol === 'https:';
    this.#socket = isTls ? openTls(origin) : connect(portOf(origin), hostOf(origin));
    this.#agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
    this.#agent.createConnection = () => this.#hand();
    const tooLong = setTimeout(() => this.#socket.destroy(), CONNECT_TIMEOUT_MS).unref();
    this.#socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(tooLong);
      this.#isOpen = true;
      events.onOpen();
      if (!this.#isBusy) events.onIdle(this);
    });
    this.#socket.setNoDelay(true);
    // What comes before any request can only be a goodbye; without a reader the end would not be noticed.
    this.#socket.on('data', this.#goodbye);
    this.#socket.once('end', () => this.#socket.destroy());
    this.#socket.on('error', () => undefined); // A close follows, and the request that had the line hears of it itself.
    this.#socket.once('close', () => {
      clearTimeout(tooLong);
      events.onClosed(this, !this.#isOpen && !this.#isBusy);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#isUsable;
  }

  /** Whether a request may be given to it, be it that the handshake is not over yet. */
  get isFree(): boolean {
    return !this.#isBusy && this.#isUsable;
  }

  /** How long the server said that it keeps an idle connection, in ms; infinite when it did not say. */
  get idleLimitMs(): number {
    return this.#idleLimitMs;
  }

  get #isUsable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /**
   * Sends one request over this connection, in the form of `fetch`.
   * @throws the connection's error, or the reason of the signal.
   */
  send(url: URL, init: RequestInit, tap?: BodyTap): Promise<Response> {
    this.#isBusy = true;
    return exchange(url, init, {
      agent: this.#agent,
      tap,
      onHeaders: (headers) => {
        const seconds = /\btimeout=(\d{1,6})/.exec(String(headers['keep-alive'] ?? ''))?.[1];
        if (seconds !== undefined) this.#idleLimitMs = Number(seconds) * 1_000;
      },
      onClosed: () => {
        this.#isBusy = false;
        if (this.#isUsable) this.#events.onIdle(this);
      },
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#agent.destroy();
  }

  readonly #goodbye = (): void => {
    this.#socket.destroy();
  };

  #hand(): Socket {
    this.#socket.off('data', this.#goodbye);
    return this.#socket;
  }
}

interface Exchange {
  readonly agent: HttpAgent;
  readonly tap: BodyTap | undefined;
  readonly onHeaders: (headers: IncomingMessage['headers']) => void;
  readonly onClosed: () => void;
}

function exchange(url: URL, init: RequestInit, { agent, tap, onHeaders, onClosed }: Exchange): Promise<Response> {
  const { method = 'GET', headers, body, signal } = init;
  return new Promise<Response>((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, { method, headers: Object.fromEntries(new Headers(headers)), agent });
    let reader: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isDone = false;
    const fail = (error: unknown): void => {
      reject(error);
      if (!isDone) reader?.error(error);
      isDone = true;
    };
    const leave = (): void => {
      fail(signal?.reason ?? new Error('The request was cancelled.'));
      const { socket } = request;
      // Without a response there may still be one under way: the first tokens of it count too.
      if (socket === null || socket.connecting || !request.writableFinished) {
        request.destroy();
        return;
      }
      socket.end();
      // A busy process runs its timers before it reads what has come in the meantime; one turn more, and that is read.
      const linger = setTimeout(() => setImmediate(() => setImmediate(() => request.destroy())), LINGER_MS);
      request.once('close', () => clearTimeout(linger));
    };
    request.once('error', fail);
    request.once('finish', () => tap?.sent());
    request.once('response', (response) => {
      onHeaders(response.headers);
      let bytes = 0;
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          reader = controller;
        },
        cancel() {
          isDone = true;
          leave();
        },
      });
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > MAX_BODY_BYTES) {
          request.destroy(new Error('The answer is too long.'));
          return;
        }
        tap?.data(piece);
        if (!isDone) reader?.enqueue(piece);
      });
      response.once('end', () => {
        if (!isDone) reader?.close();
        isDone = true;
      });
      response.once('error', fail);
      response.once('close', () => {
        fail(new Error('The connection was closed in the middle of the answer.'));
        tap?.over();
      });
      const status = response.statusCode ?? 500;
      const isBodiless = status === 204 || status === 205 || status === 304;
      resolve(new Response(isBodiless ? null : stream, { status, headers: headersOf(response) }));
    });
    request.once('close', () => {
      signal?.removeEventListener('abort', leave);
      if (reader === undefined) tap?.over();
      onClosed();
    });
    if (signal?.aborted) request.destroy(new Error('The request was cancelled.'));
    else {
      signal?.addEventListener('abort', leave, { once: true });
      request.end(typeof body === 'string' ? body : undefined);
    }
  });
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

function openTls(origin: URL): Socket {
  const host = hostOf(origin);
  return connectTls({
    host,
    port: portOf(origin),
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
  });
}

function hostOf(origin: URL): string {
  return origin.hostname.replace(/^\[|\]$/g, '');
}

function portOf(origin: URL): number {
  if (origin.port !== '') return Number(origin.port);
  return origin.protocol === 'https:' ? 443 : 80;
}
