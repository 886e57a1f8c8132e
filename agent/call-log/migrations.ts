/**
 * How the tables came to be, step by step. A step that has left this repository is never changed: another one is added. The
 * same steps run on SQLite and Postgres.
 */
import { type Kysely, type Migration, sql } from 'kysely';

/** Durations are in ms, as in wire/turn.ts. */
const DURATIONS_1 = [
  'response_ms',
  'answer_ms',
  'stage_stt_ms',
  'stage_endpointing_ms',
  'stage_llm_ms',
  'stage_tools_ms',
  'stage_text_aggregation_ms',
  'stage_tts_ms',
  'stage_playout_ms',
  'stage_unexplained_ms',
  'hidden_llm_ms',
  'hidden_text_aggregation_ms',
  'hidden_tts_ms',
  'endpointing_ms',
  'stt_final_ms',
  'llm_ttft_ms',
  'text_aggregation_ms',
  'tts_ttfb_ms',
  'tts_first_sound_ms',
  'playout_ms',
  'heard_ms',
  'heard_round_trip_ms',
  'heard_jitter_buffer_ms',
  'heard_playout_ms',
  'heard_unexplained_ms',
];

const TEXTS_1 = [
  'profile',
  'region',
  'outcome',
  'stt_provider',
  'stt_model',
  'llm_provider',
  'llm_model',
  'tts_provider',
  'tts_model',
  'overlaps',
  'waiting',
  'instants',
  'said',
  'reply',
];

export const CALL_LOG_MIGRATIONS: Record<string, Migration> = {
  '1-calls-and-turns': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('calls')
        .addColumn('call_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('region', 'text', (column) => column.notNull())
        .addColumn('profile', 'text')
        .addColumn('started_at_unix_ms', 'bigint', (column) => column.notNull())
        .addColumn('last_sign_at_unix_ms', 'bigint', (column) => column.notNull())
        .addColumn('ended_at_unix_ms', 'bigint')
        .addColumn('outcome', 'text')
        .execute();
      let turns = db.schema
        .createTable('turns')
        .addColumn('call_id', 'text', (column) => column.notNull())
        .addColumn('turn', 'bigint', (column) => column.notNull())
        .addColumn('started_at_unix_ms', 'bigint')
        .addColumn('speculated', 'integer')
        .addColumn('interrupted', 'integer')
        .addColumn('continues', 'bigint')
        .addColumn('superseded_by', 'bigint');
      for (const name of DURATIONS_1) turns = turns.addColumn(name, 'double precision');
      for (const name of TEXTS_1) turns = turns.addColumn(name, 'text');
      await turns.addPrimaryKeyConstraint('turns_primary_key', ['call_id', 'turn']).execute();
      await db.schema
        .createTable('deleted_calls')
        .addColumn('call_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('deleted_at_unix_ms', 'bigint', (column) => column.notNull())
        .execute();
      // Reports choose by time, and by profile and time; retention by time.
      await db.schema.createIndex('calls_by_start').on('calls').column('started_at_unix_ms').execute();
      await db.schema.createIndex('turns_by_start').on('turns').column('started_at_unix_ms').execute();
      await db.schema.createIndex('turns_by_profile').on('turns').columns(['profile', 'started_at_unix_ms']).execute();
    },
  },
};

/** Of the spool, which is a SQLite file always. */
export const SPOOL_MIGRATIONS: Record<string, Migration> = {
  '1-outbox': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('outbox')
        // AUTOINCREMENT: a number is never given twice, or what one process sent another could delete unsent.
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('call_id', 'text', (column) => column.notNull())
        .addColumn('taken_at_unix_ms', 'bigint', (column) => column.notNull())
        .addColumn('record', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('outbox_by_call').on('outbox').column('call_id').execute();
      await db.schema
        .createTable('spool')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .execute();
      await sql`insert into spool (id) values (lower(hex(randomblob(16))))`.execute(db);
    },
  },
};
