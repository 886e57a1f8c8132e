/** The same tests on both databases: what is written is there, once, and goes when it is to go. */
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TakenRecord } from '../../../agent/call-log/rows.js';
import type { CallLogTarget } from '../../../agent/call-log/settings.js';
import type { CallStore } from '../../../agent/call-log/store.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import {
  DAY_MS,
  ended,
  eventually,
  heard,
  NOON_UNIX_MS,
  openStore,
  openTestLog,
  started,
  taken,
  temporaryFolder,
  told,
} from './support.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let postgres: PostgresServer;
let databases = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.remove();
  await folder?.remove();
});

/** A database that nobody has used yet. */
async function emptyTarget(kind: CallLogTarget['kind']): Promise<CallLogTarget> {
  databases += 1;
  if (kind === 'sqlite') return { kind, file: path.join(folder.folder, `${databases}.db`) };
  const spoolFile = path.join(folder.folder, `${databases}-spool.db`);
  const store = await openStore({ kind, url: postgres.url, spoolFile });
  await sql`create database ${sql.ref(`log${databases}`)}`.execute(store.db);
  await store.close();
  return { kind, url: postgres.url.replace(/\/postgres$/, `/log${databases}`), spoolFile };
}

describe.each(['sqlite', 'postgres'] as const)('a call log in %s', (kind) => {
  let target: CallLogTarget;
  let store: CallStore;
  beforeEach(async () => {
    target = await emptyTarget(kind);
    store = await openStore(target, true);
  });
  afterEach(() => store.close());

  const turns = () => store.db.selectFrom('turns').selectAll().orderBy('call_id').orderBy('turn').execute();
  const calls = () => store.db.selectFrom('calls').selectAll().orderBy('call_id').execute();

  it('keeps a call with its turns, figures as numbers', async () => {
    await store.write([
      taken(started('a')),
      taken(told({ callId: 'a', turn: 1, speculated: true, overlaps: { interruption: 1 }, responseMs: 712.5 })),
      taken(heard('a', 1, 790.25)),
      taken(ended('a')),
    ]);
    expect(await calls()).toEqual([
      {
        call_id: 'a',
        region: 'eu-1',
        profile: 'good',
        started_at_unix_ms: NOON_UNIX_MS,
        last_sign_at_unix_ms: NOON_UNIX_MS + 30_000,
        ended_at_unix_ms: NOON_UNIX_MS + 60_000,
        outcome: 'ended',
      },
    ]);
    const [turn] = await turns();
    expect(turn).toMatchObject({
      turn: 1,
      started_at_unix_ms: NOON_UNIX_MS + 1_000,
      outcome: 'answered',
      response_ms: 712.5,
      heard_ms: 790.25,
      heard_round_trip_ms: 40,
      heard_unexplained_ms: 5,
      stage_llm_ms: 250,
      stage_tools_ms: 0,
      llm_ttft_ms: 250,
      text_aggregation_ms: null,
      llm_provider: 'openai',
      speculated: 1,
      interrupted: 1,
      superseded_by: null,
      said: 'a latte please',
    });
    expect(JSON.parse(turn?.instants ?? '')).toMatchObject({ committedAtMs: 2_300 });
  });

  it('keeps nothing twice when a batch is written again', async () => {
    const batch = [taken(started('a')), taken(told({ callId: 'a', turn: 1 })), taken(heard('a', 1, 800))];
    await store.write(batch);
    const before = [await calls(), await turns()];
    await store.write(batch);
    expect([await calls(), await turns()]).toEqual(before);
  });

  it('joins worker and ear in any order, and lets what is told later stand', async () => {
    await store.write([taken(heard('a', 1, 800))]);
    await store.write([taken(told({ callId: 'a', turn: 1 }))]);
    await store.write([taken(told({ callId: 'a', turn: 1, supersededBy: 2, responseMs: 650 }))]);
    expect(await turns()).toMatchObject([{ response_ms: 650, superseded_by: 2, heard_ms: 800 }]);
  });

  it('makes a call of its turns where its start and end were lost, and corrects it when they come', async () => {
    await store.write([taken(told({ callId: 'a', turn: 1 }), NOON_UNIX_MS + 9_000)]);
    await store.write([taken(ended('b'))]);
    await store.write([taken(started('a', NOON_UNIX_MS - 5_000, 'excellent'))]);
    expect(await calls()).toMatchObject([
      { call_id: 'a', profile: 'excellent', started_at_unix_ms: NOON_UNIX_MS - 5_000, ended_at_unix_ms: null },
      { call_id: 'b', profile: null, outcome: 'ended' },
    ]);
  });

  it('keeps values of any size that a record may hold', async () => {
    const huge = taken(
      told({
        callId: 'a',
        turn: Number.MAX_SAFE_INTEGER,
        responseMs: 1e308,
        answerMs: Number.MIN_VALUE,
        instants: { speechEndedAtMs: 1e308 },
        said: `\0${'x'.repeat(9_998)}\ud800`,
        profile: 'p\0q',
        waiting: { waitMs: 1, silenceMs: 1e300, contributions: { 'a\0b': -1e300 }, scores: [0.5] },
      }),
    );
    expect(TakenRecord.safeParse(huge).success).toBe(true);
    await store.write([huge, taken(started('future', Number.MAX_SAFE_INTEGER))]);
    expect(await turns()).toMatchObject([{ turn: Number.MAX_SAFE_INTEGER, response_ms: 1e308, profile: 'pq' }]);
    // A time that lies far ahead would never grow old.
    expect((await calls()).map(({ started_at_unix_ms: at }) => at)).toEqual([NOON_UNIX_MS, NOON_UNIX_MS + 30_000]);
  });

  it('deletes one call for good, and no other', async () => {
    const batch = ['a', 'b'].flatMap((id) => [taken(started(id)), taken(told({ callId: id, turn: 1 }))]);
    await store.write(batch);
    expect(await store.deleteCall('a', NOON_UNIX_MS)).toEqual({ calls: 1, turns: 1 });
    await store.write([...batch, taken(heard('a', 1, 800))]);
    expect((await calls()).map(({ call_id: id }) => id)).toEqual(['b']);
    expect((await turns()).map(({ call_id: id }) => id)).toEqual(['b']);
    expect(await store.deleteCall('a', NOON_UNIX_MS)).toEqual({ calls: 0, turns: 0 });
  });

  it('deletes what is older than it is kept, whole calls, however many', async () => {
    const old = Array.from({ length: 450 }, (_, index) => [
      taken(started(`old-${index}`, NOON_UNIX_MS - 31 * DAY_MS)),
      taken(told({ callId: `old-${index}`, turn: 1 }, NOON_UNIX_MS - 31 * DAY_MS)),
    ]).flat();
    await store.write([...old, taken(started('new')), taken(told({ callId: 'new', turn: 1 }))]);
    expect(await store.prune(NOON_UNIX_MS - 30 * DAY_MS, NOON_UNIX_MS)).toEqual({ calls: 450, turns: 450 });
    expect(await calls()).toHaveLength(1);
    expect(await turns()).toHaveLength(1);
  });

  it('is made by one of several workers that start at once, written by all, and opened again as it is', async () => {
    const fresh = await emptyTarget(kind);
    const workers = Array.from({ length: 4 }, () => openTestLog(fresh));
    for (let turn = 1; turn <= 25; turn += 1) {
      workers.forEach(({ log }, number) => void log.take(told({ callId: `call-${number}`, turn })));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const sent = async () => (await Promise.all(workers.map(({ counted }) => counted('sent')))).reduce((a, b) => a + b);
    await eventually(async () => (await sent()) === 100);
    await Promise.all(workers.map(({ log }) => log.close()));
    const again = await openStore(fresh);
    expect(await again.db.selectFrom('turns').select(['call_id', 'turn']).execute()).toHaveLength(100);
    expect(await again.db.selectFrom('calls').select('call_id').execute()).toHaveLength(4);
    await again.close();
  });

  it('says so when its tables were made by a newer version', async () => {
    await sql`insert into call_log_migrations (name, timestamp) values ('9-newer', '2030')`.execute(store.db);
    await expect(openStore(target)).rejects.toThrow(/newer version/);
  });
});
