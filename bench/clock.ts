/** The clock of benches and callers: monotonic, waiting with a signal. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds on a monotonic clock; only differences mean something. */
  nowMs(): number;
  /** Resolves after `delayMs`. @throws the reason of `signal` once it aborts; the timer is gone then. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  async sleep(delayMs, signal) {
    try {
      await delay(delayMs, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
