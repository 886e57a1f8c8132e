/** Keeps one warm socket to the synthesiser: opened before it is needed, asked for signs of life, replaced behind the scenes. */
import type { Clock } from '../conversation/clock.js';
import type { Emotion } from '../turn/emotion.js';
import {
  type CartesiaContext,
  type CartesiaError,
  type CartesiaOptions,
  CartesiaSocket,
  type ContextEvents,
} from './cartesia-socket.js';

/** Signs of life, and looks at the age, in ms: routers forget quiet connections after a minute at the earliest. */
const PING_MS = 15_000;
/** Cartesia ends sockets after five minutes: a younger one takes over before, in ms. */
const MAX_AGE_MS = 240_000;
/** A socket that lived this long was a good one, in ms: after it the waits begin anew. */
const STABLE_MS = 10_000;
/** Waits between attempts to connect again, in ms; the last repeats. */
const RECONNECT_MS = [0, 100, 300, 1_000, 2_000, 5_000, 15_000] as const;

export interface LinkEvents {
  /** A failure that no context was told of. The link mends itself meanwhile. */
  readonly onError: (error: Error) => void;
}

export interface LinkedContext extends CartesiaContext {
  /** Puts a fresh socket in the place of this context's own, if that is still in use; contexts on the old one may go on. */
  distrust(): void;
}

export class CartesiaLink {
  readonly #options: CartesiaOptions;
  readonly #clock: Clock;
  readonly #events: LinkEvents;
  #current: CartesiaSocket | undefined;
  /** Being opened to take the place of the current one, which is too old. */
  #next: CartesiaSocket | undefined;
  readonly #retired = new Set<CartesiaSocket>();
  #openedAtMs: number | undefined;
  #failures = 0;
  #reconnect: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: CartesiaOptions, clock: Clock, events: LinkEvents) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
  }

  /** Whether a context opened now waits for no handshake. */
  get isReady(): boolean {
    return this.#current?.isOpen === true;
  }

  /** Opens the socket, unless there is one. From then on it is kept. */
  warm(): void {
    if (this.#isClosed || this.#current !== undefined) return;
    this.#keepAlive ??= setInterval(() => this.#look(), PING_MS);
    clearTimeout(this.#reconnect);
    this.#current = this.#connect();
  }

  /** Opens a context on the warm socket, or on one that is being opened. */
  open(events: ContextEvents, emotion?: Emotion): LinkedContext {
    this.warm();
    const socket = this.#current;
    if (socket === undefined) throw new Error('The voice is closed.');
    return { ...socket.open(events, emotion), distrust: () => this.#replace(socket) };
  }

  #replace(suspect: CartesiaSocket): void {
    if (this.#isClosed || this.#current !== suspect) return;
    this.#openedAtMs = undefined;
    this.#current = this.#next ?? this.#connect();
    this.#next = undefined;
    this.#retire(suspect);
  }

  /** May be called twice. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#keepAlive);
    clearTimeout(this.#reconnect);
    for (const socket of [this.#current, this.#next, ...this.#retired]) socket?.close();
    this.#current = undefined;
    this.#next = undefined;
    this.#retired.clear();
  }

  #connect(): CartesiaSocket {
    const socket: CartesiaSocket = new CartesiaSocket(this.#options, {
      onOpen: () => this.#onOpen(socket),
      onLost: (error, toldContexts) => this.#onLost(socket, error, toldContexts),
      onProtocolError: (error) => this.#events.onError(error),
    });
    return socket;
  }

  #onOpen(socket: CartesiaSocket): void {
    if (socket === this.#next) {
      const old = this.#current;
      this.#current = socket;
      this.#next = undefined;
      if (old !== undefined) this.#retire(old);
    }
    if (socket === this.#current) this.#openedAtMs = this.#clock.nowMs();
  }

  #onLost(socket: CartesiaSocket, error: CartesiaError, toldContexts: boolean): void {
    this.#retired.delete(socket);
    if (!toldContexts) this.#events.onError(error);
    if (socket === this.#next) this.#next = undefined;
    if (socket !== this.#current) return;
    // Opened is not yet healthy: one that is accepted and closed at once is waited for longer each time.
    if (this.#openedAtMs !== undefined && this.#clock.nowMs() - this.#openedAtMs > STABLE_MS) this.#failures = 0;
    this.#current = undefined;
    this.#openedAtMs = undefined;
    const waitMs = RECONNECT_MS[Math.min(this.#failures, RECONNECT_MS.length - 1)] ?? 0;
    this.#failures += 1;
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => this.warm(), waitMs);
  }

  #retire(socket: CartesiaSocket): void {
    for (const old of this.#retired) if (old.isClosed) this.#retired.delete(old);
    this.#retired.add(socket);
    socket.retire();
  }

  #look(): void {
    for (const socket of [this.#current, ...this.#retired]) socket?.ping();
    const isOld = this.#openedAtMs !== undefined && this.#clock.nowMs() - this.#openedAtMs > MAX_AGE_MS;
    if (isOld) this.#next ??= this.#connect();
  }
}
