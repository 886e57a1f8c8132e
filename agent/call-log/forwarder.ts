/** Sends what waits in the spool to Postgres, again and again until Postgres has it. */
import type { CallLogTables } from './columns.js';
import { isDataError } from './data-errors.js';
import { CallLogError, databaseAway, openPostgres } from './database.js';
import { CALL_LOG_MIGRATIONS } from './migrations.js';
import { pause, pauseMs } from './pauses.js';
import { Retention } from './retention.js';
import type { TakenRecord } from './rows.js';
import type { CallLogSettings, CallLogTarget } from './settings.js';
import type { Spool } from './spool.js';
import { CallStore } from './store.js';
import type { WriterEvents } from './writer-events.js';

/** Records sent in one transaction. */
const BATCH_RECORDS = 200;
/** How often the spool is looked into without being told to, in ms: a process that shares it may have died with records in it. */
const LOOK_MS = 2_000;

export interface ForwarderOptions {
  readonly target: Extract<CallLogTarget, { kind: 'postgres' }>;
  readonly settings: CallLogSettings;
  readonly spool: () => Promise<Spool>;
  readonly events: WriterEvents;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #stop = new AbortController();
  readonly #draining = new AbortController();
  readonly #running: Promise<void>;
  #store: CallStore | undefined;
  #wake = new AbortController();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** There is something to send. */
  wake(): void {
    this.#wake.abort();
  }

  /** Sends what waits. Resolves when nothing is left, or at the first failure. */
  async drain(): Promise<void> {
    this.#draining.abort();
    this.#wake.abort();
    await this.#running;
  }

  /** Ends at once; what is not sent stays in the spool. May be called twice. */
  stop(): void {
    this.#stop.abort();
    this.#draining.abort();
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { events, settings } = this.#options;
    const retention = new Retention(settings.retentionDays);
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        this.#store ??= await this.#connect();
        await retention.enforce(this.#store, Date.now());
        this.#wake = new AbortController();
        const taken = await this.#sendBatch(this.#store);
        failures = 0;
        events.state('database', undefined);
        if (taken > 0) continue;
        if (this.#draining.signal.aborted) break;
        await pause(LOOK_MS, this.#wake.signal);
      } catch (error) {
        failures += 1;
        if (!(error instanceof SpoolError)) {
          events.state('database', messageOf(error, this.#options.target));
          this.#disconnect();
        }
        if (this.#draining.signal.aborted) break;
        await pause(pauseMs(failures), this.#draining.signal);
      }
    }
    this.#disconnect();
  }

  /** @returns How many records are out of the spool. */
  async #sendBatch(store: CallStore): Promise<number> {
    const spool = await ofSpool(this.#options.spool());
    let waiting = await ofSpool(spool.oldest(BATCH_RECORDS));
    if (waiting.seqs.length === 0) return 0;
    const read = async (): Promise<readonly TakenRecord[]> => {
      waiting = await ofSpool(spool.oldest(BATCH_RECORDS));
      return waiting.records;
    };
    let refused = 0;
    try {
      await store.writeInTurn(spool.id, read);
    } catch (error) {
      if (!isDataError(error)) throw error;
      refused = await this.#sendOneByOne(store, spool.id, waiting.records);
    }
    // Two who send the same records count those that they took out themselves.
    const removed = await ofSpool(spool.remove(waiting.seqs));
    const lost = Math.min(removed, refused + waiting.unreadable);
    if (removed > lost) this.#options.events.count('sent', removed - lost);
    if (lost > 0) this.#options.events.count('dropped', lost);
    return waiting.seqs.length;
  }

  /** One record that the database will never take must not keep back the others. @returns How many there are of that kind. */
  async #sendOneByOne(store: CallStore, id: string, records: readonly TakenRecord[]): Promise<number> {
    let refused = 0;
    for (const record of records) {
      try {
        await store.writeInTurn(id, async () => [record]);
      } catch (error) {
        if (!isDataError(error)) throw error;
        refused += 1;
      }
    }
    return refused;
  }

  async #connect(): Promise<CallStore> {
    const { target, settings } = this.#options;
    const db = await openPostgres<CallLogTables>(target, CALL_LOG_MIGRATIONS);
    return new CallStore({ db, kind: 'postgres', keepsTexts: settings.keepsTexts });
  }

  /** Nobody waits for it: a server that hangs would not let go of its connection either. */
  #disconnect(): void {
    this.#store?.close().catch(() => undefined);
    this.#store = undefined;
  }
}

/** Of the file, not of the database: the writer tells of it, since it needs the file, too. */
class SpoolError extends Error {}

async function ofSpool<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new SpoolError('The spool cannot be used.', { cause });
  }
}

function messageOf(error: unknown, target: CallLogTarget): string {
  return (error instanceof CallLogError ? error : databaseAway(target, error)).message;
}
