/** A stream at any rate, made into the recogniser's without seams between the pieces it comes in. */

import { resample } from '../synthesis/resample.js';

/** More input samples than the filter of any rate up to 96 kHz reaches to either side (102). */
const REACH = 120;

export class StreamResampler {
  readonly #fromHz: number;
  readonly #toHz: number;
  /** Input samples that make a whole number of output samples; pieces are cut at multiples of it. */
  readonly #unit: number;
  readonly #reach: number;
  /** The reach before the next output sample, then what has not been turned into output. */
  #held: Int16Array;

  constructor(fromHz: number, toHz: number) {
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#unit = fromHz / greatestCommonDivisor(fromHz, toHz);
    this.#reach = Math.ceil(REACH / this.#unit) * this.#unit;
    this.#held = new Int16Array(this.#reach);
  }

  /** Output as far as its filter can see; the last few ms follow with the next piece or {@link flush}. */
  push(samples: Int16Array): Int16Array {
    if (this.#fromHz === this.#toHz) return samples;
    const all = new Int16Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    const usable = Math.floor((all.length - 2 * this.#reach) / this.#unit) * this.#unit;
    if (usable <= 0) {
      this.#held = all;
      return new Int16Array();
    }
    this.#held = all.slice(usable);
    const output = resample(all.subarray(0, usable + 2 * this.#reach), this.#fromHz, this.#toHz);
    const ratio = this.#toHz / this.#fromHz;
    return output.slice(Math.round(this.#reach * ratio), Math.round((this.#reach + usable) * ratio));
  }

  /** The end of the stream, as if silence followed. */
  flush(): Int16Array {
    return this.push(new Int16Array(this.#fromHz === this.#toHz ? 0 : this.#reach + this.#unit));
  }
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
