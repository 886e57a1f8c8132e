/**
 * Gives sound its instant by counting samples. A frame that arrives late because this program was busy still gets the
 * instant at which it would have been played, so that a stalled loop cannot make the other side look slow or fast.
 */

/** How long an arrival counts for the anchor, in ms: long against any stall, short against the drift of two clocks. */
const ANCHOR_WINDOW_MS = 10_000;

interface Arrival {
  readonly atMs: number;
  /** Arrival less the length of all sound before it. */
  readonly originMs: number;
}

export class ArrivalClock {
  readonly #sampleRateHz: number;
  #samples = 0;
  /** Ascending in both fields, so that the first is the lowest origin of the window. */
  #arrivals: Arrival[] = [];
  #lagMs = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** Takes note of a frame that arrived at `arrivedAtMs` and can be played from then on. */
  arrived(samples: number, arrivedAtMs: number): void {
    const originMs = arrivedAtMs - this.#durationMs(this.#samples);
    this.#samples += samples;
    this.#arrivals = this.#arrivals.filter(
      (one) => one.originMs < originMs && one.atMs > arrivedAtMs - ANCHOR_WINDOW_MS,
    );
    this.#arrivals.push({ atMs: arrivedAtMs, originMs });
    this.#lagMs = originMs - this.#originMs();
  }

  /** Instant at which the sample of that index is heard. @throws RangeError before anything arrived. */
  instantMs(sampleIndex: number): number {
    return this.#originMs() + this.#durationMs(sampleIndex);
  }

  /** Samples that arrived so far. */
  get samples(): number {
    return this.#samples;
  }

  /** How late the last frame was, in ms: what this program, not the other side, added. */
  get lagMs(): number {
    return this.#lagMs;
  }

  #originMs(): number {
    const first = this.#arrivals[0];
    if (first === undefined) throw new RangeError('No sound has arrived yet, so there is no instant to count from.');
    return first.originMs;
  }

  #durationMs(samples: number): number {
    return (samples / this.#sampleRateHz) * 1000;
  }
}
