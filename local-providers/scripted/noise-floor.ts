import { SILENCE_DBFS } from './levels.js';

/** Levels are averaged over 50 ms: a single quiet frame is no floor. */
const MEAN_FRAMES = 5;
/** Speech leaves a gap within this time, in frames. */
const MEMORY_FRAMES = 200;
/** Before this much has been heard, what is heard may all be speech, in frames. */
const MIN_FRAMES = 20;
/** Speech stands out from the floor by this, in dB. */
const MARGIN_DB = 8;
/** However loud the floor, the gate rises no further, or soft speech would go unheard, in dB. */
const MAX_RISE_DB = 15;

/** Follows the noise of a line, so that hiss above a recording's own gate is not taken for its beginning. */
export class NoiseFloor {
  readonly #recent: number[] = [];
  readonly #means: number[] = [];
  #floorDbfs = SILENCE_DBFS;

  note(levelDbfs: number): void {
    this.#recent.push(levelDbfs);
    if (this.#recent.length < MEAN_FRAMES) return;
    this.#means.push(this.#recent.reduce((sum, level) => sum + level, 0) / MEAN_FRAMES);
    this.#recent.length = 0;
    if (this.#means.length > MEMORY_FRAMES / MEAN_FRAMES) this.#means.shift();
    if (this.#means.length >= MIN_FRAMES / MEAN_FRAMES) this.#floorDbfs = Math.min(...this.#means);
  }

  /** The level above which a frame is voiced, given the gate that a quiet line would have, both in dBFS. */
  raise(gateDbfs: number): number {
    return Math.max(gateDbfs, Math.min(gateDbfs + MAX_RISE_DB, this.#floorDbfs + MARGIN_DB));
  }
}
