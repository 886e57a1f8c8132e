/** Notices that a caller who is owed sound hears none. */
export interface SilenceWatchOptions {
  readonly onSilence: () => void;
}

export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /** Tells once if there is no sound for so long from now on, in ms; what it was to tell before, it does not. */
  begin(waitMs: number): void {
    this.end();
    this.#timer = setTimeout(this.#options.onSilence, Math.max(0, waitMs));
  }

  /** There is sound, or none is owed any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
