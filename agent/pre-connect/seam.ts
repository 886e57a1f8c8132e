/**
 * Where the recording of the time before the connection goes on in the live audio, found in the sound itself. Compared are short
 * windows: a jitter buffer that finds its length leaves out or repeats 10 to 20 ms of the first live second here and there, so
 * that the two run alike for a few hundred ms and no longer.
 */

/** What both sides are sampled at, in Hz. */
export const JOIN_SAMPLE_RATE_HZ = 16_000;

/** The recording may reach this far into the live audio, in ms; a second is what signalling takes at its worst. */
const LONGEST_OVERLAP_MS = 1_000;

/** Length of the windows of live audio that are looked for in the recording, and their distance, in ms. */
const WINDOW_MS = 100;
const STEP_MS = 50;

/** The search runs on every eighth sample first: 2 kHz keep the fundamental and first formant of a voice. */
const DECIMATION = 8;

/**
 * Likeness of two windows that are the same sound: measured between MediaRecorder's and WebRTC's encoding of one voice, 0.7 to
 * 0.95, and 0.4 at most between different moments. Alone it has to be the higher one; the lower one does where the next window
 * before tells the same place.
 */
const LIKENESS_ALONE = 0.88;
const LIKENESS_AGREED = 0.7;
const AGREED_MS = 3;

/** How much less alike every other place must be, or the sound (a tone, a hum) fits everywhere and says nothing. */
const LEAST_LEAD = 0.05;

/** Places nearer to the best one than this are the same place, in ms: a period of a low voice. */
const SAME_PLACE_MS = 15;

/** Root mean square of 16-bit samples below which there is nothing to compare: about -60 dB of full scale. */
const SILENT_RMS = 30;

/** Root mean square of 16-bit samples below which nobody speaks into a microphone: about -44 dB of full scale. */
const QUIET_RMS = 200;

/** The same moment in both sounds. */
export interface Seam {
  /** Position in the recording, in samples: up to here it is to be used. */
  readonly recordedAt: number;
  /** Position in the live audio, in samples: from here on it is to be used. */
  readonly liveAt: number;
  /** Normalised cross-correlation around it, at most 1. */
  readonly likeness: number;
}

/**
 * Finds the latest moment that is surely in both.
 * @param recorded - 16 kHz mono, up to its end. @param live - 16 kHz mono, from its first sample.
 * @returns `undefined` where the sound does not tell: silence, a tone, no common part, or too little of it.
 */
export function findSeam(recorded: Int16Array, live: Int16Array): Seam | undefined {
  const tailFrom = Math.max(0, recorded.length - samplesOf(LONGEST_OVERLAP_MS));
  const tail = new Searched(recorded.subarray(tailFrom));
  const window = samplesOf(WINDOW_MS);
  let later: Seam | undefined;
  for (let from = lastWindow(live); from >= 0; from -= samplesOf(STEP_MS)) {
    const found = tail.find(live.subarray(from, from + window));
    // In the window's middle, where it fits best.
    const seam = found && {
      recordedAt: tailFrom + found.at + window / 2,
      liveAt: from + window / 2,
      likeness: found.likeness,
    };
    if (seam !== undefined && seam.likeness >= LIKENESS_ALONE) return seam;
    if (seam !== undefined && later !== undefined && isSamePlace(seam, later)) return later;
    later = seam;
  }
  return undefined;
}

/** Whether nobody speaks where the two could meet: the recording's last second, and the live audio so far. */
export function isQuiet(recorded: Int16Array, live: Int16Array): boolean {
  const tail = recorded.subarray(Math.max(0, recorded.length - samplesOf(LONGEST_OVERLAP_MS)));
  return loudest(tail) < QUIET_RMS && loudest(live) < QUIET_RMS;
}

/** Root mean square of the loudest {@link STEP_MS}. */
function loudest(samples: Int16Array): number {
  const step = samplesOf(STEP_MS);
  let most = 0;
  for (let from = 0; from < samples.length; from += step) {
    const part = samples.subarray(from, from + step);
    most = Math.max(most, part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length);
  }
  return Math.sqrt(most);
}

