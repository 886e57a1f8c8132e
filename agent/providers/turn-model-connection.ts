/** One call process's connection to the turn model's process. Never blocks, never hangs, and comes back by itself. */
import { createConnection, type Socket } from 'node:net';
import { decodeAnswer, encodeRequest, FrameReader, MAX_SAMPLES, type ScoreAnswer } from '../turn-model/framing.js';

/**
 * Why there is no score: too many are asked for (`busy`), it took too long (`slow`), the model's process is away (`gone`), or
 * the model has failed at this audio (`failed`).
 */
export type TurnModelErrorKind = 'busy' | 'slow' | 'gone' | 'failed';

export class TurnModelError extends Error {
  override readonly name = 'TurnModelError';
  readonly code = 'turn-model';
  readonly retryable = true;
  readonly kind: TurnModelErrorKind;

  constructor(kind: TurnModelErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A score that takes longer comes too late to matter, in ms; usual are 25 to 140. */
const TIMEOUT_MS = 1_000;
/** Requests of one call that are on their way. */
const MAX_PENDING = 4;
/** Requests that a process which does not read may leave with us, in bytes. */
const MAX_UNSENT_BYTES = 4 * MAX_SAMPLES;
/** Between two attempts to connect, in ms, doubled up to the longest; a connection that held that long ends the row. */
const RECONNECT_MS = { first: 50, longest: 1_000 };

interface Pending {
  readonly resolve: (probability: number) => void;
  readonly reject: (error: TurnModelError) => void;
  readonly timer: NodeJS.Timeout;
}

export class TurnModelConnection {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | undefined;
  #connectedAtMs: number | undefined;
  #reconnectMs = RECONNECT_MS.first;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #isClosed = false;

  /** @param path - Of the process's socket or named pipe; it need not be there yet. */
  constructor(path: string, timeoutMs = TIMEOUT_MS) {
    this.#path = path;
    this.#timeoutMs = timeoutMs;
    this.#connect();
  }

  /**
   * @param pcm - Mono at 16 kHz, 1 to 19,200 samples.
   * @returns 0 to 1. @throws {@link TurnModelError} within a second at most.
   */
  async ask(pcm: Int16Array): Promise<number> {
    const socket = this.#socket;
    if (socket === undefined || this.#connectedAtMs === undefined) {
      throw new TurnModelError('gone', 'The turn model is away; the worker starts it again.');
    }
    if (this.#pending.size >= MAX_PENDING) {
      throw new TurnModelError('busy', `The turn model has ${MAX_PENDING} requests of this call to answer.`);
    }
    if (socket.writableLength > MAX_UNSENT_BYTES) {
      throw new TurnModelError('slow', 'The turn model does not take what it is asked.');
    }
    this.#lastId = (this.#lastId + 1) >>> 0;
    const id = this.#lastId;
    const frame = encodeRequest({ id, pcm });
    return new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new TurnModelError('slow', `The turn model took over ${this.#timeoutMs} ms.`));
      }, this.#timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      socket.write(frame);
    });
  }

  /** Fails what is on its way. May be called twice. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    this.#socket?.destroy();
    this.#failAll('gone', 'The call has let go of the turn model.');
  }

  #connect(): void {
    const frames = FrameReader.forAnswers();
    const socket = createConnection(this.#path);
    // A call process may end while it waits for a model.
    socket.unref();
    this.#socket = socket;
    socket.on('connect', () => {
      this.#connectedAtMs = performance.now();
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const payload of frames.push(chunk)) this.#settle(decodeAnswer(payload));
      } catch {
        this.#failAll('failed', 'The turn model answered something else than a score.');
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onLost());
  }

  #onLost(): void {
    const heldForMs = this.#connectedAtMs === undefined ? 0 : performance.now() - this.#connectedAtMs;
    this.#connectedAtMs = undefined;
    this.#failAll('gone', "The turn model's process has ended; the worker starts it again.");
    if (this.#isClosed) return;
    if (heldForMs > RECONNECT_MS.longest) this.#reconnectMs = RECONNECT_MS.first;
    this.#reconnectTimer = setTimeout(() => this.#connect(), this.#reconnectMs);
    this.#reconnectTimer.unref();
    this.#reconnectMs = Math.min(RECONNECT_MS.longest, this.#reconnectMs * 2);
  }

  /** Answers that nobody waits for any more came too late. */
  #settle(answer: ScoreAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    clearTimeout(pending.timer);
    if (answer.status === 'score') pending.resolve(answer.probability);
    else if (answer.status === 'busy') pending.reject(new TurnModelError('busy', 'The turn model has enough to do.'));
    else pending.reject(new TurnModelError('failed', 'The turn model failed at this audio.'));
  }

  #failAll(kind: TurnModelErrorKind, message: string): void {
    const failed = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of failed) {
      clearTimeout(timer);
      reject(new TurnModelError(kind, message));
    }
  }
}
