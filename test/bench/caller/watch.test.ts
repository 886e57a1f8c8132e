import { describe, expect, it } from 'vitest';
import { Watch } from '../../../bench/caller/watch.js';
import { type Clock, systemClock } from '../../../bench/clock.js';

/** A clock whose sleeps end only by their signal, or when told. */
function handClock(): Clock & { wake: () => void; sleeping: () => number } {
  const sleepers = new Set<() => void>();
  return {
    nowMs: () => 0,
    sleep: (_delayMs, signal) =>
      new Promise((resolve, reject) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.add(wake);
        const aborted = (): void => {
          sleepers.delete(wake);
          reject(signal?.reason);
        };
        if (signal?.aborted === true) aborted();
        signal?.addEventListener('abort', aborted);
      }),
    wake: () => {
      for (const wake of [...sleepers]) wake();
    },
    sleeping: () => sleepers.size,
  };
}

describe('waiting for something', () => {
  const limit = { timeoutMs: 1_000, what: 'a guest' };

  it('ends at once when it is there already', async () => {
    expect(await new Watch(handClock()).until(() => 'here', limit)).toBe('here');
  });

  it('asks again after each change, and leaves no timer when it ends', async () => {
    const clock = handClock();
    const watch = new Watch(clock);
    let guest: string | undefined;
    const waiting = watch.until(() => guest, limit);
    watch.changed();
    expect(clock.sleeping()).toBe(1);
    guest = 'here';
    watch.changed();
    expect(await waiting).toBe('here');
    expect(clock.sleeping()).toBe(0);
  });

  it('gives up in time, saying what it waited for', async () => {
    const clock = handClock();
    const waiting = new Watch(clock).until(() => undefined, limit);
    clock.wake();
    await expect(waiting).rejects.toMatchObject({ code: 'WAIT_TIMEOUT', message: 'Waited 1000 ms for a guest.' });
  });

  it('ends with the signal of whoever waits, and with the call', async () => {
    const watch = new Watch(handClock());
    const gone = new AbortController();
    const waiting = watch.until(() => undefined, { ...limit, signal: gone.signal });
    gone.abort(new Error('no more interest'));
    await expect(waiting).rejects.toThrow('no more interest');
    const other = watch.until(() => undefined, limit);
    watch.end(new Error('the call is over'));
    await expect(other).rejects.toThrow('the call is over');
    await expect(watch.until(() => undefined, limit)).rejects.toThrow('the call is over');
  });
});

describe('the system clock', () => {
  it('sleeps, and stops sleeping with its signal', async () => {
    const startedAtMs = systemClock.nowMs();
    await systemClock.sleep(20);
    expect(systemClock.nowMs() - startedAtMs).toBeGreaterThanOrEqual(19);
    await expect(systemClock.sleep(10_000, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
