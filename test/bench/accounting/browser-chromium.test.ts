import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../../../bench/accounting/browser-chromium.js';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-chromium-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function program(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, '');
  return path;
}

describe('Chromium', () => {
  it('is the one named, or on the path, or fetched by setup', async () => {
    const [bin, cache] = [await emptyFolder(), await emptyFolder()];
    const fetched = await program(join(cache, 'browsers/chromium-1/chrome-linux'), 'chrome');
    // Half a browser is none.
    expect(() => chromiumPath({ PATH: bin, TURNWISE_CACHE_DIR: cache })).toThrow('No Chromium here');
    await program(join(cache, 'browsers/chromium-1'), 'INSTALLATION_COMPLETE');
    expect(chromiumPath({ PATH: bin, TURNWISE_CACHE_DIR: cache })).toBe(fetched);
    const onPath = await program(bin, 'chromium');
    expect(chromiumPath({ PATH: bin, TURNWISE_CACHE_DIR: cache })).toBe(onPath);
    const named = await program(await emptyFolder(), 'mine');
    expect(chromiumPath({ PATH: bin, TURNWISE_CACHE_DIR: cache, CHROMIUM_BIN: named })).toBe(named);
  });

  it('is missed with words on what to install, and a wrong setting by its name', async () => {
    const empty = await emptyFolder();
    const env = { PATH: empty, TURNWISE_CACHE_DIR: empty };
    expect(() => chromiumPath(env)).toThrow(/No Chromium here.*apt-get install chromium.*CHROMIUM_BIN.*--parts/);
    expect(() => chromiumPath({ ...env, CHROMIUM_BIN: join(empty, 'none') })).toThrow(/^CHROMIUM_BIN .* is not there/);
  });
});
