import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { atExit, isAlive, temporaryBeside } from './temporary.mjs';

/** How often a waiting setup looks, in ms. */
const POLL_MS = 100;

/**
 * Holds a lock file while `work` runs. A second process waits; a lock whose holder is gone (kill -9, power cut) is taken over.
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (pid: number) => void, waitMs?: number }} [options]
 * @template T
 * @returns {Promise<T>}
 * @throws {Failure} when the holder has not let go within `waitMs` (default 20 minutes: a slow machine building the SFU).
 */
export async function withLock(path, work, { onWait = () => {}, waitMs = 20 * 60_000 } = {}) {
  const mine = JSON.stringify({ pid: process.pid, startedAt: processStart(process.pid) });
  const givesUpAtMs = performance.now() + waitMs;
  for (let waiting = false; !take(path, mine); ) {
    const held = read(path);
    if (held === undefined) continue;
    if (isStale(held)) {
      takeAway(path, held);
      continue;
    }
    const { pid } = JSON.parse(held);
    if (!waiting) onWait(pid);
    waiting = true;
    if (performance.now() > givesUpAtMs) {
      throw new Failure(
        `Process ${pid} has held ${path} for too long. Stop it, or delete that file, then start again.`,
      );
    }
    await sleep(POLL_MS);
  }
  const release = atExit(() => {
    if (read(path) === mine) unlinkSync(path);
  });
  try {
    return await work();
  } finally {
    release();
  }
}

/** A lock appears with its content in it: written aside, then linked, which fails when the name is taken. */
function take(path, content) {
  const aside = temporaryBeside(path);
  try {
    writeFileSync(aside, content);
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale(content) {
  try {
    const { pid, startedAt } = JSON.parse(content);
    return !Number.isInteger(pid) || !isAlive(pid) || processStart(pid) !== startedAt;
  } catch {
    return true;
  }
}

/** Two waiters may judge the same lock stale; the one that moved a live lock away puts it back. */
function takeAway(path, stale) {
  const aside = temporaryBeside(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** When a process started, where the system tells it: a pid alone may have been given to another program since. */
export function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
