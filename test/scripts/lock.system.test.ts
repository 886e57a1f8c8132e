import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../scripts/lib/lock.mjs';
import { makeFolder } from './support.js';

const HOLD_LOCK = fileURLToPath(new URL('./stand-ins/hold-lock.mjs', import.meta.url));

describe('the setup lock', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let path: string;
  beforeEach(async () => {
    folder = await makeFolder({});
    path = join(folder.path, 'setup.lock');
  });
  afterEach(() => folder.remove());

  function hold() {
    const child = spawn(process.execPath, [HOLD_LOCK, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    return { child, nextLine: async () => String((await once(lines, 'line'))[0]) };
  }

  it('is gone after the work, also after work that failed', async () => {
    expect(await withLock(path, async () => existsSync(path))).toBe(true);
    await expect(
      withLock(path, async () => {
        throw new Error('no luck');
      }),
    ).rejects.toThrow('no luck');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('makes a second setup wait for the first, and say for whom', async () => {
    const first = hold();
    expect(await first.nextLine()).toBe('holding');
    const second = hold();
    expect(await second.nextLine()).toBe(`waiting for ${first.child.pid}`);
    const then = second.nextLine();
    first.child.stdin.end();
    expect(await then).toBe('holding');
    second.child.stdin.end();
    await once(second.child, 'close');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is taken over when its holder was killed', async () => {
    const first = hold();
    await first.nextLine();
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    expect(existsSync(path)).toBe(true);
    expect(await withLock(path, async () => 'done')).toBe('done');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is taken over when its holder’s number belongs to another program now', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    expect(await withLock(path, async () => 'done')).toBe('done');
  });

  it('is taken over when it holds nonsense', async () => {
    await writeFile(path, 'nonsense');
    expect(await withLock(path, async () => 'done')).toBe('done');
  });

  it('lets one in at a time when many find a stale one', async () => {
    await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null }));
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
    expect(most).toBe(1);
  });

  it('gives up in the end, and says what to do', async () => {
    const first = hold();
    await first.nextLine();
    const waiting = withLock(path, async () => {}, { waitMs: 10 });
    await expect(waiting).rejects.toThrow(
      `Process ${first.child.pid} has held ${path} for too long. Stop it, or delete`,
    );
    first.child.stdin.end();
    await once(first.child, 'close');
  });
});
