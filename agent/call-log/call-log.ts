/**
 * The call log as the worker's parent sees it: records go in at once and are kept in the background, by a thread that owns
 * the database, so that neither a disk nor a database ever holds up a call.
 */
import { Worker } from 'node:worker_threads';
import type { CallRecord, RecordSink } from '../telemetry/call-record.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import { pause, pauseMs } from './pauses.js';
import type { TakenRecord } from './rows.js';
import { type CallLogSettings, nameOfTarget } from './settings.js';
import { FromThread, type ToThread } from './thread-messages.js';
import type { LogPart } from './writer-events.js';

/** How long records gather before they are written, in ms: a process that is killed loses no more. */
const GATHER_MS = 150;
/** Most records in one batch. */
const BATCH_RECORDS = 200;
/** Most records that wait for the disk, about 2 kB each: an hour of turns of many calls. */
export const QUEUE_MAX_RECORDS = 10_000;
/** Time for writing what is left when the log is closed, in ms; and a little more for the thread to end. */
const CLOSE_MS = 4_000;
const CLOSE_GRACE_MS = 500;

/** What the log tells about itself. */
export interface CallLogSurroundings {
  /** Of the worker that the calls are on. */
  readonly region: string;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The compiled thread; only tests that run from the sources say which. */
  readonly threadUrl?: URL;
  readonly queueMaxRecords?: number;
}

/** Opens the log in the background: what is wrong with its database is logged and tried again, and never thrown. */
export function openCallLog(settings: CallLogSettings, surroundings: CallLogSurroundings): RecordSink {
  return new ThreadedCallLog(settings, surroundings);
}

class ThreadedCallLog implements RecordSink {
  readonly #settings: CallLogSettings;
  readonly #surroundings: CallLogSurroundings;
  readonly #queueMaxRecords: number;
  #queue: TakenRecord[] = [];
  /** Batches that the thread has and did not answer yet, oldest first. Only a closing log has more than one. */
  #given: (readonly TakenRecord[])[] = [];
  #inSpool = 0;
  #thread: Worker | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  readonly #states = new Map<LogPart, string | undefined>();
  #closed: Promise<void> | undefined;
  /** Aborts when the thread of a closing log has nothing left to do. */
  readonly #done = new AbortController();

  constructor(settings: CallLogSettings, surroundings: CallLogSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#queueMaxRecords = surroundings.queueMaxRecords ?? QUEUE_MAX_RECORDS;
    this.#start();
  }

  take(record: CallRecord): void {
    if (this.#closed !== undefined || this.#queue.length >= this.#queueMaxRecords) {
      this.#count('dropped', 1);
      return;
    }
    const { region } = this.#surroundings;
    this.#queue.push({ record: this.#told(record), takenAtUnixMs: Date.now(), region });
    this.#showBacklog();
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#give();
    }, GATHER_MS).unref();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #start(): void {
    const threadUrl = this.#surroundings.threadUrl ?? new URL('./writer-thread.js', import.meta.url);
    const thread = new Worker(threadUrl, { workerData: this.#settings, name: 'call-log' });
    this.#thread = thread;
    // A process that has nothing else to do ends; whoever wants the rest kept closes the log.
    thread.unref();
    thread.on('message', (message: unknown) => {
      const parsed = FromThread.safeParse(message);
      if (parsed.success) this.#heard(parsed.data);
    });
    thread.on('error', (error) => {
      this.#surroundings.logger.warn({ error }, 'the thread of the call log failed');
    });
    thread.on('exit', () => this.#ended(thread));
    for (const batch of this.#given) this.#post(thread, { type: 'keep', records: [...batch] });
    this.#give();
  }

  #ended(thread: Worker): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    if (this.#closed !== undefined) {
      this.#done.abort();
      return;
    }
    this.#failures += 1;
    this.#restart = setTimeout(() => this.#start(), pauseMs(this.#failures)).unref();
  }

  #heard(message: FromThread): void {
    if (message.type === 'count') this.#count(message.result, message.by);
    else if (message.type === 'state') this.#note(message.part, message.message);
    else if (message.type === 'closed') this.#done.abort();
    else {
      if (message.type === 'waiting') this.#inSpool = message.records;
      else {
        this.#given.shift();
        this.#failures = 0;
        this.#give();
      }
      this.#showBacklog();
    }
  }

  /** Gives the thread the next batch, unless it still has one: what it cannot write gathers here, where it is bounded. */
  #give(): void {
    if (this.#thread === undefined || this.#given.length > 0 || this.#gathering !== undefined) return;
    this.#giveNow(this.#thread);
  }

  #giveNow(thread: Worker): void {
    const batch = this.#queue.splice(0, BATCH_RECORDS);
    if (batch.length === 0) return;
    this.#given.push(batch);
    this.#post(thread, { type: 'keep', records: batch });
  }

  #post(thread: Worker, message: ToThread): void {
    thread.postMessage(message);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#gathering);
    clearTimeout(this.#restart);
    const thread = this.#thread;
    if (thread !== undefined) {
      while (this.#queue.length > 0) this.#giveNow(thread);
      this.#post(thread, { type: 'close', limitMs: CLOSE_MS });
      thread.ref();
      await pause(CLOSE_MS + CLOSE_GRACE_MS, this.#done.signal);
      await thread.terminate();
    }
    const lost = [...this.#given.flat(), ...this.#queue].length;
    [this.#given, this.#queue] = [[], []];
    if (lost > 0) this.#count('dropped', lost);
  }

  #note(part: LogPart, message: string | undefined): void {
    if (this.#states.get(part) === message) return;
    const { logger } = this.#surroundings;
    // Nothing was said of it before: that it works is no news.
    if (message !== undefined) logger.warn({ part }, message);
    else if (this.#states.get(part) !== undefined)
      logger.info({ part, log: nameOfTarget(this.#settings.target) }, 'the call log is written again');
    this.#states.set(part, message);
  }

  /** The calls' processes leave texts out; that nothing is kept unasked does not depend on it. */
  #told(record: CallRecord): CallRecord {
    if (this.#settings.keepsTexts || record.type !== 'turn') return record;
    return { ...record, turn: { ...record.turn, said: '', reply: '' } };
  }

  #count(result: 'spooled' | 'sent' | 'dropped', by: number): void {
    this.#surroundings.metrics.count('turnwise_call_log_records_total', { result }, by);
  }

  #showBacklog(): void {
    const given = this.#given.reduce((sum, batch) => sum + batch.length, 0);
    this.#surroundings.metrics.set('turnwise_call_log_backlog', {}, this.#queue.length + given + this.#inSpool);
  }
}
