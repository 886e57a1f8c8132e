/** Notices that a caller who is owed sound hears none. */
export interface SilenceWatchOptions {
  /** How long a caller may hear nothing, in ms. */
  readonly afterMs: number;
  readonly onSilence: () => void;
}

export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /**
   * From now on sound is owed.
   * @param goneByMs - How long the caller has waited already.
   */
  begin(goneByMs = 0): void {
    this.end();
    this.#timer = setTimeout(this.#options.onSilence, Math.max(0, this.#options.afterMs - goneByMs));
  }

  /** There is sound, or none is owed any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
