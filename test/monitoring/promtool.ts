/** Debian's `prometheus` package has both; `.ci/run` installs it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

export const promtoolPath = find('promtool');
export const prometheusPath = find('prometheus');

/** @throws with promtool's own words when it does not succeed. */
export async function promtool(...args: readonly string[]): Promise<string> {
  if (promtoolPath === undefined) throw new Error('promtool is not installed.');
  const { stdout } = await run(promtoolPath, [...args]);
  return stdout;
}
