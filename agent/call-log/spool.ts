/** Records that wait in a SQLite file until Postgres has them. Several processes may share one. */
import type { Generated, Kysely } from 'kysely';
import { openSqlite } from './database.js';
import { SPOOL_MIGRATIONS } from './migrations.js';
import { callIdOf, TakenRecord } from './rows.js';

/** Most records that wait, about 2 kB each: days of calls. What comes then is dropped. */
export const SPOOL_MAX_RECORDS = 500_000;

interface SpoolTables {
  outbox: { seq: Generated<number>; call_id: string; taken_at_unix_ms: number; record: string };
  spool: { id: string };
}

/** The oldest records that wait. */
export interface Waiting {
  readonly records: readonly TakenRecord[];
  /** By which they are removed, with those that cannot be read. */
  readonly seqs: readonly number[];
  /** How many cannot be read: somebody else wrote them, or a newer version. */
  readonly unreadable: number;
}

export class Spool {
  readonly #db: Kysely<SpoolTables>;
  /** Names this file among all that feed one database. */
  readonly id: string;

  private constructor(db: Kysely<SpoolTables>, id: string) {
    this.#db = db;
    this.id = id;
  }

  /** @throws CallLogError when the file cannot be used. */
  static async open(file: string): Promise<Spool> {
    const db = await openSqlite<SpoolTables>(file, SPOOL_MIGRATIONS, 'CALL_LOG_SPOOL');
    try {
      const { id } = await db.selectFrom('spool').select('id').executeTakeFirstOrThrow();
      return new Spool(db, id);
    } catch (error) {
      await db.destroy();
      throw error;
    }
  }

  /** Adds all or none. */
  async add(records: readonly TakenRecord[]): Promise<void> {
    if (records.length === 0) return;
    const rows = records.map((taken) => ({
      call_id: callIdOf(taken.record),
      taken_at_unix_ms: taken.takenAtUnixMs,
      record: JSON.stringify(taken),
    }));
    await this.#db.insertInto('outbox').values(rows).execute();
  }

  /** @returns At most `limit` records, oldest first. */
  async oldest(limit: number): Promise<Waiting> {
    const rows = await this.#db.selectFrom('outbox').select(['seq', 'record']).orderBy('seq').limit(limit).execute();
    const parsed = rows.map(({ record }) => parseRecord(record));
    const records = parsed.filter((record) => record !== undefined);
    return { records, seqs: rows.map(({ seq }) => seq), unreadable: rows.length - records.length };
  }

  /** @returns How many were still there. */
  async remove(seqs: readonly number[]): Promise<number> {
    if (seqs.length === 0) return 0;
    const { numDeletedRows } = await this.#db.deleteFrom('outbox').where('seq', 'in', seqs).executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  /** @returns How many records wait. */
  async size(): Promise<number> {
    const { waiting } = await this.#db
      .selectFrom('outbox')
      .select(({ fn }) => fn.countAll<number>().as('waiting'))
      .executeTakeFirstOrThrow();
    return waiting;
  }

  /** @returns How many records of the call waited. */
  async deleteCall(callId: string): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('outbox')
      .where('call_id', '=', callId)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  /** Deletes what was told before then, as the database would. @returns How many records that were. */
  async prune(beforeUnixMs: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('outbox')
      .where('taken_at_unix_ms', '<', beforeUnixMs)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

function parseRecord(text: string): TakenRecord | undefined {
  try {
    return TakenRecord.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
