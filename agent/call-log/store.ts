/** What is done with the tables: writing, deleting, retention. The same code on SQLite and Postgres. */
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely';
import type { CallLogTables } from './columns.js';
import { foldRecords, type TakenRecord } from './rows.js';

/** Rows a statement writes: times the columns of a turn it stays far below the parameters that either database takes (32 766). */
const ROWS_PER_STATEMENT = 200;
/** Calls that retention deletes in one transaction, so that nobody who writes waits for long. */
const CALLS_PER_DELETION = 200;
/** How long the names of deleted calls are kept, in ms: longer than any spool waits for its database. A quarter of a year. */
const DELETED_KEPT_MS = 90 * 86_400_000;
/** Names the advisory lock that writers share and a deletion has for itself; any number that nothing else uses. */
const DELETION_LOCK = 7_302_114_901;

export interface StoreOptions {
  readonly db: Kysely<CallLogTables>;
  readonly kind: 'sqlite' | 'postgres';
  readonly keepsTexts: boolean;
}

/** What a deletion found. */
export interface Deleted {
  readonly calls: number;
  readonly turns: number;
}

export class CallStore {
  readonly db: Kysely<CallLogTables>;
  readonly #isPostgres: boolean;
  readonly #keepsTexts: boolean;

  constructor({ db, kind, keepsTexts }: StoreOptions) {
    this.db = db;
    this.#isPostgres = kind === 'postgres';
    this.#keepsTexts = keepsTexts;
  }

  /** Writes all of it or nothing. What was written before is written over with the same, so a batch may be written again. */
  async write(records: readonly TakenRecord[]): Promise<void> {
    await this.#writing(async (transaction) => this.#writeRecords(transaction, records));
  }

  /**
   * The same with what `read` gives, which runs when nobody else is between reading and writing under this name: else of two
   * who send one spool the slower could write over the newer account of a turn with an older one.
   * @returns What was written.
   */
  async writeInTurn(name: string, read: () => Promise<readonly TakenRecord[]>): Promise<readonly TakenRecord[]> {
    return this.#writing(async (transaction) => {
      if (this.#isPostgres) await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
      const records = await read();
      await this.#writeRecords(transaction, records);
      return records;
    });
  }

  /** Deletes a call for good: what is told of it afterwards is not kept. @param waiting - Deletes what still waits for this database. */
  async deleteCall(callId: string, nowUnixMs: number, waiting: () => Promise<void> = async () => {}): Promise<Deleted> {
    return this.db.transaction().execute(async (transaction) => {
      if (this.#isPostgres) await sql`select pg_advisory_xact_lock(${sql.lit(DELETION_LOCK)})`.execute(transaction);
      await transaction
        .insertInto('deleted_calls')
        .values({ call_id: callId, deleted_at_unix_ms: nowUnixMs })
        .onConflict((conflict) => conflict.column('call_id').doUpdateSet({ deleted_at_unix_ms: nowUnixMs }))
        .execute();
      await waiting();
      return deleteCalls(transaction, [callId]);
    });
  }

  /** Deletes calls that began before then, with their turns. */
  async prune(beforeUnixMs: number, nowUnixMs: number): Promise<Deleted> {
    let [calls, turns] = [0, 0];
    for (;;) {
      const old = await this.db
        .selectFrom('calls')
        .select('call_id')
        .where('started_at_unix_ms', '<', beforeUnixMs)
        .limit(CALLS_PER_DELETION)
        .execute();
      if (old.length === 0) break;
      const deleted = await this.db.transaction().execute((transaction) =>
        deleteCalls(
          transaction,
          old.map(({ call_id: callId }) => callId),
        ),
      );
      calls += deleted.calls;
      turns += deleted.turns;
    }
    await this.db
      .deleteFrom('deleted_calls')
      .where('deleted_at_unix_ms', '<', nowUnixMs - DELETED_KEPT_MS)
      .execute();
    return { calls, turns };
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }

  async #writing<T>(write: (transaction: Transaction<CallLogTables>) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(async (transaction) => {
      if (this.#isPostgres)
        await sql`select pg_advisory_xact_lock_shared(${sql.lit(DELETION_LOCK)})`.execute(transaction);
      return write(transaction);
    });
  }

  async #writeRecords(transaction: Transaction<CallLogTables>, records: readonly TakenRecord[]): Promise<void> {
    const { calls, told, heard } = foldRecords(records, this.#keepsTexts);
    if (calls.length === 0) return;
    const deleted = await transaction
      .selectFrom('deleted_calls')
      .select('call_id')
      .where(
        'call_id',
        'in',
        calls.map(({ call_id: callId }) => callId),
      )
      .execute();
    const gone = new Set(deleted.map(({ call_id: callId }) => callId));
    const isKept = ({ call_id: callId }: { call_id: string }): boolean => !gone.has(callId);
    for (const rows of inParts(calls.filter(isKept))) {
      await transaction
        .insertInto('calls')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('call_id').doUpdateSet((row) => ({
            region: row.ref('excluded.region'),
            profile: row.fn.coalesce('excluded.profile', 'calls.profile'),
            started_at_unix_ms: row
              .case()
              .when('excluded.started_at_unix_ms', '<', row.ref('calls.started_at_unix_ms'))
              .then(row.ref('excluded.started_at_unix_ms'))
              .else(row.ref('calls.started_at_unix_ms'))
              .end(),
            last_sign_at_unix_ms: row
              .case()
              .when('excluded.last_sign_at_unix_ms', '>', row.ref('calls.last_sign_at_unix_ms'))
              .then(row.ref('excluded.last_sign_at_unix_ms'))
              .else(row.ref('calls.last_sign_at_unix_ms'))
              .end(),
            ended_at_unix_ms: row.fn.coalesce('excluded.ended_at_unix_ms', 'calls.ended_at_unix_ms'),
            outcome: row.fn.coalesce('excluded.outcome', 'calls.outcome'),
          })),
        )
        .execute();
    }
    for (const rows of inParts(told.filter(isKept))) await writeTurns(transaction, rows);
    for (const rows of inParts(heard.filter(isKept))) await writeTurns(transaction, rows);
  }
}

/** Writes the columns that the rows have and leaves the others as they are: worker and ear tell of a turn in any order. */
async function writeTurns(
  transaction: Transaction<CallLogTables>,
  rows: readonly Insertable<CallLogTables['turns']>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'call_id' && column !== 'turn');
  const update = Object.fromEntries(columns.map((column) => [column, sql.ref(`excluded.${column}`)]));
  await transaction
    .insertInto('turns')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['call_id', 'turn']).doUpdateSet(update))
    .execute();
}

async function deleteCalls(db: Kysely<CallLogTables>, callIds: readonly string[]): Promise<Deleted> {
  const turns = await db.deleteFrom('turns').where('call_id', 'in', callIds).executeTakeFirst();
  const calls = await db.deleteFrom('calls').where('call_id', 'in', callIds).executeTakeFirst();
  return { calls: Number(calls.numDeletedRows), turns: Number(turns.numDeletedRows) };
}

function inParts<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
    parts.push(rows.slice(from, from + ROWS_PER_STATEMENT));
  return parts;
}
