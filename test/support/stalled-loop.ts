/** Lets the event loop of a running program stand still, over Node's own inspector: no program is prepared for it. */
import { once } from 'node:events';
import { vi } from 'vitest';
import { WebSocket } from 'ws';

/** For a program whose loop is to be stalled: its inspector takes any free port, and is opened by SIGUSR1. */
export const STALLABLE = { NODE_OPTIONS: '--inspect-port=0' } as const;

export interface StallableLoop {
  /** Runs nothing else for that long. Resolves when it is over. */
  stall(durationMs: number): Promise<void>;
  close(): void;
}

/**
 * @param pid - Of a program that was started with {@link STALLABLE}.
 * @param lines - What it and its like have written to standard error so far.
 */
export async function reachLoop(pid: number, lines: () => readonly string[]): Promise<StallableLoop> {
  const before = lines().length;
  process.kill(pid, 'SIGUSR1');
  const url = await vi.waitFor(() => {
    const [, found] = /Debugger listening on (ws:\S+)/.exec(lines().slice(before).join('\n')) ?? [];
    if (found === undefined) throw new Error('The inspector did not open.');
    return found;
  }, 10_000);
  const socket = new WebSocket(url);
  await once(socket, 'open');
  return {
    async stall(durationMs) {
      const expression = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${durationMs})`;
      const over = once(socket, 'message');
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
      await over;
    },
    close: () => socket.terminate(),
  };
}
