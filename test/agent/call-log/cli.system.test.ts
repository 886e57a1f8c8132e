/** `npm run calls` on both databases, as a person uses it. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCalls } from '../../../agent/call-log/cli.js';
import type { CallLogTarget } from '../../../agent/call-log/settings.js';
import { Spool } from '../../../agent/call-log/spool.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { startProgram } from '../../support/processes.js';
import { DAY_MS, ended, heard, openStore, started, taken, temporaryFolder, told } from './support.js';

const HOUR_AGO_UNIX_MS = Date.now() - 3_600_000;
const MAIN = new URL('../../../dist/agent/call-log/main.js', import.meta.url).pathname;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let postgres: PostgresServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.remove();
  await folder?.remove();
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function calls(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Said> {
  let [out, error] = ['', ''];
  const code = await runCalls(args, env, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

describe.each(['sqlite', 'postgres'] as const)('npm run calls on %s', (kind) => {
  let target: CallLogTarget;
  let env: NodeJS.ProcessEnv;
  const fill = async (records: Parameters<typeof taken>[0][]): Promise<void> => {
    const store = await openStore(target, true);
    await store.write(records.map((record) => taken(record, HOUR_AGO_UNIX_MS)));
    await store.close();
  };

  beforeEach(async () => {
    const spoolFile = path.join(folder.folder, `${crypto.randomUUID()}-spool.db`);
    const file = path.join(folder.folder, `${crypto.randomUUID()}.db`);
    target = kind === 'sqlite' ? { kind, file } : { kind, url: postgres.url, spoolFile };
    env = { CALL_LOG_URL: target.kind === 'sqlite' ? `file:${target.file}` : target.url, CALL_LOG_SPOOL: spoolFile };
    const store = await openStore(target);
    for (const table of ['turns', 'calls', 'deleted_calls'] as const) await store.db.deleteFrom(table).execute();
    await store.close();
  });

  it('reports ten thousand turns before anybody grows impatient', async () => {
    const store = await openStore(target);
    for (let call = 0; call < 100; call += 1) {
      const callId = `call-${call}`;
      const at = HOUR_AGO_UNIX_MS - (call % 5) * DAY_MS;
      const turns = Array.from({ length: 100 }, (_, turn) => [
        taken(told({ callId, turn: turn + 1, responseMs: 500 + turn }, at), at),
        taken(heard(callId, turn + 1, 600 + turn), at),
      ]);
      await store.write([taken(started(callId, at), at), ...turns.flat(), taken(ended(callId, at + 60_000), at)]);
    }
    await store.close();
    const beganAtMs = performance.now();
    const { code, out } = await calls(env, 'report', '--json');
    const tookMs = performance.now() - beganAtMs;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: 1,
      calls: { total: 100, outcomes: { ended: 100 } },
      turns: { total: 10_000 },
      all: { response: { turns: 10_000, p50: 549.5 }, heard: { turns: 10_000, p50: 649.5 } },
      slowest: [{ responseMs: 599, heardMs: 699 }, {}, {}, {}, {}],
    });
    expect(JSON.parse(out).days).toHaveLength(5);
    // A second or less on an idle machine.
    expect(tookMs).toBeLessThan(8_000);
  });

  it('prints, narrows by profile and time, and writes files', async () => {
    await fill([
      started('a', HOUR_AGO_UNIX_MS, 'good'),
      told({ callId: 'a', turn: 1 }, HOUR_AGO_UNIX_MS),
      told({ callId: 'b', turn: 1, profile: 'free', responseMs: 4_000 }, HOUR_AGO_UNIX_MS),
    ]);
    const csv = path.join(folder.folder, 'report.csv');
    const { code, out } = await calls(env, 'report', '--profile', 'good', '--csv', csv);
    expect(code).toBe(0);
    expect(out).toContain('a, turn 1');
    expect(out).not.toContain('b, turn 1');
    expect(readFileSync(csv, 'utf8')).toContain(',LLM first token,openai/gpt-4o-mini,1,250,250,250,250,553,\r\n');
    expect((await calls(env, 'report', '--since', '30m')).out).toContain('Turns  0');
    expect((await calls(env, 'list')).out).toMatch(/^call .*\n(a .* good .*|b .* free .*)\n/);
    expect(await calls(env, 'report', '--csv', '/nowhere/at/all.csv')).toMatchObject({ code: 2 });
  });

  it('shows a call turn by turn, and deletes it for good, also where it waits', async () => {
    await fill([
      started('a', HOUR_AGO_UNIX_MS),
      told({ callId: 'a', turn: 1, said: 'a latte\u001b[2J', reply: 'Sure.' }, HOUR_AGO_UNIX_MS),
      heard('a', 1, 780),
    ]);
    if (target.kind === 'postgres') {
      const spool = await Spool.open(target.spoolFile);
      await spool.add([taken(told({ callId: 'a', turn: 2 })), taken(told({ callId: 'b', turn: 1 }))]);
      await spool.close();
    }
    const shown = await calls(env, 'show', 'a');
    expect(shown.out).toMatch(/first sound after 700, heard after 780/);
    expect(shown.out).toMatch(/caller: a latte \[2J\n.*agent: {2}Sure\./);
    expect(shown.error).toBe(
      target.kind === 'postgres' ? `calls: 2 records wait in ${target.spoolFile} for a worker to send them.\n` : '',
    );
    const json: unknown = JSON.parse((await calls(env, 'show', 'a', '--json')).out);
    expect(json).toMatchObject({ call: { call_id: 'a' }, turns: [{ instants: { committedAtMs: 2_300 } }] });
    const deleted = await calls(env, 'delete', 'a');
    expect(deleted.out).toContain(
      kind === 'postgres' ? '1 turns and 1 records that waited' : 'Deleted call a: 1 turns.',
    );
    expect(await calls(env, 'show', 'a')).toMatchObject({ code: 1, out: '' });
    expect(await calls(env, 'delete', 'a')).toMatchObject({ code: 1, out: '' });
    if (target.kind === 'postgres') {
      const spool = await Spool.open(target.spoolFile);
      expect(await spool.size()).toBe(1);
      await spool.close();
    }
  });

  it('prunes by CALL_LOG_DAYS or by --days, and not where calls are kept for good', async () => {
    await fill([
      told({ callId: 'old', turn: 1 }, HOUR_AGO_UNIX_MS - 10 * DAY_MS),
      told({ callId: 'new', turn: 1 }, HOUR_AGO_UNIX_MS),
    ]);
    expect(await calls({ ...env, CALL_LOG_DAYS: '0' }, 'prune')).toMatchObject({ code: 2 });
    expect((await calls({ ...env, CALL_LOG_DAYS: '11' }, 'prune')).out).toContain('Deleted 0 calls');
    expect((await calls(env, 'prune', '--days', '9')).out).toContain('Deleted 1 calls with 1 turns');
    expect((await calls(env, 'list', '--since', '30d')).out).toMatch(/^call .*\nnew .*\n$/);
  });

  it('runs as a program of its own, to its end', async () => {
    await fill([told({ callId: 'a', turn: 1 }, HOUR_AGO_UNIX_MS)]);
    const { CALL_LOG_URL = '', CALL_LOG_SPOOL = '' } = env;
    const program = startProgram({
      command: process.execPath,
      args: [MAIN, 'report'],
      env: { CALL_LOG_URL, CALL_LOG_SPOOL },
      cwd: folder.folder,
    });
    expect(await program.exited).toBe(0);
    expect(program.stdout()).toContain('Turns  1: 1 answered');
  });
});

describe('npm run calls', () => {
  it('says what is missing and what to do, without a password', async () => {
    const none = await calls({ CALL_LOG_URL: `file:${folder.folder}/none.db` }, 'report');
    expect(none.code).toBe(1);
    expect(none.error).toContain('Place a call');
    expect(await calls({ CALL_LOG_URL: 'off' }, 'report')).toMatchObject({ code: 2 });
    const bad = await calls({ CALL_LOG_DAYS: 'many' }, 'report', '--url', 'mysql://me:hunter2@host/db');
    expect(bad.code).toBe(2);
    expect(bad.error).toContain('--url is not file:PATH');
    expect(bad.error).toContain('CALL_LOG_DAYS is not');
    const away = await calls({}, 'report', '--url', 'postgres://me:hunter2@127.0.0.1:1/db');
    expect(away.code).toBe(1);
    expect(away.error).toContain('postgres://127.0.0.1:1/db');
    expect(bad.error + away.error).not.toContain('hunter2');
    const broken = path.join(folder.folder, 'broken.db');
    writeFileSync(broken, 'no tables '.repeat(1_000));
    const unreadable = await calls({}, 'report', '--url', `file:${broken}`);
    expect(unreadable.code).toBe(1);
    expect(unreadable.error).toContain('Set CALL_LOG_URL');
  });
});
