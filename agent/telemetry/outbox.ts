/** What a call has to tell its worker's parent and could not write yet: bounded in events and in bytes, cut into batches. */
import { MAX_BATCH_EVENTS } from './metric-channel.js';

/** Which events go first, and what is dropped when too much waits: `state` never (there are four of them a call), `record` first. */
export type Urgency = 'state' | 'metric' | 'record';

/** Bytes of one batch: well below the longest line that is taken, above the longest record (30,000 characters of text). */
export const MAX_BATCH_BYTES = 256 * 1_024;
/** What may wait: minutes of a call's metrics, and of its records more turns than a reader could be behind and still live. */
const LIMITS: Readonly<Record<Urgency, { readonly events: number; readonly bytes: number }>> = {
  state: { events: 16, bytes: 4_096 },
  metric: { events: 2_000, bytes: 512 * 1_024 },
  record: { events: 1_000, bytes: 4_096 * 1_024 },
};
const ORDER: readonly Urgency[] = ['state', 'metric', 'record'];
/** The count of dropped batches, which joins the next batch. */
const RESERVED_EVENTS = 1;
const RESERVED_BYTES = 256;
const COMMA_BYTES = 1;

interface Waiting {
  readonly json: string;
  readonly bytes: number;
}

/** What goes to the reader in one piece. */
export interface OutgoingBatch {
  readonly json: string;
  /** Events that it tells of: those in it, and the dropped ones whose count is in it. */
  readonly events: number;
}

export class Outbox {
  readonly #queues: Record<Urgency, Waiting[]> = { state: [], metric: [], record: [] };
  readonly #bytes: Record<Urgency, number> = { state: 0, metric: 0, record: 0 };
  #droppedEvents = 0;
  #isClosed = false;

  /** Events that nobody was told of, and of whose loss nobody was told either. */
  get droppedEvents(): number {
    return this.#droppedEvents;
  }

  get isEmpty(): boolean {
    return ORDER.every((urgency) => this.#queues[urgency].length === 0);
  }

  /** @param json - One event; dropped and counted when there is no room for it. */
  add(urgency: Urgency, json: string): void {
    const bytes = Buffer.byteLength(json);
    const { events, bytes: maxBytes } = LIMITS[urgency];
    const isTooLarge = RESERVED_BYTES + bytes + COMMA_BYTES > MAX_BATCH_BYTES;
    const isFull = this.#queues[urgency].length >= events || this.#bytes[urgency] + bytes > maxBytes;
    if (this.#isClosed || isTooLarge || isFull) {
      this.#droppedEvents += 1;
      return;
    }
    this.#queues[urgency].push({ json, bytes });
    this.#bytes[urgency] += bytes;
  }

  /** @returns The next batch, with what tells of the dropped ones; `undefined` when nothing waits. */
  take(): OutgoingBatch | undefined {
    if (this.isEmpty) return undefined;
    const batch: string[] = [];
    let bytes = RESERVED_BYTES;
    for (const urgency of ORDER) {
      const queue = this.#queues[urgency];
      let taken = 0;
      for (const { json, bytes: more } of queue) {
        const bytesWithIt = bytes + more + COMMA_BYTES;
        if (batch.length >= MAX_BATCH_EVENTS - RESERVED_EVENTS || bytesWithIt > MAX_BATCH_BYTES) break;
        batch.push(json);
        bytes = bytesWithIt;
        this.#bytes[urgency] -= more;
        taken += 1;
      }
      queue.splice(0, taken);
      if (queue.length > 0) break;
    }
    const events = batch.length + this.#droppedEvents;
    if (this.#droppedEvents > 0) batch.push(this.#dropped());
    return { json: `[${batch.join(',')}]`, events };
  }

  /** Counts events that were taken and did not reach the reader. */
  noteLost(events: number): void {
    this.#droppedEvents += events;
  }

  /** Nobody will ever take anything: what waits and what comes is dropped, and counted. May be called twice. */
  close(): void {
    this.#isClosed = true;
    for (const urgency of ORDER) {
      this.#droppedEvents += this.#queues[urgency].length;
      this.#queues[urgency] = [];
      this.#bytes[urgency] = 0;
    }
  }

  /** Events that were dropped, as the batches they would have filled. */
  #dropped(): string {
    const value = Math.ceil(this.#droppedEvents / MAX_BATCH_EVENTS);
    this.#droppedEvents = 0;
    return JSON.stringify({ kind: 'count', name: 'turnwise_dropped_metric_batches_total', labels: {}, value });
  }
}
