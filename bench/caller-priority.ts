/**
 * Callers stand for machines of their own. Where several share this one with the agents whom they measure, they are in time only
 * if they need not wait for a processor: so they come before the workers, who have what is left. What workers wait for one stays
 * in the figures.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Threads of this process; nice alone raises the one that runs JavaScript. */
const THREADS = '/proc/self/task';
const RAISED_NICE = -20;
const USUAL_NICE = 0;

export interface RaisedPriority {
  /** `real-time`: whenever a thread of this program has something to do; `nice`: before others in its session. */
  readonly kind: 'real-time' | 'nice' | 'usual';
  /** Makes this process one among others again. */
  restore(): Promise<void>;
}

export interface Scheduling {
  /** Runs util-linux's `chrt`. @throws when there is none, or when it may not. */
  chrt(args: readonly string[]): Promise<unknown>;
  /** @throws when it may not. */
  nice(thread: number, value: number): void;
  threads(): Promise<readonly number[]>;
}

const system: Scheduling = {
  chrt: (args) => run('chrt', args),
  nice: setPriority,
  threads: async () => (await readdir(THREADS).catch(() => [`${process.pid}`])).map(Number),
};

/**
 * To be called when all workers have been started: what this process starts later has its priority. By nice alone callers still
 * wait where Linux shares processors between sessions first (sched(7), autogroup), as the launcher's programs have their own.
 */
export async function raiseCallers({ chrt, nice, threads }: Scheduling = system): Promise<RaisedPriority> {
  const ofAll = ['--all-tasks', '--pid'];
  const own = `${process.pid}`;
  try {
    // The lowest of them: above everything that is not real-time.
    await chrt(['--rr', ...ofAll, '1', own]);
    return {
      kind: 'real-time',
      async restore() {
        await chrt(['--other', ...ofAll, '0', own]).catch(() => undefined);
      },
    };
  } catch {
    // No util-linux, or no right to it; nice asks for the same right, and elsewhere than on Linux there is nothing else.
  }
  try {
    nice(process.pid, RAISED_NICE);
  } catch {
    return { kind: 'usual', restore: async () => undefined };
  }
  const setAll = async (value: number): Promise<void> => {
    for (const thread of await threads()) {
      try {
        nice(thread, value);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  await setAll(RAISED_NICE);
  return { kind: 'nice', restore: () => setAll(USUAL_NICE) };
}
