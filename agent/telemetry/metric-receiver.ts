/** The parent's end of the metric channel: puts what calls send into the metrics, and hands their records on. */
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { makePrivateSocket, type PrivateSocket } from '../private-socket.js';
import { WorkerMemory } from '../resilience/worker-memory.js';
import type { BudgetStep } from '../turn/budget-ladder.js';
import type { CallRecord, RecordSink } from './call-record.js';
import { Lines } from './lines.js';
import { type ChannelEvent, MAX_LINE, type Notice, parseBatch } from './metric-channel.js';
import type { CounterName, HistogramName, LabelsOf } from './metric-names.js';
import type { Metrics } from './metrics.js';

/** Above the most calls that one worker takes (`MAX_CALLS`) and its warm processes. */
const MAX_CONNECTIONS = 1_100;
/** Processes are told of new latencies at most so often, in ms: a call's next turn is seconds away, and all are told all. */
const LATENCIES_EVERY_MS = 500;
/** Outcome of a call whose process went without a word. */
const CRASHED = 'crashed';

export interface ReceiverEvents {
  /** A process says that it is ready for a call. */
  readonly warm: () => void;
  /** A process says that it has its call. */
  readonly busy?: () => void;
  /** A turn's response latency, in ms. */
  readonly response?: (profile: string, responseMs: number) => void;
  /** A sink threw, which it must not: told once for each. */
  readonly sinkFailed?: (error: unknown) => void;
}

/** One connected process. */
interface Caller {
  state: 'loading' | 'warm' | 'busy' | 'over';
  pid?: number;
  /** Whose records it may send: those of the call it first told of. */
  callId?: string;
  /** Its call was told to have started, and not to have ended. */
  isCallOpen: boolean;
  outcome?: string;
}

/** A connected process as whoever looks after processes needs to know it. */
export interface ReportingProcess {
  readonly pid: number;
  readonly hasCall: boolean;
}

export class MetricReceiver {
  readonly #server: Server;
  readonly #processes = new Map<Socket, Caller>();
  readonly #metrics: Metrics;
  readonly #on: ReceiverEvents;
  readonly #sinks: readonly RecordSink[];
  readonly #failedSinks = new Set<RecordSink>();
  readonly #memory = new WorkerMemory<Socket>();
  #budget: Notice['budget'];
  #latenciesTimer: NodeJS.Timeout | undefined;
  #socket: PrivateSocket | undefined;

  /** @param sinks - Each is given every record of every call; they are closed by whoever made them. */
  constructor(metrics: Metrics, on: ReceiverEvents, sinks: readonly RecordSink[] = []) {
    this.#metrics = metrics;
    this.#on = on;
    this.#sinks = sinks;
    this.#server = createServer((socket) => this.#take(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Processes that are loaded and wait for a call. */
  get warmProcesses(): number {
    return [...this.#processes.values()].filter(({ state }) => state === 'warm').length;
  }

  /** Call processes there are, those that still load included. */
  get processes(): readonly ReportingProcess[] {
    return [...this.#processes.values()].flatMap(({ pid, state }) =>
      pid === undefined ? [] : [{ pid, hasCall: state === 'busy' || state === 'over' }],
    );
  }

  /** Opens the socket. @returns Its path, for `MetricSender`. */
  async listen(): Promise<string> {
    this.#socket = await makePrivateSocket('metrics');
    const { path } = this.#socket;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    return path;
  }

  /** Tells all processes, those to come as well, at which step of the budget each profile's calls are. */
  tellBudget(steps: ReadonlyMap<string, BudgetStep>): void {
    this.#budget = Object.fromEntries(steps);
    const notice = { budget: this.#budget };
    for (const socket of this.#processes.keys()) this.#tell(socket, notice);
  }

  /** Closes the socket and removes it; calls that are not over are told to have crashed. May be called twice. */
  async close(): Promise<void> {
    clearTimeout(this.#latenciesTimer);
    for (const socket of this.#processes.keys()) {
      socket.destroy();
      this.#forget(socket);
    }
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
    await this.#socket?.remove();
  }

  #take(socket: Socket): void {
    const caller: Caller = { state: 'loading', isCallOpen: false };
    this.#processes.set(socket, caller);
    this.#tellAll(socket);
    socket.setEncoding('utf8');
    const lines = new Lines(MAX_LINE);
    socket.on('data', (piece: string) => {
      for (const line of lines.take(piece)) this.#takeLine(line, caller, socket);
    });
    // Whoever reads slowly is told the latest once it reads again.
    socket.on('drain', () => this.#tellAll(socket));
    socket.on('close', () => this.#forget(socket));
    // A call that was killed resets its connection; what it wrote before was read.
    socket.on('error', () => socket.destroy());
  }

  #tellAll(socket: Socket): void {
    const budget = this.#budget && { budget: this.#budget };
    this.#tell(socket, { ...budget, ...this.#memory.latencies(), ...this.#memory.grants(socket) });
  }

  #tell(socket: Socket, notice: object): void {
    if (!socket.destroyed && !socket.writableNeedDrain) socket.write(`${JSON.stringify(notice)}\n`);
  }

  #tellGrants(sockets: readonly Socket[]): void {
    for (const socket of sockets) this.#tell(socket, this.#memory.grants(socket));
  }

  /** With what others learnt goes what is left to spend, which a process's own grant does not tell. */
  #tellLatenciesSoon(): void {
    this.#latenciesTimer ??= setTimeout(() => {
      this.#latenciesTimer = undefined;
      const latencies = this.#memory.latencies();
      for (const socket of this.#processes.keys()) this.#tell(socket, { ...latencies, ...this.#memory.grants(socket) });
    }, LATENCIES_EVERY_MS).unref();
  }

  #takeLine(line: string | undefined, caller: Caller, socket: Socket): void {
    const { events, isWhole } = line === undefined ? { events: [], isWhole: false } : parseBatch(line);
    if (!isWhole) this.#metrics.count('turnwise_dropped_metric_batches_total', {});
    for (const event of events) this.#apply(event, caller, socket);
  }

