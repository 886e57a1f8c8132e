/** Where the processes of one worker talk to it: a Unix socket that nobody else can open, on Windows a pipe of a secret name. */
import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateSocket {
  /** To listen on; nobody does yet. */
  readonly path: string;
  /** Removes it with its folder. May be called twice. */
  remove(): Promise<void>;
}

/** Folders of sockets carry the id of the process that made them. */
const FOLDER = /^turnwise-(\d{1,10})-\w{6}$/;
/** Leftovers that are looked at, at most: a folder for temporary files can hold anything. */
const MOST_LEFT_OVER = 100;

/**
 * Makes the place for a socket, and removes those of workers that were killed and could not do so themselves.
 * @param name - Of letters and hyphens.
 * @throws what the system says where it has no room for a folder.
 */
export async function makePrivateSocket(name: string): Promise<PrivateSocket> {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\turnwise-${randomBytes(8).toString('hex')}`, remove: async () => undefined };
  }
  await removeLeftOver(tmpdir()).catch(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), `turnwise-${process.pid}-`));
  return { path: join(folder, `${name}.sock`), remove: () => rm(folder, { recursive: true, force: true }) };
}

async function removeLeftOver(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => isOfNobody(FOLDER.exec(name)?.[1]));
  const folders = names.slice(0, MOST_LEFT_OVER).map((name) => join(parent, name));
  await Promise.all(
    folders.map(async (folder) => {
      if (await isLeftOver(folder)) await rm(folder, { recursive: true, force: true });
    }),
  );
}

/** A process of that id is no more; `false` where nothing can be said. */
function isOfNobody(pid: string | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Process ids are no proof where containers share a folder: whoever lives listens. */
async function isLeftOver(folder: string): Promise<boolean> {
  const about = await lstat(folder);
  if (!about.isDirectory() || about.uid !== process.getuid?.()) return false;
  const answers = await Promise.all((await readdir(folder)).map((name) => isHeard(join(folder, name))));
  return !answers.includes(true);
}

function isHeard(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
