/** Width of one level frame, in ms. */
export const FRAME_MS = 10;
/** Digital silence, in dBFS; nothing is quieter. */
export const SILENCE_DBFS = -100;

/** Level of 16 bit samples in dB below full scale. */
export function levelDbfs(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum === 0 ? SILENCE_DBFS : Math.max(SILENCE_DBFS, 10 * Math.log10(sum / samples.length / 0x8000 ** 2));
}

/** The energy envelope of a recording: the level of each whole 10 ms frame, in dBFS. */
export function envelopeOf(samples: Int16Array, sampleRateHz: number): number[] {
  const framer = new LevelFramer(sampleRateHz);
  return framer.push(samples);
}

/** Cuts a stream of samples into 10 ms frames and measures each. */
export class LevelFramer {
  readonly #frameSamples: number;
  #rest = new Int16Array(0);

  constructor(sampleRateHz: number) {
    this.#frameSamples = Math.round((sampleRateHz * FRAME_MS) / 1_000);
  }

  /** @returns the levels of the frames that these samples complete. */
  push(samples: Int16Array): number[] {
    const all = new Int16Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const levels: number[] = [];
    let at = 0;
    for (; at + this.#frameSamples <= all.length; at += this.#frameSamples) {
      levels.push(levelDbfs(all.subarray(at, at + this.#frameSamples)));
    }
    this.#rest = all.slice(at);
    return levels;
  }
}
