import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makePrivateSocket } from '../../agent/private-socket.js';

let parent: string;
beforeEach(async () => {
  parent = await realpath(await mkdtemp(join(tmpdir(), 'sockets-')));
  vi.stubEnv('TMPDIR', parent);
});
afterEach(() => rm(parent, { recursive: true, force: true }));

async function listenOn(path: string): Promise<Server> {
  const server = createServer();
  await once(server.listen(path), 'listening');
  return server;
}

/** The id of a process that is over. */
async function pidOfNobody(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return Number(child.pid);
}

it.skipIf(process.platform === 'win32')('is open to nobody else, and gone when it was removed', async () => {
  const socket = await makePrivateSocket('metrics');
  const server = await listenOn(socket.path);
  expect((await stat(dirname(socket.path))).mode & 0o777).toBe(0o700);
  expect(basename(socket.path)).toBe('metrics.sock');
  server.close();
  await socket.remove();
  await socket.remove();
  expect(await readdir(parent)).toEqual([]);
});

describe.skipIf(process.platform === 'win32')('the next socket', () => {
  it('removes what a worker left that was killed, and nothing else', async () => {
    const pid = await pidOfNobody();
    const folders = ['killed', 'listen', 'others'].map((name) => join(parent, `turnwise-${pid}-${name}`));
    const [killed = '', listening = '', strange = ''] = folders;
    const ofSomebody = join(parent, `turnwise-${process.ppid}-parent`);
    await Promise.all([killed, listening, ofSomebody, join(parent, 'turnwise-notes')].map((path) => mkdir(path)));
    await writeFile(join(killed, 'metrics.sock'), '');
    await writeFile(strange, 'a file');
    const server = await listenOn(join(listening, 'metrics.sock'));
    const socket = await makePrivateSocket('metrics');
    const left = [listening, strange, ofSomebody, join(parent, 'turnwise-notes'), dirname(socket.path)];
    expect((await readdir(parent)).sort()).toEqual(left.map((path) => basename(path)).sort());
    server.close();
  });
});
