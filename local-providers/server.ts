import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { handleCartesiaBytes, handleCartesiaUpgrade } from './cartesia.js';
import { type Clock, systemClock } from './clock.js';
import { handleDeepgramUpgrade } from './deepgram.js';
import type { Engine } from './engine.js';
import { type FaultSource, noFaults } from './faults.js';
import { sendJson } from './http.js';
import { CallLedger } from './ledger.js';
import { handleChatCompletions, handleModels } from './openai.js';
import type { ProtocolContext } from './protocol-context.js';

/** Answers `/script...`; the scripted engine brings one. */
export type ScriptRoute = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

export interface LocalProvidersOptions {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly port: number;
  readonly requiredKey?: string | undefined;
  readonly clock?: Clock;
  readonly ledger?: CallLedger;
  readonly faults?: FaultSource;
  readonly scriptRoute?: ScriptRoute;
}

/** Largest WebSocket message: 2 s of 48 kHz linear16 fit many times, a client gone mad does not fill the memory. */
const MAX_MESSAGE_BYTES = 1_048_576;
/** Sockets open at once, all protocols together. */
const MAX_SOCKETS = 500;
/** How long a closing server waits for clients to answer the close frame. */
const CLOSE_GRACE_MS = 500;

/** How long an idle connection is kept, in ms. */
const KEEP_ALIVE_MS = 75_000;

/** One HTTP and WebSocket server on loopback that speaks the three vendors' protocols. */
export class LocalProviders {
  readonly #options: LocalProvidersOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #context: ProtocolContext;
  readonly #closing = new AbortController();
  /** Every TCP connection, upgraded ones too, which the HTTP server itself forgets. */
  readonly #connections = new Set<Socket>();
  #isReady = false;
  #closed: Promise<void> | undefined;

  constructor(options: LocalProvidersOptions) {
    this.#options = options;
    const clock = options.clock ?? systemClock;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
    this.#context = {
      engine: options.engine,
      logger: options.logger,
      requiredKey: options.requiredKey,
      clock,
      ledger: options.ledger ?? new CallLedger(clock),
      faults: options.faults ?? noFaults,
      closing: this.#closing.signal,
      upgrade: (request, socket, head) =>
        new Promise((resolve, reject) => {
          socket.once('error', reject);
          this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
            socket.off('error', reject);
            // A broken frame ends the one connection that sent it; without a listener it would end the process.
            webSocket.on('error', (error) => options.logger.debug({ reason: error.message }, 'socket failed'));
            resolve(webSocket);
          });
        }),
    };
    this.#http = createServer((request, response) => {
      this.#route(request, response).catch((error: unknown) => this.#fail(error, response));
    });
    // As a vendor's: with Node's own 5 s every idle client would have to ask for something all the time.
    this.#http.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#http.on('connection', (connection) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
    });
    this.#http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.#routeUpgrade(request, socket, head).catch((error: unknown) => {
        options.logger.error({ err: error }, 'upgrade failed');
        socket.destroy();
      });
    });
    this.#http.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
  }

  /** @returns the port bound. @throws the error of `listen`, with code `EADDRINUSE` when the port is taken. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(this.#options.port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    return (this.#http.address() as AddressInfo).port;
  }

  /** Waits for the engine; `/readyz` answers 200 from then. @throws what the engine lacks. */
  async ready(): Promise<void> {
    await this.#options.engine.ready();
    this.#isReady = true;
  }

  /** Ends every connection, then the engine. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isReady = false;
    this.#closing.abort(new Error('The local providers are shutting down.'));
    const httpClosed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const socket of this.#sockets.clients) socket.close(1001, 'going away');
    await this.#context.clock.sleep(this.#sockets.clients.size > 0 ? CLOSE_GRACE_MS : 0);
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const connection of this.#connections) connection.destroy();
    await httpClosed;
    await this.#options.engine.close();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const route = `${request.method} ${pathname}`;
    if (route === 'GET /healthz') return sendJson(response, 200, { status: 'ok' });
    if (route === 'GET /readyz') {
      return sendJson(response, this.#isReady ? 200 : 503, {
        status: this.#isReady ? 'ready' : 'starting',
        engine: this.#options.engine.name,
      });
    }
    if (route === 'POST /v1/chat/completions') return handleChatCompletions(this.#context, request, response);
    if (route === 'GET /v1/models') return handleModels(this.#context, request, response);
    if (route === 'POST /tts/bytes') return handleCartesiaBytes(this.#context, request, response);
    if (pathname === '/script' || pathname.startsWith('/script/')) {
      if (this.#options.scriptRoute !== undefined) return this.#options.scriptRoute(request, response, pathname);
      return sendJson(response, 404, {
        error: 'Scripts need the scripted engine. Start the local providers with LOCAL_PROVIDERS_ENGINE=scripted.',
      });
    }
    return sendJson(response, 404, { error: `Nothing is served at ${request.method} ${pathname}.` });
  }

  async #routeUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (this.#closing.signal.aborted || this.#sockets.clients.size >= MAX_SOCKETS) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (pathname === '/v1/listen') return handleDeepgramUpgrade(this.#context, request, socket, head);
    if (pathname === '/tts/websocket') return handleCartesiaUpgrade(this.#context, request, socket, head);
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }

  #fail(error: unknown, response: ServerResponse): void {
    this.#options.logger.error({ err: error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, { error: 'The local providers failed; their log says why.' });
  }
}
