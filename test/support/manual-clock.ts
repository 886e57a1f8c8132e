import type { Clock } from '../../agent/conversation/clock.js';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
