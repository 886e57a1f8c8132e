/**
 * Callers stand for machines of their own. Where several share this one with the agents whom they measure, they are in time only
 * if they need not wait for a processor: so they come before the workers, who have what is left. What workers wait for one stays
 * in the figures.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';

/** Threads of this process; without them only the one that runs JavaScript would be raised. */
const THREADS = '/proc/self/task';
/**
 * Linux shares processors between sessions before it does so between the processes of one (sched(7), autogroup), and the
 * launcher's programs have sessions of their own. What else is in this session, the scripted providers, is raised with it:
 * they too stand for something elsewhere.
 */
const SESSION = '/proc/self/autogroup';
const RAISED = -20;

export interface RaisedPriority {
  readonly isRaised: boolean;
  /** Gives this process and its session back what they had. */
  restore(): Promise<void>;
}

/**
 * To be called when all workers have been started: what this process starts later has its priority.
 * @returns Whether the system lets it; on Linux that takes root or CAP_SYS_NICE.
 */
export async function raiseCallers(): Promise<RaisedPriority> {
  const before = getPriority();
  try {
    setPriority(process.pid, RAISED);
  } catch {
    return { isRaised: false, restore: async () => undefined };
  }
  await setAll(RAISED);
  const session = niceOf(await readFile(SESSION, 'utf8').catch(() => ''));
  // Without it the kernel does not group, or does not say so.
  const isGrouped = session !== undefined && (await writeNice(RAISED));
  return {
    isRaised: true,
    async restore() {
      await setAll(before);
      if (isGrouped && session !== undefined) await writeNice(session);
    },
  };
}

/** @param text - Of `/proc/self/autogroup`: `/autogroup-25 nice 0`. @returns undefined where it says nothing. */
export function niceOf(text: string): number | undefined {
  const nice = /nice (-?\d+)/.exec(text)?.[1];
  return nice === undefined ? undefined : Number(nice);
}

async function threads(): Promise<number[]> {
  const names = await readdir(THREADS).catch(() => [`${process.pid}`]);
  return names.map(Number);
}

async function setAll(priority: number): Promise<void> {
  for (const thread of await threads()) {
    try {
      setPriority(thread, priority);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function writeNice(nice: number): Promise<boolean> {
  return writeFile(SESSION, `${nice}`).then(
    () => true,
    () => false,
  );
}
