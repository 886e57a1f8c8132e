import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../exec.mjs';
import { explainOutput, Failure, withNext } from '../failure.mjs';
import { fingerprint, readIfThere } from '../fingerprint.mjs';

/** Lies in node_modules, so that removing or replacing the folder removes it too. */
const STAMP = 'node_modules/.turnwise-packages';

/** The packages that package-lock.json names, in node_modules. In production (NODE_ENV) those for development are left out. */
export function packagesStep({ root, env, say }) {
  const omitDev = env.NODE_ENV === 'production';
  const wanted = () => `${fingerprint(root, ['package-lock.json'])}${omitDev ? ' production' : ''}\n`;
  const stamped = () => {
    const stamp = readIfThere(join(root, STAMP));
    return stamp !== undefined && (stamp === wanted() || (omitDev && `${stamp.trim()} production\n` === wanted()));
  };
  return {
    name: 'packages',
    isDone: stamped,
    async make() {
      // Installed by hand (`npm ci`), and complete: nothing to do but to remember it.
      if (!holdsLock(root, omitDev)) {
        say(`Packages: npm ci (a minute or so)`);
        await install(root, env, omitDev, say);
      }
      // npm makes no folder when there is nothing to put in.
      mkdirSync(join(root, 'node_modules'), { recursive: true });
      writeFileSync(join(root, STAMP), wanted());
    },
  };
}

/** Compares npm's own record of what it installed with the lock file. */
function holdsLock(root, omitDev) {
  const record = readIfThere(join(root, 'node_modules/.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages ?? {};
  const locked = JSON.parse(readIfThere(join(root, 'package-lock.json')) ?? '{}').packages ?? {};
  for (const [path, entry] of Object.entries(locked)) {
    const there = installed[path];
    if (path === '') continue;
    if (
      there === undefined ? !(entry.optional || entry.devOptional || (omitDev && entry.dev)) : differs(there, entry)
    ) {
      return false;
    }
  }
  return Object.keys(installed).every((path) => locked[path] !== undefined);
}

function differs(installed, locked) {
  return installed.version !== locked.version || installed.integrity !== locked.integrity;
}

async function install(root, env, omitDev, say) {
  const args = ['ci', '--no-audit', '--no-fund', ...(omitDev ? ['--omit=dev'] : [])];
  // npm names itself to the scripts it runs; the same npm is used again, whatever PATH says.
  const npm = env.npm_execpath;
  const [command, ...first] = npm?.endsWith('.js')
    ? [process.execPath, npm]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  let isOutOfSync = false;
  const { code, lines } = await run(command, [...first, ...args], {
    cwd: root,
    // A script's npm is told about its parent's command line; that must not reach this one.
    env: Object.fromEntries(
      Object.entries(env).filter(([name]) => !/^npm_(config_(ignore_scripts|omit)|command|lifecycle)/.test(name)),
    ),
    label: 'packages',
    onLine: (line) => {
      isOutOfSync ||= line.includes('can only install packages when your package.json and package-lock.json');
    },
    say,
  });
  if (code === 0) return;
  // Half a node_modules is worse than none: programs would start and then miss a file.
  rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  if (code === 127)
    throw new Failure('npm was not found. Install Node.js with npm (https://nodejs.org), then start again.');
  if (isOutOfSync) {
    throw new Failure('package.json and package-lock.json do not agree. Run `npm install`, then start again.');
  }
  const why = explainOutput(lines);
  if (why !== undefined) throw new Failure(`The packages could not be installed: ${withNext(why)}.`);
  throw new Failure(
    "The packages could not be installed; npm's last lines are above. Correct that, then start again.",
    {
      details: lines,
    },
  );
}
