/** Opens the databases of the call log, brings their tables up to date, and says what is wrong in words without secrets. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  type Migration,
  Migrator,
  PostgresDialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import Database from 'libsql';
import pg from 'pg';
import { type CallLogTarget, nameOfTarget, withoutSecrets } from './settings.js';

/** Longest wait for another process' write, in ms. It blocks the thread that waits, which is never one that has calls. */
const BUSY_TIMEOUT_MS = 2_000;
/** Longest wait for a connection to Postgres, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Longest wait for Postgres' answer to one statement, in ms: then the connection is given up, and the batch sent again. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** Only its owner reads what was said. */
const FILE_MODE = 0o600;
/** OID of `int8` in Postgres' catalogue (pg_type.dat), which the client gives as text: times in ms fit a number. */
const INT8_OID = 20;

const MIGRATION_TABLES = {
  migrationTableName: 'call_log_migrations',
  migrationLockTableName: 'call_log_migrations_lock',
};

/** A database of the call log that cannot be used now. Its message says which, why, and what to do; never a password. */
export class CallLogError extends Error {
  override readonly name = 'CallLogError';
  readonly code = 'call_log';
}

/** Takes the write lock where a transaction begins: one that reads first and writes later could fail between the two. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Migrations run in a transaction, which on SQLite is a lock, too: of several workers that start at once one migrates. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LibsqlDialect implements Dialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver({ database: this.#database });
  }

  createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/**
 * Opens a SQLite file, shared with other processes, and brings its tables up to date; makes file and folder when absent.
 * @param setting - The setting to change when the file cannot be used.
 * @throws {@link CallLogError}
 */
export async function openSqlite<Tables>(
  file: string,
  migrations: Record<string, Migration>,
  setting: string,
): Promise<Kysely<Tables>> {
  try {
    const db = new Kysely<Tables>({ dialect: new LibsqlDialect(openFile(file)) });
    await migrateOrClose(db, migrations);
    return db;
  } catch (error) {
    throw new CallLogError(
      `The call log cannot use "${file}" (${messageOf(error)}). ` +
        `Set ${setting} to a file in a writable folder, or move this one away.`,
      { cause: error },
    );
  }
}

function openFile(file: string): SqliteDatabase {
  mkdirSync(path.dirname(file), { recursive: true });
  // Made here when absent, because SQLite would let everybody read it; the files beside it take over its mode.
  closeSync(openSync(file, 'a', FILE_MODE));
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma('journal_mode = WAL');
    // Records have to outlive a power failure no more than the calls do; consistency is kept, and an fsync a write saved.
    database.pragma('synchronous = NORMAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Connects to Postgres and brings its tables up to date. One connection, which is made anew when it is lost.
 * @throws {@link CallLogError} when it cannot be reached, or does not answer in time.
 */
export async function openPostgres<Tables>(
  target: Extract<CallLogTarget, { kind: 'postgres' }>,
  migrations: Record<string, Migration>,
): Promise<Kysely<Tables>> {
  try {
    const pool = new pg.Pool({
      connectionString: target.url,
      application_name: 'turnwise',
      max: 1,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
      types: { getTypeParser: typeParser },
    });
    // A connection that ends while nobody uses it is made anew by the next query; without a listener it would end the thread.
    pool.on('error', () => undefined);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    await migrateOrClose(db, migrations);
    return db;
  } catch (error) {
    throw databaseAway(target, error);
  }
}

/** What a failure of the file is called. */
export function fileTrouble(error: unknown): string {
  return error instanceof CallLogError ? error.message : `The call log cannot be written (${messageOf(error)}).`;
}

/** What a failure of the database is called; its cause may hold what was sent, and is for nobody to print. */
export function databaseAway(target: CallLogTarget, error: unknown): CallLogError {
  return new CallLogError(
    `The call log's database ${nameOfTarget(target)} does not take records (${withoutSecrets(messageOf(error), target)}). ` +
      'Start it, or correct CALL_LOG_URL.',
    { cause: error },
  );
}

async function migrateOrClose<Tables>(db: Kysely<Tables>, migrations: Record<string, Migration>): Promise<void> {
  const migrator = new Migrator({
    ...{ db, provider: { getMigrations: async () => migrations } },
    ...MIGRATION_TABLES,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  await db.destroy();
  const isNewer = error instanceof Error && error.message.startsWith('corrupted migrations');
  throw isNewer ? new Error('its tables were made by a newer version of this program', { cause: error }) : error;
}

/** Decides how the client reads a value, by its type. */
function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  return oid === INT8_OID ? Number : pg.types.getTypeParser(oid, format);
}

/** The reason in short: codes say more than the driver's words, which are empty for some failed connections. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'for an unknown reason';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return [error.message, code].filter((part) => part !== undefined && part !== '').join(', ') || error.name;
}
