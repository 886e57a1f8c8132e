/**
 * Run by a call process before all else: waits as long as the parent says. The framework forks the next spare process in the
 * moment in which one is given its call (ipc/proc_pool.ts:145 of 1.8.1), and to load one takes a core for most of a second: on
 * a small machine that is the second in which the call joins its room and greets.
 */
/** Longest wait taken, in ms: the framework gives a process ten seconds to load. */
const MOST_MS = 5_000;
const delayMs = Math.min(MOST_MS, Number(process.env.TURNWISE_SPARE_DELAY_MS ?? 0));

if (delayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
