/** A bound on waiting for what may never answer: the room's native library, a vendor's library, a tool of somebody else's. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits no longer than that; what is not waited for goes on, and whatever comes of it is ignored.
 * @param ms - How long.
 * @param what - Names it in the error.
 * @throws Error after so long, and whatever `work` rejects with before.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const late = sleep(ms, undefined, { signal: settled.signal }).then(() => {
    throw new Error(`${what} took longer than ${ms} ms.`);
  });
  // Whichever was not waited for ends unheard.
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    settled.abort();
  }
}