  #apply(event: ChannelEvent, caller: Caller, socket: Socket): void {
    switch (event.kind) {
      case 'process':
        caller.pid = event.pid;
        return;
      case 'state':
        this.#change(caller, event.state);
        return;
      case 'over':
        // However often it is told: one process, one call.
        if (caller.state === 'over') return;
        caller.state = 'over';
        caller.outcome = event.outcome;
        this.#metrics.count('turnwise_calls_total', { outcome: event.outcome });
        return;
      case 'record':
        this.#takeRecord(event.record, caller);
        return;
      case 'latency':
        this.#memory.take(event, socket);
        this.#tellLatenciesSoon();
        return;
      case 'hedges':
        this.#tellGrants(this.#memory.take(event, socket));
        return;
      case 'observe':
        if (event.name === 'turnwise_response_seconds') {
          this.#on.response?.(event.labels.profile ?? '', event.value);
        }
        // The schema has checked that the name is of its kind; labels are bounded by the metrics themselves.
        this.#metrics.observe(event.name as HistogramName, event.labels as LabelsOf<HistogramName>, event.value);
        return;
      case 'count':
        this.#metrics.count(event.name as CounterName, event.labels as LabelsOf<CounterName>, event.value);
        return;
    }
  }

  /** A process waits for one call, has it, and is done: it never goes back. */
  #change(caller: Caller, state: 'warm' | 'busy'): void {
    if (caller.state === 'over' || (caller.state === 'busy' && state === 'warm')) return;
    caller.state = state;
    if (state === 'warm') this.#on.warm();
    else this.#on.busy?.();
  }

  #takeRecord(record: CallRecord, caller: Caller): void {
    const callId = record.type === 'turn' ? record.turn.callId : record.callId;
    caller.callId ??= callId;
    // No call speaks for another one.
    if (caller.callId !== callId) {
      this.#metrics.count('turnwise_dropped_metric_batches_total', {});
      return;
    }
    if (record.type === 'call-started') caller.isCallOpen = true;
    if (record.type === 'call-ended') caller.isCallOpen = false;
    this.#handOn(record);
  }

  /** The process is gone: what it did not say about its call's end is said for it. May be called twice. */
  #forget(socket: Socket): void {
    const caller = this.#processes.get(socket);
    if (caller === undefined) return;
    this.#processes.delete(socket);
    this.#tellGrants(this.#memory.leave(socket));
    if (caller.state === 'busy') this.#metrics.count('turnwise_calls_total', { outcome: CRASHED });
    if (!caller.isCallOpen || caller.callId === undefined) return;
    const outcome = caller.outcome ?? CRASHED;
    this.#handOn({ type: 'call-ended', callId: caller.callId, endedAtUnixMs: Date.now(), outcome });
  }

  #handOn(record: CallRecord): void {
    for (const sink of this.#sinks) {
      try {
        sink.take(record);
      } catch (error) {
        if (!this.#failedSinks.has(sink)) this.#on.sinkFailed?.(error);
        this.#failedSinks.add(sink);
      }
    }
  }
}
