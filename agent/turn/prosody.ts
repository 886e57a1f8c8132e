/** What one window of sound says without any words: how loud it is and, where it is voiced, at which pitch. */

/** Lowest and highest pitch looked for, in Hz: low male voices to excited high ones. */
const PITCH_MIN_HZ = 70;
const PITCH_MAX_HZ = 400;
/** The pitch is looked for at half the rate: nothing of it lies above 4 kHz, and it takes a quarter of the work. */
const DECIMATION = 2;
const SAMPLE_RATE_HZ = 16_000;
/** Normalised correlation from which a window is voiced; breath and friction stay below 0.5. */
const VOICED_CORRELATION = 0.6;
/** A shorter period is taken if it correlates nearly as well as the best: the double of a period always does, too. */
const OCTAVE_TOLERANCE = 0.9;
/** Full scale of 16 bit samples. */
const FULL_SCALE = 32_768;
/** Level of silence, in dBFS: below one bit of 16. */
export const SILENCE_DB = -100;
/** Below it no pitch is looked for, in dBFS. */
const QUIET_DB = -60;

export interface WindowSound {
  /** RMS level in dBFS, {@link SILENCE_DB} to 0. */
  readonly levelDb: number;
  /** Levels of its {@link PARTS} parts, oldest first, in dBFS: speech does not end where windows do. Absent where nobody measured. */
  readonly levelsDb?: readonly number[];
  /** Absent where the window is unvoiced. */
  readonly pitchHz?: number;
}

/** Of a Silero window: 8 ms each. */
const PARTS = 4;

/** @param samples - Mono PCM at 16 kHz; a Silero window of 512 samples holds two periods of the lowest pitch. */
export function measureWindow(samples: Int16Array): WindowSound {
  const levelDb = levelOf(samples);
  const pitchHz = levelDb > QUIET_DB ? pitchOf(samples) : undefined;
  const length = samples.length / PARTS;
  const levelsDb = Array.from({ length: PARTS }, (_, part) =>
    levelOf(samples.subarray(Math.round(part * length), Math.round((part + 1) * length))),
  );
  return { levelDb, levelsDb, ...(pitchHz !== undefined && { pitchHz }) };
}

/** RMS level in dBFS, {@link SILENCE_DB} where there is none. */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return SILENCE_DB;
  return Math.max(SILENCE_DB, 10 * Math.log10(sum / samples.length / FULL_SCALE ** 2));
}

/** Pitch by normalised autocorrelation; `undefined` where no period repeats well enough. */
function pitchOf(samples: Int16Array): number | undefined {
  const wave = decimated(samples);
  const rateHz = SAMPLE_RATE_HZ / DECIMATION;
  const shortest = Math.floor(rateHz / PITCH_MAX_HZ);
  const longest = Math.min(Math.ceil(rateHz / PITCH_MIN_HZ), Math.floor(wave.length / 2));
  const correlations: number[] = [];
  for (let lag = shortest; lag <= longest; lag++) correlations.push(correlationAt(wave, lag));
  const best = Math.max(...correlations);
  if (!(best >= VOICED_CORRELATION)) return undefined;
  const index = correlations.findIndex(
    (value, i) =>
      value >= best * OCTAVE_TOLERANCE &&
      value >= (correlations[i - 1] ?? Number.NEGATIVE_INFINITY) &&
      value >= (correlations[i + 1] ?? Number.NEGATIVE_INFINITY),
  );
  return index < 0 ? undefined : rateHz / (shortest + index);
}

function decimated(samples: Int16Array): Float64Array {
  const wave = new Float64Array(Math.floor(samples.length / DECIMATION));
  let mean = 0;
  for (let i = 0; i < wave.length; i++) {
    const value = ((samples[i * DECIMATION] ?? 0) + (samples[i * DECIMATION + 1] ?? 0)) / 2;
    wave[i] = value;
    mean += value / wave.length;
  }
  return wave.map((value) => value - mean);
}

/** How alike the wave is to itself `lag` samples later, -1 to 1. */
function correlationAt(wave: Float64Array, lag: number): number {
  let product = 0;
  let early = 0;
  let late = 0;
  for (let i = 0; i + lag < wave.length; i++) {
    const a = wave[i] ?? 0;
    const b = wave[i + lag] ?? 0;
    product += a * b;
    early += a * a;
    late += b * b;
  }
  return early === 0 || late === 0 ? 0 : product / Math.sqrt(early * late);
}