function isSamePlace(a: Seam, b: Seam): boolean {
  return Math.abs(a.recordedAt - a.liveAt - (b.recordedAt - b.liveAt)) <= samplesOf(AGREED_MS);
}

/** Where the last whole window begins, on the grid of steps; negative when there is none. */
function lastWindow(live: Int16Array): number {
  const step = samplesOf(STEP_MS);
  return Math.floor((live.length - samplesOf(WINDOW_MS)) / step) * step;
}

/** A sound in which windows of another are looked for, first roughly, then to the sample. */
class Searched {
  readonly #fine: Sound;
  readonly #coarse: Sound;

  constructor(samples: Int16Array) {
    this.#fine = new Sound(Float32Array.from(samples));
    this.#coarse = new Sound(decimated(samples));
  }

  /** The one place where the window fits; `undefined` where it fits nowhere, or in several places. */
  find(window: Int16Array): Place | undefined {
    const coarse = this.#coarse.likenesses(decimated(window), 0, Number.POSITIVE_INFINITY);
    const top = largest(coarse);
    if (top === undefined || top.likeness < LIKENESS_AGREED) return undefined;
    const samePlace = samplesOf(SAME_PLACE_MS) / DECIMATION;
    const isRivalled = coarse.some(
      (likeness, at) => likeness > top.likeness - LEAST_LEAD && Math.abs(at - top.at) > samePlace,
    );
    if (isRivalled) return undefined;
    const from = Math.max(0, (top.at - 1) * DECIMATION);
    const fine = largest(this.#fine.likenesses(Float32Array.from(window), from, from + 2 * DECIMATION));
    return fine === undefined || fine.likeness < LIKENESS_AGREED ? undefined : { ...fine, at: from + fine.at };
  }
}

interface Place {
  readonly at: number;
  /** Normalised cross-correlation, at most 1. */
  readonly likeness: number;
}

function largest(likenesses: Float32Array): Place | undefined {
  let best: Place | undefined;
  likenesses.forEach((likeness, at) => {
    if (likeness > (best?.likeness ?? 0)) best = { at, likeness };
  });
  return best;
}

class Sound {
  readonly #samples: Float32Array;
  /** Energy of the first n samples, for n from 0. */
  readonly #energy: Float64Array;

  constructor(samples: Float32Array) {
    this.#samples = samples;
    this.#energy = new Float64Array(samples.length + 1);
    samples.forEach((sample, index) => {
      this.#energy[index + 1] = (this.#energy[index] ?? 0) + sample * sample;
    });
  }

  /** Likeness of a window at each place between the two, both included; 0 where one side is silent. */
  likenesses(window: Float32Array, first: number, last: number): Float32Array {
    const until = Math.min(last, this.#samples.length - window.length);
    const windowEnergy = window.reduce((sum, sample) => sum + sample * sample, 0);
    const silentEnergy = SILENT_RMS ** 2 * window.length;
    return new Float32Array(Math.max(0, until - first + 1)).map((_, index) => {
      const at = first + index;
      const energy = (this.#energy[at + window.length] ?? 0) - (this.#energy[at] ?? 0);
      if (Math.min(energy, windowEnergy) < silentEnergy) return 0;
      return productOf(window, this.#samples.subarray(at, at + window.length)) / Math.sqrt(energy * windowEnergy);
    });
  }
}

/** Both are of one length. */
function productOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/** Means of {@link DECIMATION} samples each. */
function decimated(samples: Int16Array): Float32Array {
  return Float32Array.from({ length: Math.floor(samples.length / DECIMATION) }, (_, index) => {
    let sum = 0;
    for (let offset = 0; offset < DECIMATION; offset += 1) sum += samples[index * DECIMATION + offset] ?? 0;
    return sum / DECIMATION;
  });
}

function samplesOf(ms: number): number {
  return (ms * JOIN_SAMPLE_RATE_HZ) / 1_000;
}
