import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, isExecutable, run } from '../exec.mjs';
import { Failure } from '../failure.mjs';
import { isDebian } from '../system.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Where a Chromium for the browser tests is, or undefined: CHROMIUM_BIN, then PATH, then the cache.
 * @throws {Failure} when CHROMIUM_BIN names no program.
 */
export function findChromium(env, cache) {
  const named = env.CHROMIUM_BIN;
  if (named !== undefined) {
    if (isExecutable(named)) return named;
    throw new Failure(`CHROMIUM_BIN (${named}) is not a program. Correct or remove it, then start again.`);
  }
  for (const name of NAMES) {
    const path = findOnPath(name, env);
    if (path !== undefined) return path;
  }
  const browsers = join(cache, 'browsers');
  for (const folder of existsSync(browsers) ? readdirSync(browsers) : []) {
    // Playwright writes the marker once a browser is whole.
    if (!folder.startsWith('chromium-') || !existsSync(join(browsers, folder, 'INSTALLATION_COMPLETE'))) continue;
    for (const path of [
      'chrome-linux/chrome',
      'chrome-linux64/chrome',
      'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
      'chrome-win/chrome.exe',
      'chrome-win64/chrome.exe',
    ]) {
      if (isExecutable(join(browsers, folder, path))) return join(browsers, folder, path);
    }
  }
  return undefined;
}

/** Chromium for the browser tests: Playwright's into the cache, else the system's package where we are root on Debian. */
export function chromiumStep({ root, env, cache, say }) {
  return {
    name: 'Chromium',
    isDone: () => findChromium(env, cache) !== undefined,
    async make() {
      const browsers = join(cache, 'browsers');
      mkdirSync(browsers, { recursive: true });
      say('Chromium: fetching one for the tests (170 MB)');
      const cli = join(root, 'node_modules/playwright-core/cli.js');
      const fetched = await run(process.execPath, [cli, 'install', 'chromium', '--no-shell'], {
        env: { ...env, PLAYWRIGHT_BROWSERS_PATH: browsers },
        label: 'Chromium',
        say,
      });
      const path = fetched.code === 0 ? findChromium(env, cache) : undefined;
      if (path !== undefined && (await run(path, ['--version'], { env, timeoutMs: 30_000 })).code === 0) return;
      const why = path === undefined ? 'it could not be fetched' : 'the one fetched lacks system libraries';
      if (!isDebian() || process.getuid?.() !== 0) {
        throw new Failure(
          `Chromium for the browser tests: ${why}. Install one (Debian, Ubuntu: \`apt-get install chromium\`) or set CHROMIUM_BIN, then start again.`,
        );
      }
      say(`Chromium: ${why}; installing the system package: apt-get install chromium`);
      const noninteractive = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '-q'], { env: noninteractive, label: 'apt-get update', say });
      const { code, lines } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
        env: noninteractive,
        label: 'apt-get install chromium',
        say,
      });
      if (code !== 0 || findChromium(env, cache) === undefined) {
        throw new Failure('Chromium could not be installed. Install one and set CHROMIUM_BIN, then start again.', {
          details: lines,
        });
      }
    },
  };
}
