/** Decides from levels alone when a voice begins and ends. Pure: it is fed windows and keeps no time of its own. */

/**
 * Level from which a window is audible, in dBFS. Far above the comfort noise of Opus and the dither of synthesisers
 * (below -60), and below the weakest first sound of a word at speaking volume.
 */
export const AUDIBLE_DBFS = -50;

/** A click is not a voice: so many windows of so many must be audible before a voice has begun. */
const ONSET_AUDIBLE_WINDOWS = 3;
const ONSET_WINDOWS = 6;

/** What a window changed: a voice began in `startWindow`, or ended before `endWindow`. */
export type SoundChange =
  | { readonly kind: 'began'; readonly startWindow: number }
  | { readonly kind: 'ended'; readonly endWindow: number };

export interface SoundDetectorOptions {
  /** Windows of quiet after which a voice has ended. */
  readonly hangOverWindows: number;
  readonly audibleDbfs?: number;
}

export class SoundDetector {
  readonly #hangOverWindows: number;
  readonly #audibleDbfs: number;
  #window = 0;
  #sounding = false;
  #lastAudibleWindow = Number.NEGATIVE_INFINITY;
  /** Audible windows among the last {@link ONSET_WINDOWS}, while no voice is heard. */
  #recentAudible: number[] = [];

  constructor({ hangOverWindows, audibleDbfs = AUDIBLE_DBFS }: SoundDetectorOptions) {
    this.#hangOverWindows = hangOverWindows;
    this.#audibleDbfs = audibleDbfs;
  }

  /**
   * Takes the level of the next window.
   * @returns What it changed. A beginning is known some windows after it was, an end after the hang-over.
   */
  push(levelDbfs: number): SoundChange | undefined {
    const window = this.#window;
    this.#window += 1;
    const audible = levelDbfs >= this.#audibleDbfs;
    if (audible) this.#lastAudibleWindow = window;
    return this.#sounding ? this.#watchEnd(window) : this.#watchOnset(window, audible);
  }

  #watchOnset(window: number, audible: boolean): SoundChange | undefined {
    if (audible) this.#recentAudible.push(window);
    this.#recentAudible = this.#recentAudible.filter((index) => index > window - ONSET_WINDOWS);
    const startWindow = this.#recentAudible[0];
    if (startWindow === undefined || this.#recentAudible.length < ONSET_AUDIBLE_WINDOWS) return undefined;
    this.#sounding = true;
    this.#recentAudible = [];
    return { kind: 'began', startWindow };
  }

  #watchEnd(window: number): SoundChange | undefined {
    if (window - this.#lastAudibleWindow < this.#hangOverWindows) return undefined;
    this.#sounding = false;
    return { kind: 'ended', endWindow: this.#lastAudibleWindow + 1 };
  }
}
