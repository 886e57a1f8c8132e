/** How well a call's process keeps up: what stalls its event loop stalls the caller's sound and the agent's. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measurements } from './metrics.js';

/** How often the loop is looked at, in ms: what a caller can hear is longer. The figure is in every delay, however idle the loop. */
const RESOLUTION_MS = 10;
/** How often the longest delay is told, in ms. */
const TELL_MS = 1_000;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Tells the longest delay of the event loop in each second until it is closed. Reads no file: it runs beside the sound. The
 * measuring timer runs no JavaScript; in exchange it misses a stall that begins in the first 10 ms after a second was told.
 */
export class Vitals {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;

  constructor(measurements: Measurements, tellMs = TELL_MS) {
    this.#delays.enable();
    this.#timer = setInterval(() => {
      const longestMs = this.#delays.max / NANOSECONDS_PER_MS;
      this.#delays.reset();
      measurements.observe('turnwise_call_loop_lag_seconds', {}, Math.max(0, longestMs - RESOLUTION_MS));
    }, tellMs);
    // Whoever is done need not wait for its figures.
    this.#timer.unref();
  }

  /** May be called twice. */
  close(): void {
    clearInterval(this.#timer);
    this.#delays.disable();
  }
}
