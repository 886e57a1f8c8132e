/**
 * A call's end of the metric channel: never blocks and never fails a call. It is connected once: to its parent a process that
 * goes has ended its call, and one that comes back would be another. So a reader that is gone is told of nothing more, and what
 * was dropped for that is left to whoever logs the call's end ({@link MetricSender.droppedEvents}).
 */
import { createConnection, type Socket } from 'node:net';
import { CallMemory } from '../resilience/call-memory.js';
import type { BudgetStep } from '../turn/budget-ladder.js';
import type { CallRecord } from './call-record.js';
import { Lines } from './lines.js';
import { type ChannelEvent, MAX_LINE, MAX_OUTCOME, Notice, parseJson } from './metric-channel.js';
import type { CounterName, HistogramName, LabelsOf } from './metric-names.js';
import type { Measurements } from './metrics.js';
import { Outbox, type Urgency } from './outbox.js';

/** How long a call's end waits for its last figures to be taken, in ms. */
const CLOSE_TIMEOUT_MS = 1_000;

const URGENCIES: Readonly<Record<ChannelEvent['kind'], Urgency>> = {
  process: 'state',
  state: 'state',
  over: 'state',
  observe: 'metric',
  count: 'metric',
  record: 'record',
  latency: 'metric',
  hedges: 'metric',
};

export class MetricSender implements Measurements {
  /** What the process knows of its providers, shared with the worker's other calls. */
  readonly memory = new CallMemory((event) => this.#add(event));
  readonly #socket: Socket;
  readonly #outbox = new Outbox();
  #isFlushScheduled = false;
  #closing: Promise<void> | undefined;
  #budget: ReadonlyMap<string, BudgetStep> = new Map();

  /** @param path - Of the receiver's socket. */
  constructor(path: string) {
    this.#socket = createConnection(path);
    this.#socket.unref();
    this.#socket.setEncoding('utf8');
    const lines = new Lines(MAX_LINE);
    this.#socket.on('data', (piece: string) => {
      for (const line of lines.take(piece)) this.#takeNotice(line ?? '');
    });
    // Without a parent to report to, a call still goes on.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.#outbox.close();
      this.memory.leave();
    });
    this.#socket.on('drain', () => this.#flush());
    this.#add({ kind: 'process', pid: process.pid });
  }

  /**
   * Events that were dropped and of which the parent was not told; above 0 for good only once it is gone. What the system had
   * taken by then counts as told: whether it was read, nobody can know.
   */
  get droppedEvents(): number {
    return this.#outbox.droppedEvents;
  }

  /** At which step of the budget a profile's calls are now. */
  budgetStep(profile: string): BudgetStep {
    return this.#budget.get(profile) ?? 'none';
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, durationMs: number): void {
    // What is no number would be malformed at the other end.
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

  /** Tells the parent that the call is over; it counts the outcome. A process that ends without this has crashed. */
  endCall(outcome: string): void {
    this.#add({ kind: 'over', outcome: outcome.slice(0, MAX_OUTCOME) });
  }

  /**
   * Sends what is left. Resolves once it is with the system, or when nobody takes it. What is told after this belongs to no
   * call: it is neither sent nor counted. May be called twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    const stalled = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    this.#flush();
    if (this.#outbox.isEmpty) this.#socket.end();
    await closed;
    clearTimeout(stalled);
  }

  #takeNotice(line: string): void {
    const notice = Notice.safeParse(parseJson(line));
    if (!notice.success) return;
    const { budget, ...shared } = notice.data;
    if (budget !== undefined) this.#budget = new Map(Object.entries(budget));
    this.memory.take(shared);
  }

  #add(event: ChannelEvent): void {
    if (this.#closing !== undefined) return;
    this.#outbox.add(URGENCIES[event.kind], JSON.stringify(event));
    if (this.#isFlushScheduled || this.#socket.destroyed) return;
    this.#isFlushScheduled = true;
    // One turn's events arise together; they leave as one line, right after the turn of the event loop that made them.
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  /** Never more than one batch goes into the socket's own buffer, which has no bound. */
  #flush(): void {
    while (!this.#socket.destroyed && !this.#socket.writableEnded && !this.#socket.writableNeedDrain) {
      const batch = this.#outbox.take();
      if (batch === undefined) break;
      const { json, events } = batch;
      this.#socket.write(`${json}\n`, (error) => {
        if (error) this.#outbox.noteLost(events);
      });
    }
    if (this.#closing !== undefined && this.#outbox.isEmpty) this.#socket.end();
  }
}
