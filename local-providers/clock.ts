import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time in this program; tests pass one they move by hand. */
export interface Clock {
  /** Monotonic, in ms; only differences mean anything. */
  nowMs(): number;
  /** @throws the signal's reason once it aborts; timer and listener are gone by then. */
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

/** One wake-up that can be moved: setting it again replaces the earlier one. Its owner cancels it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onRing: () => void;
  #armed: { readonly atMs: number; readonly controller: AbortController } | undefined;

  constructor(clock: Clock, onRing: () => void) {
    this.#clock = clock;
    this.#onRing = onRing;
  }

  /** Rings at `atMs` on the clock, at once when that has passed; `undefined` cancels. */
  set(atMs: number | undefined): void {
    if (atMs === this.#armed?.atMs) return;
    this.cancel();
    if (atMs === undefined) return;
    const armed = { atMs, controller: new AbortController() };
    this.#armed = armed;
    void this.#wait(armed);
  }

  cancel(): void {
    this.#armed?.controller.abort();
    this.#armed = undefined;
  }

  async #wait(armed: { readonly atMs: number; readonly controller: AbortController }): Promise<void> {
    try {
      // A timer may fire a fraction early; waiting again is cheaper than a result that is too early by the rule.
      while (this.#clock.nowMs() < armed.atMs) {
        await this.#clock.sleep(Math.max(1, Math.ceil(armed.atMs - this.#clock.nowMs())), armed.controller.signal);
      }
      await Promise.resolve();
    } catch {
      return; // Cancelled: the only way a sleep ends early.
    }
    if (this.#armed !== armed) return;
    this.#armed = undefined;
    this.#onRing();
  }
}
