/** How busy the whole machine is, by its processors' own counts, and waiting until it is not. */
import { type CpuInfo, cpus } from 'node:os';
import { type Clock, systemClock } from './clock.js';

/** Times that the processors have counted since the machine started. */
export type ProcessorTimes = readonly Pick<CpuInfo, 'times'>[];

/** Long enough for the counts, which go by 10 ms, in ms. */
const WINDOW_MS = 500;
/** Two cores with nothing to do were seen at 0.01; of those a process that loads takes 0.5. More cores have one to spare. */
const IDLE_BELOW = 0.2;

export interface IdleOptions {
  /** Waited for at most, in ms. */
  readonly withinMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly read?: () => ProcessorTimes;
}

/**
 * Waits until all processors together are idle for half a second, or until the time is over: a worker that a call has left
 * loads its next process, and whoever calls another one meanwhile measures that.
 * @returns How busy they were in the last half second, 0 to 1.
 * @throws the reason of the signal.
 */
export async function untilIdle({
  withinMs,
  signal,
  clock = systemClock,
  read = cpus,
}: IdleOptions): Promise<{ readonly busy: number; readonly isIdle: boolean }> {
  const untilMs = clock.nowMs() + withinMs;
  for (let before = read(); ; ) {
    await clock.sleep(WINDOW_MS, signal);
    const now = read();
    const busy = busyShare(before, now);
    const isIdle = busy < IDLE_BELOW;
    if (isIdle || clock.nowMs() >= untilMs) return { busy, isIdle };
    before = now;
  }
}

/** @returns The share of the time between two readings in which processors worked, 0 to 1; 0 where none has passed. */
export function busyShare(before: ProcessorTimes, after: ProcessorTimes): number {
  const idleMs = total(after, ({ idle }) => idle) - total(before, ({ idle }) => idle);
  const allMs = total(after, allOf) - total(before, allOf);
  return allMs > 0 ? Math.min(1, Math.max(0, 1 - idleMs / allMs)) : 0;
}

function allOf(times: CpuInfo['times']): number {
  return times.user + times.nice + times.sys + times.idle + times.irq;
}

function total(processors: ProcessorTimes, of: (times: CpuInfo['times']) => number): number {
  return processors.reduce((sum, { times }) => sum + of(times), 0);
}
