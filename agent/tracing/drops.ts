/** Spans that no collector took, told by one line now and then. */

/** Time between two lines, in ms: a collector that is away for an hour is worth 60 of them. */
const TELL_EVERY_MS = 60_000;

export interface DropsOptions {
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
  readonly tell: (dropped: number, reason: string) => void;
}

export class Drops {
  readonly #options: DropsOptions;
  #untold = 0;
  #lastReason = '';
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: DropsOptions) {
    this.#options = options;
  }

  /** @param reason - A status, a code or a few words of ours: no address and nobody's message. */
  count(spans: number, reason: string): void {
    this.#untold += spans;
    this.#lastReason = reason;
    if (this.#options.nowMs() - this.#toldAtMs >= TELL_EVERY_MS) this.tellRest();
  }

  tellRest(): void {
    if (this.#untold === 0) return;
    this.#options.tell(this.#untold, this.#lastReason);
    this.#untold = 0;
    this.#toldAtMs = this.#options.nowMs();
  }
}
