/**
 * How a call's measurements reach `/metrics` of the worker's parent: a local socket on which each call process sends its
 * events as lines of JSON. Node's own IPC channel is the framework's, and dies with messages still queued when a call is
 * killed; what was written to this socket before that is still read.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BUDGET_STEPS, type BudgetStep } from '../turn/budget-ladder.js';
import { CallRecord, type RecordSink } from './call-record.js';
import { type CounterName, type HistogramName, type LabelsOf, METRICS, type MetricName } from './metric-names.js';
import type { Measurements, Metrics } from './metrics.js';

const namesOf = (type: 'histogram' | 'counter') =>
  Object.entries(METRICS).flatMap(([name, definition]) => (definition.type === type ? [name as MetricName] : []));

const Labels = z.record(z.string().max(32), z.string().max(128));
const MetricEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('observe'),
    name: z.enum(namesOf('histogram')),
    labels: Labels,
    /** Above an hour it is no latency but a fault of the sender. */
    value: z.number().nonnegative().max(3_600_000),
  }),
  z.strictObject({
    kind: z.literal('count'),
    name: z.enum(namesOf('counter')),
    labels: Labels,
    value: z.number().nonnegative().max(1e9),
  }),
]);
/** Whether a process waits for its call (`warm`) or has one. */
const StateEvent = z.strictObject({ kind: z.literal('state'), state: z.enum(['warm', 'busy']) });
const RecordEvent = z.strictObject({ kind: z.literal('record'), record: CallRecord });
const Batch = z.array(z.union([MetricEvent, StateEvent, RecordEvent])).max(1_000);
/** What the parent tells its calls: which step of the budget each profile's calls are at; profiles that are not named, at none. */
const Notice = z.strictObject({
  budget: z.record(z.string().max(32), z.enum(BUDGET_STEPS)),
});
type ChannelEvent = z.infer<typeof MetricEvent> | z.infer<typeof StateEvent> | z.infer<typeof RecordEvent>;

/** Longest line taken, in characters; a longer one is dropped and counted. */
const MAX_LINE = 1_000_000;

/** The parent's end: takes batches and puts them into the metrics. */
export class MetricReceiver {
  readonly #server: Server;
  /** Connected processes, and what each last said it does. */
  readonly #processes = new Map<Socket, 'unknown' | 'warm' | 'busy'>();
  readonly #metrics: Metrics;
  readonly #onWarm: () => void;
  /** Told of each turn's response latency, in ms. */
  readonly #onResponse: (profile: string, responseMs: number) => void;
  readonly #sinks: readonly RecordSink[];
  #notice = '';
  #directory: string | undefined;

  /**
   * @param on.warm - Called whenever a process says that it is ready for a call.
   * @param sinks - Each is given every record of every call.
   */
  constructor(
    metrics: Metrics,
    on: { readonly warm: () => void; readonly response?: (profile: string, responseMs: number) => void },
    sinks: readonly RecordSink[] = [],
  ) {
    this.#sinks = sinks;
    this.#metrics = metrics;
    this.#onWarm = on.warm;
    this.#onResponse = on.response ?? (() => undefined);
    this.#server = createServer((socket) => this.#take(socket));
  }

