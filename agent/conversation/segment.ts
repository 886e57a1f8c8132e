/** One reply on its way through the mouth: the samples that were captured and not yet given to the room. */
import type { Spoken } from '../reply/spoken.js';

export class Segment {
  readonly spoken: Spoken | undefined;
  /** Samples given to the room, less those taken back. */
  handedOver = 0;
  /** Something of it was given to the room. */
  hasBegun = false;
  /** Something of it was given to the room behind its opening. */
  hasAnswered = false;
  /** No more samples will be captured. */
  hasEnded = false;
  /** Oldest first. */
  readonly #chunks: Int16Array[] = [];
  #queued = 0;

  constructor(spoken: Spoken | undefined) {
    this.spoken = spoken;
  }

  /** Samples that wait. */
  get queued(): number {
    return this.#queued;
  }

  push(samples: Int16Array): void {
    this.#chunks.push(samples);
    this.#queued += samples.length;
  }

  /** Puts samples that were taken back before all that wait. */
  putBack(samples: Int16Array): void {
    this.#chunks.unshift(samples);
    this.#queued += samples.length;
  }

  /** The next `count` samples, or the shorter rest once the reply has ended; `undefined` when there are not enough yet. */
  take(count: number): Int16Array | undefined {
    if (this.#queued === 0 || (this.#queued < count && !this.hasEnded)) return undefined;
    const taken = new Int16Array(Math.min(count, this.#queued));
    let filled = 0;
    while (filled < taken.length) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, taken.length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length));
    }
    this.#queued -= filled;
    return taken;
  }
}
