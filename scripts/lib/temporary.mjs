/** Unfinished things carry `.tmp-` in their names until they are whole; whoever holds the lock may sweep them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const cleanups = new Set();
let watching = false;

/** A name beside `path`, on the same file system, so that renaming it into place is atomic. */
export function temporaryBeside(path) {
  return `${path}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/**
 * Removes what a stopped setup left in a folder. Call with the lock held only: whatever is unfinished then is nobody's,
 * except the lock's own files, which belong to those who wait for it.
 */
export function sweep(folder) {
  let names = [];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const [, pid] = /\.tmp-(\d+)-[a-z0-9]+$/.exec(name) ?? [];
    if (pid === undefined || (name.includes('.lock') && isAlive(Number(pid)))) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Whether a process with this id runs. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Runs `work` with a temporary path that is gone afterwards, whether it succeeded, failed, or the process was told to stop.
 * Renaming the path away is how `work` keeps it.
 */
export async function withTemporary(path, work) {
  const temporary = temporaryBeside(path);
  const forget = atExit(() => rmSync(temporary, { recursive: true, force: true }));
  try {
    return await work(temporary);
  } finally {
    forget();
  }
}

/** Registers a synchronous clean-up for Ctrl-C, SIGTERM and SIGHUP. Returns a function that runs and forgets it. */
export function atExit(cleanup) {
  if (!watching) {
    watching = true;
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ]) {
      process.on(signal, () => {
        for (const each of [...cleanups].reverse()) each();
        console.error('\nturnwise: stopped; start again at any time.');
        process.exit(code);
      });
    }
  }
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    cleanup();
  };
}
