/** Databases that are away, slow, locked, broken or full of somebody else's data: no call waits, and no turn is lost. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallLogTarget } from '../../../agent/call-log/settings.js';
import { Spool } from '../../../agent/call-log/spool.js';
import { CallLogWriter } from '../../../agent/call-log/writer.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { descendantsOf } from '../../support/process-tree.js';
import {
  DAY_MS,
  ended,
  eventually,
  heard,
  openStore,
  openTestLog,
  started,
  taken,
  temporaryFolder,
  told,
} from './support.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const logs: ReturnType<typeof openTestLog>[] = [];
const open: typeof openTestLog = (...options) => {
  const log = openTestLog(...options);
  logs.push(log);
  return log;
};
afterEach(async () => {
  for (const { log } of logs.splice(0)) await log.close();
});

async function turnsIn(target: CallLogTarget): Promise<{ call_id: string; turn: number; heard_ms: number | null }[]> {
  const store = await openStore(target);
  try {
    return await store.db
      .selectFrom('turns')
      .select(['call_id', 'turn', 'heard_ms', 'outcome'])
      .orderBy('call_id')
      .orderBy('turn')
      .execute();
  } finally {
    await store.close();
  }
}

describe('a log in Postgres', () => {
  let postgres: PostgresServer;
  let target: Extract<CallLogTarget, { kind: 'postgres' }>;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());
  beforeEach(async () => {
    target = { kind: 'postgres', url: postgres.url, spoolFile: path.join(folder.folder, 'spool.db') };
    const store = await openStore(target);
    for (const table of ['turns', 'calls', 'deleted_calls'] as const) await store.db.deleteFrom(table).execute();
    await store.close();
  });

  it('loses no turn and doubles none when the database is killed and started again in mid-call', async () => {
    const worker = open(target);
    worker.log.take(started('a'));
    await eventually(async () => (await worker.counted('sent')) === 1);
    for (let turn = 1; turn <= 60; turn += 1) {
      if (turn === 20) await postgres.kill();
      if (turn === 45) {
        await eventually(() => worker.lines.some((line) => line.includes('does not take records')));
        await postgres.start();
      }
      worker.log.take(told({ callId: 'a', turn }));
      worker.log.take(heard('a', turn, 700 + turn));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    worker.log.take(ended('a'));
    await eventually(async () => (await worker.counted('sent')) === 122);
    await eventually(async () => (await worker.backlog()) === 0);
    expect(await worker.counted('dropped')).toBe(0);
    expect(await worker.counted('spooled')).toBe(122);
    expect((await turnsIn(target)).map(({ turn, heard_ms: ms }) => [turn, ms])).toEqual(
      Array.from({ length: 60 }, (_, index) => [index + 1, 701 + index]),
    );
    const said = worker.lines.join('');
    expect(said).toContain('does not take records');
    expect(said).toContain('written again');
    expect(said).not.toContain(postgres.password);
    expect(said).not.toContain(encodeURIComponent(postgres.password));
  });

  it('keeps what was told while the database was away for the next worker, which sends it', async () => {
    await postgres.kill();
    const first = open(target);
    for (let turn = 1; turn <= 30; turn += 1) first.log.take(told({ callId: 'a', turn }));
    await eventually(async () => (await first.counted('spooled')) === 30);
    expect(await eventually(async () => (await first.backlog()) === 30)).toBe(true);
    await first.log.close();
    await postgres.start();
    const next = open(target);
    await eventually(async () => (await next.counted('sent')) === 30);
    expect(await turnsIn(target)).toHaveLength(30);
  });

  it('takes records at once while the database hangs, and sends them when it goes on', async () => {
    const worker = open(target);
    worker.log.take(started('a'));
    await eventually(async () => (await worker.counted('sent')) === 1);
    process.kill(postgres.pid, 'SIGSTOP');
    const halted: number[] = [];
    try {
      // The server's processes: all of them hang, as with a disk that does not answer.
      for (const { pid } of descendantsOf(postgres.pid)) {
        process.kill(pid, 'SIGSTOP');
        halted.push(pid);
      }
      const beganAtMs = performance.now();
      for (let turn = 1; turn <= 1_000; turn += 1) worker.log.take(told({ callId: 'a', turn }));
      expect(performance.now() - beganAtMs).toBeLessThan(500);
      await eventually(async () => (await worker.counted('spooled')) === 1_001);
      expect(await worker.counted('sent')).toBe(1);
    } finally {
      for (const pid of [...halted, postgres.pid]) process.kill(pid, 'SIGCONT');
    }
    await eventually(async () => (await worker.counted('sent')) === 1_001, 40_000);
    expect(await turnsIn(target)).toHaveLength(1_000);
  });

  it('sends each record once where two workers share a spool', async () => {
    const workers = [open(target), open(target)];
    for (let turn = 1; turn <= 50; turn += 1) {
      for (const [number, { log }] of workers.entries()) log.take(told({ callId: `call-${number}`, turn }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await eventually(
      async () => (await Promise.all(workers.map(({ counted }) => counted('sent')))).reduce((a, b) => a + b) === 100,
    );
    expect(await turnsIn(target)).toHaveLength(100);
  });

  it('does not let a record that it cannot read keep back the others', async () => {
    const spool = await Spool.open(target.spoolFile);
    await spool.add([taken(told({ callId: 'a', turn: 1 }))]);
    await spool.close();
    const file = new Database(target.spoolFile);
    file.exec("INSERT INTO outbox (call_id, taken_at_unix_ms, record) VALUES ('a', 1, '{\"forged\": true}')");
    file.close();
    const worker = open(target);
    worker.log.take(told({ callId: 'a', turn: 2 }));
    await eventually(async () => (await worker.counted('sent')) === 2);
    await eventually(async () => (await worker.counted('dropped')) === 1);
    expect(await turnsIn(target)).toHaveLength(2);
  });

  it('does not let a record that the database will never take keep back the others', async () => {
    const store = await openStore(target);
    await sql`alter table turns add constraint unlucky check (turn <> 13)`.execute(store.db);
    try {
      const worker = open(target);
      for (let turn = 1; turn <= 20; turn += 1) worker.log.take(told({ callId: 'a', turn }));
      await eventually(async () => (await worker.counted('sent')) === 19);
      await eventually(async () => (await worker.counted('dropped')) === 1);
      expect(await turnsIn(target)).toHaveLength(19);
    } finally {
      await sql`alter table turns drop constraint unlucky`.execute(store.db);
      await store.close();
    }
  });

  it('drops what comes when the spool is full, says so, and takes records again when it is not', async () => {
    const counts = { spooled: 0, sent: 0, dropped: 0 };
    const said = new Set<string | undefined>();
    await postgres.kill();
    const events = {
      count: (result: keyof typeof counts, by: number) => {
        counts[result] += by;
      },
      waiting: () => undefined,
      state: (_: string, message: string | undefined) => void said.add(message),
    };
    const writer = new CallLogWriter({ target, keepsTexts: false, retentionDays: 0 }, events, 10);
    try {
      for (let turn = 1; turn <= 15; turn += 1) await writer.keep([taken(told({ callId: 'a', turn }))]);
      expect(counts).toEqual({ spooled: 10, sent: 0, dropped: 5 });
      expect([...said].join(' ')).toContain('spool is full');
      await postgres.start();
      await eventually(() => counts.sent === 10);
      await eventually(async () => (await writer.keep([taken(told({ callId: 'a', turn: 16 }))])) === 0);
      await eventually(() => counts.sent === 11);
    } finally {
      await writer.close(2_000);
    }
  });

  it('deletes what is too old from the database and from the spool', async () => {
    const now = Date.now();
    const store = await openStore(target);
    await store.write([taken(told({ callId: 'old', turn: 1 }, now - 8 * DAY_MS), now - 8 * DAY_MS)]);
    await store.close();
    const spool = await Spool.open(target.spoolFile);
    await spool.add([taken(told({ callId: 'older', turn: 1 }, now - 9 * DAY_MS), now - 9 * DAY_MS)]);
    await spool.close();
    const worker = open(target, { retentionDays: 7 });
    worker.log.take(told({ callId: 'new', turn: 1 }, now));
    await eventually(async () => (await worker.counted('sent')) === 1);
    expect((await turnsIn(target)).map(({ call_id: id }) => id)).toEqual(['new']);
  });

  it('names a wrong password’s database, and no password', async () => {
    const wrong = target.url.replace(/:[^:@]+@/, ':p%40ss-wrong@');
    const worker = open({ ...target, url: wrong });
    worker.log.take(told({ callId: 'a', turn: 1 }));
    const said = await eventually(() => worker.lines.find((line) => line.includes('does not take records')));
    expect(said).toContain('password authentication failed');
    expect(said).toContain('CALL_LOG_URL');
    expect(said).not.toMatch(/p%40ss-wrong|p@ss-wrong/);
  });
});

describe('a log in a file', () => {
  it('waits for another process that holds the file, and writes it then', async () => {
    const file = path.join(folder.folder, 'calls.db');
    const worker = open({ kind: 'sqlite', file });
    worker.log.take(started('a'));
    await eventually(async () => (await worker.counted('sent')) === 1);
    const other = new Database(file);
    other.exec('BEGIN EXCLUSIVE');
    for (let turn = 1; turn <= 20; turn += 1) worker.log.take(told({ callId: 'a', turn }));
    await eventually(() => worker.lines.some((line) => line.includes('locked')));
    expect(await worker.backlog()).toBe(20);
    other.exec('ROLLBACK');
    other.close();
    await eventually(async () => (await worker.counted('sent')) === 21);
    expect(await turnsIn({ kind: 'sqlite', file })).toHaveLength(20);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['holds something else', (file: string) => writeFileSync(file, 'These are not tables.\n'.repeat(500))],
    ['is a folder', (file: string) => mkdirSync(file)],
  ])('says what to do when the file %s, and goes on when it is gone', async (_, spoil) => {
    const file = path.join(folder.folder, 'calls.db');
    spoil(file);
    const worker = open({ kind: 'sqlite', file });
    worker.log.take(told({ callId: 'a', turn: 1 }));
    const said = await eventually(() => worker.lines.find((line) => line.includes(file)));
    expect(said).toContain('Set CALL_LOG_URL');
    rmSync(file, { recursive: true });
    worker.log.take(told({ callId: 'a', turn: 2 }));
    await eventually(async () => (await worker.counted('sent')) === 2);
    expect(worker.lines.join('')).toContain('written again');
  });

  it('does not let a record that it will never take keep back the others', async () => {
    const target: CallLogTarget = { kind: 'sqlite', file: path.join(folder.folder, 'calls.db') };
    const store = await openStore(target);
    await sql`create trigger unlucky before insert on turns when new.turn = 13 begin select raise(abort, 'no'); end`.execute(
      store.db,
    );
    await store.close();
    const worker = open(target);
    for (let turn = 1; turn <= 20; turn += 1) worker.log.take(told({ callId: 'a', turn }));
    await eventually(async () => (await worker.counted('sent')) === 19 && (await worker.counted('dropped')) === 1);
    expect(await turnsIn(target)).toHaveLength(19);
  });

  it('makes the file again when somebody deletes it', async () => {
    const file = path.join(folder.folder, 'calls.db');
    const worker = open({ kind: 'sqlite', file });
    worker.log.take(told({ callId: 'a', turn: 1 }));
    await eventually(async () => (await worker.counted('sent')) === 1);
    rmSync(file);
    worker.log.take(told({ callId: 'a', turn: 2 }));
    await eventually(async () => (await worker.counted('sent')) === 2);
    expect(existsSync(file)).toBe(true);
    expect((await turnsIn({ kind: 'sqlite', file })).map(({ turn }) => turn)).toEqual([2]);
  });

  it('drops what does not fit any more while nothing can be written, and counts it', async () => {
    const file = path.join(folder.folder, 'blocked', 'calls.db');
    writeFileSync(path.dirname(file), 'A file where a folder should be.');
    const worker = open({ kind: 'sqlite', file }, { queueMaxRecords: 50 });
    for (let turn = 1; turn <= 300; turn += 1) worker.log.take(told({ callId: 'a', turn }));
    await eventually(async () => (await worker.counted('dropped')) === 250);
    const beganAtMs = performance.now();
    await worker.log.close();
    expect(performance.now() - beganAtMs).toBeLessThan(10_000);
    expect(await worker.counted('dropped')).toBe(300);
    worker.log.take(told({ callId: 'a', turn: 301 }));
    expect(await worker.counted('dropped')).toBe(301);
  });

  it('writes what it was told last before it is closed, and nothing that was said unless it may', async () => {
    for (const keepsTexts of [false, true]) {
      const target: CallLogTarget = { kind: 'sqlite', file: path.join(folder.folder, `${keepsTexts}.db`) };
      const worker = open(target, { keepsTexts });
      worker.log.take(told({ callId: 'a', turn: 1 }));
      await worker.log.close();
      await worker.log.close();
      const store = await openStore(target);
      const [turn] = await store.db.selectFrom('turns').select(['said', 'reply']).execute();
      await store.close();
      expect(turn).toEqual(keepsTexts ? { said: 'a latte please', reply: 'One latte.' } : { said: null, reply: null });
    }
  });

  it('starts its thread again when that fails, and sends what it had', async () => {
    const file = path.join(folder.folder, 'calls.db');
    const once = path.join(folder.folder, 'once');
    const threadUrl = new URL(`file://${path.join(folder.folder, 'thread.mjs')}`);
    const real = new URL('../../../dist/agent/call-log/writer-thread.js', import.meta.url).href;
    writeFileSync(
      threadUrl,
      `import fs from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       if (fs.existsSync(${JSON.stringify(once)})) await import(${JSON.stringify(real)});
       else parentPort.once('message', () => { fs.writeFileSync(${JSON.stringify(once)}, ''); throw new Error('It fails.'); });`,
    );
    const worker = open({ kind: 'sqlite', file }, { threadUrl });
    worker.log.take(told({ callId: 'a', turn: 1 }));
    await eventually(async () => (await worker.counted('sent')) === 1);
    expect(worker.lines.join('')).toContain('the thread of the call log failed');
    worker.log.take(told({ callId: 'a', turn: 2 }));
    await worker.log.close();
    expect(await turnsIn({ kind: 'sqlite', file })).toHaveLength(2);
  });
});
