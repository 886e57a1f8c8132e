/**
 * A stop that lets calls end. `AgentServer.drain` of @livekit/agents 1.8.1 cannot be waited for instead: it joins every process it
 * lists and rejects at once where one of them waits to be started (worker.js:393, ipc/proc_pool.js:86), and it closes all that have
 * no call yet, so that a call which was accepted a moment before is launched into a process that ends, without complaint.
 */

/** How often calls are counted, in ms: nobody tells of the last one's end, and who deploys waits for it. */
const LOOK_MS = 100;

export interface Finishing {
  /** How many there are, those on their way included. */
  readonly calls: () => number;
  /** How long they may go on, in ms. */
  readonly withinMs: number;
  /** Aborts when they are not to be waited for any more. */
  readonly cut: AbortSignal;
}

/** Waits for the last call. @returns What ended the wait: only behind `over` there is no call. */
export function finishCalls({ calls, withinMs, cut }: Finishing): Promise<'over' | 'late' | 'cut'> {
  const untilMs = performance.now() + withinMs;
  return new Promise((resolve) => {
    const look = (): void => {
      const isOver = calls() === 0;
      const isLate = performance.now() >= untilMs;
      if (!isOver && !isLate && !cut.aborted) return;
      clearInterval(looking);
      cut.removeEventListener('abort', look);
      resolve(isOver ? 'over' : cut.aborted ? 'cut' : 'late');
    };
    const looking = setInterval(look, LOOK_MS);
    cut.addEventListener('abort', look);
    look();
  });
}
