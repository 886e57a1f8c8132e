import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isExecutable, run } from '../exec.mjs';
import { Failure } from '../failure.mjs';
import { isDebian } from '../system.mjs';

/** Where Debian and Ubuntu put the programs of each version; their packages link only a few of them into PATH. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const INSTALL = 'Install it (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql`)';

/**
 * Where `initdb` and `postgres` of one version are, for the tests' own databases: PATH, then Debian's newest; or undefined.
 * @returns {{ initdb: string, postgres: string } | undefined}
 */
export function findPostgres(env) {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a));
  const folders = [
    ...(env.PATH ?? '').split(delimiter),
    ...newestFirst.map((version) => join(DEBIAN_FOLDER, version, 'bin')),
  ];
  const folder = folders.find((one) => ['initdb', 'postgres'].every((name) => isExecutable(join(one, name))));
  return folder === undefined ? undefined : { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/** What to tell whoever has none. */
export const POSTGRES_MISSING = `PostgreSQL for the call log's tests: there is none. ${INSTALL}, then start again.`;

/** PostgreSQL for the tests of the call log: the system's package where we are root on Debian. */
export function postgresStep({ env, say }) {
  return {
    name: 'PostgreSQL',
    isDone: () => findPostgres(env) !== undefined,
    async make() {
      if (!isDebian() || process.getuid?.() !== 0) throw new Failure(POSTGRES_MISSING);
      say('PostgreSQL: installing the system package: apt-get install postgresql');
      const noninteractive = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '-q'], { env: noninteractive, label: 'apt-get update', say });
      const { code, lines } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'postgresql'], {
        env: noninteractive,
        label: 'apt-get install postgresql',
        say,
      });
      if (code !== 0 || findPostgres(env) === undefined) {
        throw new Failure(`PostgreSQL could not be installed. ${INSTALL}, then start again.`, { details: lines });
      }
    },
  };
}
