/**
 * Keeps one turn model process running for the worker: starts it, asks it whether it still works, ends one that does not, and
 * starts it again however often it ends. The path of its socket stays the same, so calls find the new one by themselves.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePrivateSocket, type PrivateSocket } from '../private-socket.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import { type ToChild, ToParent } from './messages.js';
import { endsInARow, restartDelayMs } from './restart-delay.js';

export interface SupervisorOptions {
  readonly measurements: Measurements;
  readonly logger: Logger;
  /** The compiled program to run. */
  readonly program?: string;
  readonly timings?: Partial<Timings>;
}

export interface Timings {
  /** Between two questions whether the process still works, in ms. */
  readonly pingMs: number;
  /** How long it may take from start to serving, in ms: 0.4 s idle, many times that on a machine that starts everything. */
  readonly startMs: number;
  /** How long it may take to end after it is told to, in ms. */
  readonly endMs: number;
}

const TIMINGS: Timings = { pingMs: 1_000, startMs: 30_000, endMs: 2_000 };
/** Questions in a row without an answer after which it is hung. Counted, since a late timer here says nothing about it. */
const MAX_UNANSWERED = 4;

const PROGRAM = fileURLToPath(new URL('./process.js', import.meta.url));

export class TurnModelSupervisor {
  readonly #measurements: Measurements;
  readonly #logger: Logger;
  readonly #program: string;
  readonly #timings: Timings;
  readonly #serving = new AbortController();
  #socket: PrivateSocket | undefined;
  #socketPath = '';
  #child: ChildProcess | undefined;
  #isHung = false;
  #unanswered = 0;
  #failure: string | undefined;
  /** Of the present process, on the monotonic clock; `undefined` while it does not serve. */
  #servingSinceMs: number | undefined;
  #ends = 0;
  /** What was last written to the log about it. */
  #told: 'nothing' | 'up' | 'down' = 'nothing';
  #timer: NodeJS.Timeout | undefined;
  #onChildGone: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  constructor({ measurements, logger, program = PROGRAM, timings }: SupervisorOptions) {
    this.#measurements = measurements;
    this.#logger = logger;
    this.#program = program;
    this.#timings = { ...TIMINGS, ...timings };
  }

  /** The process's id while there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process. @returns The path of its socket, which does not answer yet. */
  async start(): Promise<string> {
    this.#socket = await makePrivateSocket('turn-model');
    this.#socketPath = this.#socket.path;
    this.#launch();
    return this.#socketPath;
  }

  /** @returns Whether scores were served within that time, counted from now; later ends do not change it. */
  async firstServing(withinMs: number): Promise<boolean> {
    const { signal } = this.#serving;
    if (signal.aborted) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      const onServing = () => {
        clearTimeout(timer);
        resolve(true);
      };
      signal.addEventListener('abort', onServing, { once: true });
    });
  }

  /** Ends the process and removes its socket. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== undefined) {
      const gone = new Promise<void>((resolve) => {
        this.#onChildGone = resolve;
      });
      if (child.connected) child.disconnect();
      const killer = setTimeout(() => child.kill('SIGKILL'), this.#timings.endMs);
      await gone;
      clearTimeout(killer);
    }
    await this.#socket?.remove();
  }

  #launch(): void {
    this.#isHung = false;
    this.#unanswered = 0;
    this.#failure = undefined;
    try {
      // Another worker that shares the folder for temporary files, but no process ids, takes it for left over while nobody listens.
      if (process.platform !== 'win32') mkdirSync(dirname(this.#socketPath), { recursive: true, mode: 0o700 });
      // Its standard output would stand between the worker's log lines, which a program may read.
      const child = fork(this.#program, [this.#socketPath], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      this.#watch(child);
    } catch (error) {
      // A system without memory for one more process may have some later.
      this.#onGone({ error });
    }
  }

  #watch(child: ChildProcess): void {
    this.#child = child;
    this.#timer = setTimeout(() => this.#giveUpOn(child), this.#timings.startMs);
    child.on('message', (message) => this.#take(message, child));
    child.on('exit', (code, signal) => {
      if (child === this.#child) this.#onGone({ code, signal });
    });
    child.on('error', (error) => {
      // Without an id it never ran, and `exit` will not come.
      if (child.pid !== undefined) child.kill('SIGKILL');
      else if (child === this.#child) this.#onGone({ error });
    });
  }

  #take(received: unknown, child: ChildProcess): void {
    const message = ToParent.safeParse(received);
    if (!message.success || child !== this.#child) return;
    switch (message.data.kind) {
      case 'ready':
        this.#onServing(child);
        return;
      case 'pong':
        this.#unanswered = 0;
        return;
      case 'failed':
        this.#failure = message.data.reason;
        return;
    }
  }

  #onServing(child: ChildProcess): void {
    if (this.#servingSinceMs !== undefined || this.#closing !== undefined) return;
    this.#servingSinceMs = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#ping(child), this.#timings.pingMs);
    this.#logger.info({ pid: child.pid }, this.#told === 'down' ? 'turn model is back' : 'turn model serves');
    this.#told = 'up';
    this.#serving.abort();
  }

  #ping(child: ChildProcess): void {
    if (this.#unanswered >= MAX_UNANSWERED) {
      this.#giveUpOn(child);
      return;
    }
    this.#unanswered += 1;
    const ping: ToChild = { kind: 'ping' };
    // What cannot be sent is not answered either. Without a callback it would be an error event.
    child.send(ping, () => undefined);
  }

  #giveUpOn(child: ChildProcess): void {
    this.#isHung = true;
    child.kill('SIGKILL');
  }

  #onGone(how: Readonly<Record<string, unknown>>): void {
    clearTimeout(this.#timer);
    const servedForMs = this.#servingSinceMs === undefined ? 0 : performance.now() - this.#servingSinceMs;
    this.#servingSinceMs = undefined;
    this.#child = undefined;
    if (this.#closing !== undefined) {
      this.#onChildGone();
      return;
    }
    const kind = this.#isHung ? 'hung' : 'died';
    this.#measurements.count('turnwise_provider_errors_total', { provider: 'turn-model', kind });
    this.#ends = endsInARow(this.#ends, servedForMs);
    const restartInMs = restartDelayMs(this.#ends);
    const problem = { kind, ...how, ...(this.#failure !== undefined && { reason: this.#failure }), restartInMs };
    const level = this.#told === 'down' ? 'debug' : 'warn';
    this.#logger[level](problem, 'turn model ended; calls go on without its scores until it is back');
    this.#told = 'down';
    this.#timer = setTimeout(() => this.#launch(), restartInMs);
  }
}
