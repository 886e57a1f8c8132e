/**
 * Serves scores of one model over a local socket: one at a time, in order of arrival, and none for which the wait would be
 * so long that the pause has moved on before the answer comes.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { expectedWaitMs } from './expected-wait.js';
import {
  decodeRequest,
  encodeAnswer,
  FrameReader,
  isProbability,
  type ScoreAnswer,
  type ScoreRequest,
} from './framing.js';

export interface ScoreServerOptions {
  /** @returns 0 to 1; whatever else it returns or throws is answered as a failure. */
  readonly predict: (pcm: Int16Array) => Promise<number>;
  /** What the model took for its first score, in ms. */
  readonly firstMs: number;
  readonly nowMs?: () => number;
}

/** Longest wait for which a request is taken, in ms. */
const MAX_WAIT_MS = 50;
/** Most requests that wait, however quick the model is. */
const MAX_WAITING = 64;
/** Weight of the latest score's time in what the next is expected to take. */
const LATEST_WEIGHT = 0.3;
/** A score that runs for longer will not come; usual are 25 to 140, in ms. */
const STUCK_MS = 3_000;
/** Answers that a caller has not read before it is taken to be lost, in bytes: some thousands. */
const MAX_UNREAD_BYTES = 65_536;
/** Above the most calls that one worker takes (`MAX_CALLS`) and its warm processes. */
const MAX_CONNECTIONS = 1_100;

interface Waiting extends ScoreRequest {
  readonly socket: Socket;
}

export class ScoreServer {
  readonly #predict: (pcm: Int16Array) => Promise<number>;
  readonly #nowMs: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiting: Waiting[] = [];
  #runningSinceMs: number | undefined;
  #recentMs: number;

  constructor({ predict, firstMs, nowMs = () => performance.now() }: ScoreServerOptions) {
    this.#predict = predict;
    this.#recentMs = firstMs;
    this.#nowMs = nowMs;
    this.#server = createServer((socket) => this.#take(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** The model has been at one request for so long that it will not answer any more. */
  get isStuck(): boolean {
    return (this.#runningForMs() ?? 0) > STUCK_MS;
  }

  /** @param path - Of the socket, in a folder of the user's own, or of a named pipe. A dead server's socket is replaced. */
  async listen(path: string): Promise<void> {
    const isPipe = process.platform === 'win32';
    if (!isPipe) rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    if (!isPipe) chmodSync(path, 0o600);
  }

  /** Drops what waits, and the socket. May be called twice. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(socket: Socket): void {
    const frames = FrameReader.forRequests();
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#waiting = this.#waiting.filter((request) => request.socket !== socket);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const payload of frames.push(chunk)) this.#admit({ ...decodeRequest(payload), socket });
      } catch {
        // Nothing that follows a broken frame can be read.
        socket.destroy();
      }
    });
  }

  #admit(request: Waiting): void {
    const waiting = this.#waiting.length;
    const waitMs = expectedWaitMs({ waiting, runningForMs: this.#runningForMs(), recentMs: this.#recentMs });
    if (waitMs > MAX_WAIT_MS || waiting >= MAX_WAITING) {
      answer(request.socket, { id: request.id, status: 'busy' });
      return;
    }
    this.#waiting.push(request);
    if (this.#runningSinceMs === undefined) void this.#serve();
  }

  async #serve(): Promise<void> {
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      const startedAtMs = this.#nowMs();
      this.#runningSinceMs = startedAtMs;
      const probability = await this.#score(request.pcm);
      const inferenceMs = this.#nowMs() - startedAtMs;
      this.#recentMs += LATEST_WEIGHT * (inferenceMs - this.#recentMs);
      const { id, socket } = request;
      answer(
        socket,
        isProbability(probability) ? { id, status: 'score', probability, inferenceMs } : { id, status: 'failed' },
      );
    }
    this.#runningSinceMs = undefined;
  }

  async #score(pcm: Int16Array): Promise<number> {
    try {
      return await this.#predict(pcm);
    } catch {
      return Number.NaN;
    }
  }

  #runningForMs(): number | undefined {
    return this.#runningSinceMs === undefined ? undefined : this.#nowMs() - this.#runningSinceMs;
  }
}

function answer(socket: Socket, given: ScoreAnswer): void {
  if (socket.destroyed) return;
  if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  else socket.write(encodeAnswer(given));
}
