/** A real Postgres for tests: its own data folder, a free port on loopback, killed and started again at will. */
import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPostgres, POSTGRES_MISSING } from '../../scripts/lib/steps/postgres.mjs';
import { freePort, type StartedProgram, startProgram } from './processes.js';

const execute = promisify(execFile);

/** Whoever runs as root lends the server another user: it refuses to run as root. */
const USERS = ['postgres', 'nobody'];
const START_TIMEOUT_MS = 30_000;
/** A server that was killed leaves processes behind that end by themselves; a new one does not start before. */
const START_ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 250;

export interface PostgresServer {
  /** With user, password and database. */
  readonly url: string;
  readonly password: string;
  /** The server's process, for signals. @throws when it does not run. */
  readonly pid: number;
  /** Starts it after a kill, on the same data and port. */
  start(): Promise<void>;
  /** Kills it as a power failure would. */
  kill(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** @throws Error saying what to install when there is no Postgres on this machine. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPostgres(process.env);
  // Never skipped: a test that did not run would look like one that passed.
  if (programs === undefined) throw new Error(POSTGRES_MISSING);
  const { initdb, postgres } = programs;
  const folder = await mkdtemp(path.join(tmpdir(), 'turnwise-postgres-'));
  const data = path.join(folder, 'data');
  // With characters that a URL has to encode.
  const password = `p@ss/${crypto.randomUUID()}?`;
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password);
  const user = process.getuid?.() === 0 ? await lentUser() : undefined;
  if (user !== undefined) for (const file of [folder, passwordFile]) await chown(file, user.uid, user.gid);
  const asUser = (command: string, args: readonly string[]): { command: string; args: readonly string[] } =>
    user === undefined
      ? { command, args }
      : {
          command: 'setpriv',
          args: [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', command, ...args],
        };
  const making = asUser(initdb, [
    ...['-D', data, '-U', 'turnwise', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--no-sync', '-E', 'UTF8', '--locale=C'],
  ]);
  await execute(making.command, [...making.args], { cwd: folder });
  const port = await freePort();
  const serving = asUser(postgres, [
    ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...['-c', 'fsync=off'],
  ]);
  let server: StartedProgram | undefined;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      server = startProgram({ ...serving, cwd: folder });
      try {
        await server.waitForLine(/database system is ready to accept connections/, START_TIMEOUT_MS);
        return;
      } catch (error) {
        await server.stop('SIGKILL');
        if (attempt >= START_ATTEMPTS || !/still in use|already exists/.test(server.output())) throw error;
        await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
      }
    }
  };
  await start();
  return {
    url: `postgres://turnwise:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    password,
    get pid() {
      if (server?.process.pid === undefined) throw new Error('Postgres does not run.');
      return server.process.pid;
    },
    start,
    kill: async () => {
      await server?.stop('SIGKILL');
    },
    remove: async () => {
      await server?.stop('SIGQUIT');
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function lentUser(): Promise<{ uid: number; gid: number }> {
  for (const user of USERS) {
    try {
      const id = async (kind: string): Promise<number> => Number((await execute('id', [kind, user])).stdout);
      return { uid: await id('-u'), gid: await id('-g') };
    } catch {
      // The next one, then.
    }
  }
  throw new Error(`Postgres does not run as root, and there is no other user (${USERS.join(', ')}) to run it as.`);
}
