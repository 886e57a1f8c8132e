/** A bound on waiting for what may never answer: the room's native library, a database, a collector, a caller. */

/**
 * Waits no longer than that; what is not waited for goes on, and whatever comes of it is ignored.
 * @param ms - How long.
 * @param what - Names it in the error.
 * @throws Error after so long, and whatever `work` rejects with before.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** As {@link within}, where only the waiting matters. @returns Whether it had settled by then; its failure counts as that. */
export function settledWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  // It cannot fail itself: what rejects is the bound.
  return within(ms, 'Settling', settled).catch(() => false);
}
