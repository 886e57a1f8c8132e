/** Monotonic time in ms; the origin has no meaning. */
export interface Clock {
  nowMs(): number;
}

/** The process's own monotonic clock. */
export const systemClock: Clock = Object.freeze({ nowMs: () => performance.now() });
