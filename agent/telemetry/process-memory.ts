/** What processes hold in memory, read where it harms nobody: in the parent, and without waiting for it. */
import { readFile } from 'node:fs/promises';
import type { ReportingProcess } from './metric-receiver.js';

export type ProcessKind = 'parent' | 'warm' | 'call' | 'turn_model';

const BYTES_PER_KB = 1_024;

/** @returns Resident memory in bytes; `undefined` for a process that is gone, and on systems without `/proc`. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * BYTES_PER_KB;
  } catch {
    return undefined;
  }
}

/**
 * @param turnModelPid - Of the turn model's process, while there is one.
 * @returns Bytes by kind, 0 where there is no such process; without the kinds of which nothing could be read.
 */
export async function measureMemory(
  processes: readonly ReportingProcess[],
  turnModelPid: number | undefined,
): Promise<ReadonlyMap<ProcessKind, number>> {
  const pids: Readonly<Record<Exclude<ProcessKind, 'parent'>, readonly number[]>> = {
    warm: processes.filter(({ hasCall }) => !hasCall).map(({ pid }) => pid),
    call: processes.filter(({ hasCall }) => hasCall).map(({ pid }) => pid),
    turn_model: turnModelPid === undefined ? [] : [turnModelPid],
  };
  const sums = new Map<ProcessKind, number>([['parent', process.memoryUsage.rss()]]);
  for (const kind of ['warm', 'call', 'turn_model'] as const) {
    const read = (await Promise.all(pids[kind].map(residentBytes))).filter((bytes) => bytes !== undefined);
    if (read.length > 0 || pids[kind].length === 0)
      sums.set(
        kind,
        read.reduce((sum, bytes) => sum + bytes, 0),
      );
  }
  return sums;
}
