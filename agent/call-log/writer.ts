/**
 * Keeps records: in the SQLite file that is the log, or in the one that feeds Postgres. Runs in a thread of its own, because
 * SQLite blocks. Whatever fails is tried again until it works or the writer is closed.
 */
import { existsSync } from 'node:fs';
import { settledWithin } from '../within.js';
import type { CallLogTables } from './columns.js';
import { isDataError } from './data-errors.js';
import { fileTrouble, openSqlite } from './database.js';
import { Forwarder } from './forwarder.js';
import { CALL_LOG_MIGRATIONS } from './migrations.js';
import { pause, pauseMs } from './pauses.js';
import { Retention } from './retention.js';
import type { TakenRecord } from './rows.js';
import type { CallLogSettings } from './settings.js';
import { SPOOL_MAX_RECORDS, Spool } from './spool.js';
import { CallStore } from './store.js';
import type { WriterEvents } from './writer-events.js';

const FULL =
  "The call log's spool is full; what comes now is lost. Start the database that it waits for, or correct CALL_LOG_URL.";

/** How often the spool is measured and retention looked at, in ms. */
const ROUND_MS = 1_000;

export class CallLogWriter {
  readonly #settings: CallLogSettings;
  readonly #events: WriterEvents;
  readonly #retention: Retention;
  readonly #closing = new AbortController();
  readonly #rounds: NodeJS.Timeout;
  readonly #forwarder: Forwarder | undefined;
  readonly #spoolMaxRecords: number;
  #store: CallStore | undefined;
  #spool: Spool | undefined;
  /** Records in the spool when it was last measured, and those added since. */
  #waiting = 0;
  #work: Promise<unknown> = Promise.resolve();
  #isRoundDue = false;

  constructor(settings: CallLogSettings, events: WriterEvents, spoolMaxRecords = SPOOL_MAX_RECORDS) {
    this.#settings = settings;
    this.#events = events;
    this.#spoolMaxRecords = spoolMaxRecords;
    this.#retention = new Retention(settings.retentionDays);
    const { target } = settings;
    if (target.kind === 'postgres') {
      const spool = (): Promise<Spool> => this.#inTurn(() => this.#openSpool(target.spoolFile));
      this.#forwarder = new Forwarder({ target, settings, events, spool });
    }
    this.#rounds = setInterval(() => this.#beginRound(), ROUND_MS);
    this.#beginRound();
  }

  /**
   * Keeps a batch, in the order of calls. Resolves when it lies on the disk.
   * @returns How many records are lost, which without {@link close} are only those that no database would take.
   */
  async keep(records: readonly TakenRecord[]): Promise<number> {
    return this.#inTurn(() => this.#keep(records));
  }

  /** Keeps what it was given, sends what waits if there is time, and closes. @param limitMs - For all of it. */
  async close(limitMs: number): Promise<void> {
    clearInterval(this.#rounds);
    const until = performance.now() + limitMs;
    await settledWithin(limitMs / 2, this.#work);
    this.#closing.abort();
    await this.#work;
    if (this.#forwarder !== undefined) {
      await settledWithin(Math.max(0, until - performance.now()), this.#forwarder.drain());
      this.#forwarder.stop();
      await this.#measure().catch(() => undefined);
    }
    await this.#closeFile();
  }

  /** One at most waits behind a batch that the disk does not take for hours. */
  #beginRound(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    void this.#inTurn(() => {
      this.#isRoundDue = false;
      return this.#round();
    });
  }

  /** One thing at a time: the file has one connection, and batches an order. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #keep(records: readonly TakenRecord[]): Promise<number> {
    for (let failures = 0; ; ) {
      try {
        const lost = await this.#write(records);
        this.#events.state('file', this.#isFull ? FULL : undefined);
        if (lost > 0) this.#events.count('dropped', lost);
        return lost;
      } catch (error) {
        failures += 1;
        await this.#failed(error);
        if (this.#closing.signal.aborted) {
          this.#events.count('dropped', records.length);
          return records.length;
        }
        await pause(pauseMs(failures), this.#closing.signal);
      }
    }
  }

  /** @returns How many records are lost. */
  async #write(records: readonly TakenRecord[]): Promise<number> {
    const { target } = this.#settings;
    if (target.kind === 'sqlite') {
      const store = await this.#openStore(target.file);
      const refused = await writeAllThatCan(store, records);
      this.#events.count('sent', records.length - refused);
      return refused;
    }
    if (this.#isFull) return records.length;
    const spool = await this.#openSpool(target.spoolFile);
    await spool.add(records);
    this.#waiting += records.length;
    this.#events.count('spooled', records.length);
    this.#forwarder?.wake();
    return 0;
  }

  get #isFull(): boolean {
    return this.#waiting >= this.#spoolMaxRecords;
  }

  async #round(): Promise<void> {
    const { target } = this.#settings;
    try {
      if (target.kind === 'sqlite') {
        await this.#retention.enforce(await this.#openStore(target.file), Date.now());
      } else {
        const spool = await this.#openSpool(target.spoolFile);
        const old = await this.#retention.enforce(spool, Date.now());
        if (old !== undefined && old > 0) this.#events.count('dropped', old);
        await this.#measure(spool);
      }
      this.#events.state('file', this.#isFull ? FULL : undefined);
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #measure(spool: Spool | undefined = this.#spool): Promise<void> {
    if (spool === undefined) return;
    this.#waiting = await spool.size();
    this.#events.waiting(this.#waiting);
  }

  async #openStore(file: string): Promise<CallStore> {
    // Somebody may delete the file while it is in use; what is written to it then is lost without an error.
    if (!existsSync(file)) await this.#closeFile();
    this.#store ??= new CallStore({
      db: await openSqlite<CallLogTables>(file, CALL_LOG_MIGRATIONS, 'CALL_LOG_URL'),
      kind: 'sqlite',
      keepsTexts: this.#settings.keepsTexts,
    });
    return this.#store;
  }

  async #openSpool(file: string): Promise<Spool> {
    if (!existsSync(file)) await this.#closeFile();
    this.#spool ??= await Spool.open(file);
    return this.#spool;
  }

  async #failed(error: unknown): Promise<void> {
    this.#events.state('file', fileTrouble(error));
    await this.#closeFile();
  }

  /** The next one who needs the file opens it: it may be another by then. */
  async #closeFile(): Promise<void> {
    const files = [this.#store, this.#spool];
    [this.#store, this.#spool] = [undefined, undefined];
    for (const file of files) await file?.close().catch(() => undefined);
  }
}

/** @returns How many records the database will never take; the others are written. */
async function writeAllThatCan(store: CallStore, records: readonly TakenRecord[]): Promise<number> {
  try {
    await store.write(records);
    return 0;
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [first, ...others] = records;
    if (first === undefined || others.length === 0) return records.length;
    const half = Math.ceil(records.length / 2);
    return (await writeAllThatCan(store, records.slice(0, half))) + (await writeAllThatCan(store, records.slice(half)));
  }
}