  /** Processes that are loaded and wait for a call. */
  get warmProcesses(): number {
    return [...this.#processes.values()].filter((state) => state === 'warm').length;
  }

  /** Opens the socket. @returns Its path, for {@link MetricSender}. */
  async listen(): Promise<string> {
    const isPipe = process.platform === 'win32';
    if (!isPipe) this.#directory = await mkdtemp(join(tmpdir(), 'turnwise-'));
    const name = `turnwise-${randomBytes(8).toString('hex')}`;
    const path = isPipe ? `\\\\.\\pipe\\${name}` : join(this.#directory ?? tmpdir(), 'metrics.sock');
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    if (!isPipe) chmodSync(path, 0o600);
    return path;
  }

  /** Tells all processes, those to come as well, at which step of the budget each profile's calls are. */
  tellBudget(steps: ReadonlyMap<string, BudgetStep>): void {
    this.#notice = `${JSON.stringify({ budget: Object.fromEntries(steps) })}\n`;
    for (const socket of this.#processes.keys()) socket.write(this.#notice);
  }

  /** Closes the socket and removes it. May be called twice. */
  async close(): Promise<void> {
    for (const socket of this.#processes.keys()) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }

  #take(socket: Socket): void {
    this.#processes.set(socket, 'unknown');
    if (this.#notice !== '') socket.write(this.#notice);
    socket.on('close', () => this.#processes.delete(socket));
    // A call that was killed resets its connection; what it wrote before was read.
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
      .on('line', (line) => this.#takeLine(line, socket))
      .on('error', () => undefined);
  }

  #takeLine(line: string, socket: Socket): void {
    const batch = line.length > MAX_LINE ? undefined : Batch.safeParse(parseJson(line));
    if (batch?.success !== true) {
      this.#metrics.count('turnwise_dropped_metric_batches_total', {});
      return;
    }
    for (const event of batch.data) this.#apply(event, socket);
  }

  #apply(event: ChannelEvent, socket: Socket): void {
    if (event.kind === 'state') {
      this.#processes.set(socket, event.state);
      if (event.state === 'warm') this.#onWarm();
      return;
    }
    if (event.kind === 'record') {
      for (const sink of this.#sinks) sink.take(event.record);
      return;
    }
    // The schema has checked that the name is of its kind; labels are bounded by the metrics themselves.
    if (event.kind === 'observe') {
      if (event.name === 'turnwise_response_seconds') this.#onResponse(event.labels.profile ?? '', event.value);
      this.#metrics.observe(event.name as HistogramName, event.labels as LabelsOf<HistogramName>, event.value);
    } else {
      this.#metrics.count(event.name as CounterName, event.labels as LabelsOf<CounterName>, event.value);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Events that wait for a slow or absent reader; further ones are dropped, which the next batch counts once. */
const MAX_PENDING = 999;
/** How long a call's end waits for its last figures to be taken, in ms. */
const CLOSE_TIMEOUT_MS = 1_000;

/** A call's end: never blocks and never fails a call. */
export class MetricSender implements Measurements {
  readonly #socket: Socket;
  #pending: ChannelEvent[] = [];
  #droppedEvents = 0;
  #isFlushScheduled = false;
  #budget: ReadonlyMap<string, BudgetStep> = new Map();

  constructor(path: string) {
    this.#socket = createConnection(path);
    this.#socket.unref();
    createInterface({ input: this.#socket, crlfDelay: Number.POSITIVE_INFINITY })
      .on('line', (line) => {
        const notice = Notice.safeParse(parseJson(line));
        if (notice.success) this.#budget = new Map(Object.entries(notice.data.budget));
      })
      // It tells the socket's errors once more.
      .on('error', () => undefined);
    // Without a parent to report to, a call still goes on.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('drain', () => this.#flush());
  }

  /** At which step of the budget a profile's calls are now. */
  budgetStep(profile: string): BudgetStep {
    return this.#budget.get(profile) ?? 'none';
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, durationMs: number): void {
    // What is no number would make the whole batch malformed.
    if (Number.isFinite(durationMs)) this.#add({ kind: 'observe', name, labels, value: Math.max(0, durationMs) });
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#add({ kind: 'count', name, labels, value: by });
  }

  /** Tells the parent what happened, for whoever keeps it. */
  record(record: CallRecord): void {
    this.#add({ kind: 'record', record });
  }

  /** Tells the parent whether this process waits for its call or has one. */
  setState(state: 'warm' | 'busy'): void {
    this.#add({ kind: 'state', state });
  }

  /** Sends what is left. Resolves once it is with the system, or when nobody takes it. */
  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    this.#flush();
    const stalled = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.end();
    });
    clearTimeout(stalled);
  }

  #add(event: ChannelEvent): void {
    if (this.#pending.length >= MAX_PENDING) {
      this.#droppedEvents += 1;
      return;
    }
    this.#pending.push(event);
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    // One turn's events arise together; they leave as one line, right after the turn of the event loop that made them.
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#pending.length === 0 || this.#socket.destroyed || this.#socket.writableNeedDrain) return;
    const batch = this.#pending;
    this.#pending = [];
    if (this.#droppedEvents > 0) {
      batch.push({ kind: 'count', name: 'turnwise_dropped_metric_batches_total', labels: {}, value: 1 });
      this.#droppedEvents = 0;
    }
    this.#socket.write(`${JSON.stringify(batch)}\n`);
  }
}
