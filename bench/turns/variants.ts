/** Recordings made worse: over the telephone, in noise, with an echo. Labels are those of the original. Pure. */
import { levelDbfs, type Stretch } from '../audio/levels.js';
import { seededRandom, shuffled } from '../statistics.js';
import { type Recording, SAMPLE_RATE_HZ } from './recording.js';
import { withTail } from './room-noise.js';

/** Band of a telephone, in Hz (ITU-T G.712). */
const BAND_HZ = [300, 3_400] as const;
export const NOISE_SNRS_DB = [20, 15, 10] as const;
/** Voices in a babble. */
const BABBLE_VOICES = 6;
/** Level of an echo below the caller's voice, in dB: what a canceller leaves of the agent's. */
const ECHO_DB = -25;

export interface VariantOptions {
  /** Others to take babble and echo from. */
  readonly others: readonly Recording[];
  /** Silence after the end of speech, in ms; noise goes on in it. */
  readonly tailMs: number;
  readonly seed: number;
  /** Names the sound of each variant. */
  readonly fingerprintOf: (samples: Int16Array) => string;
}

/** The variants of one recording: `band`, `noise-20`, `noise-15`, `noise-10`, `echo`. */
export function variantsOf(recording: Recording, options: VariantOptions): Recording[] {
  const { others, tailMs, seed, fingerprintOf } = options;
  const padded = withTail(recording.samples, recording.speech, tailMs, seed);
  const voices = shuffled(
    others.filter((other) => other !== recording),
    seed,
  );
  const voiceDb = levelIn(padded, recording.speech);
  // One of two recordings is heard in hiss, the other in babble.
  const noise =
    seed % 2 === 0 ? whiteNoise(padded.length, seed) : babble(voices.slice(0, BABBLE_VOICES), padded.length);
  const echo = looped(voices[0]?.samples ?? new Int16Array(1), padded.length);
  const sounds: [set: string, samples: Int16Array][] = [
    ['band', throughTelephone(padded)],
    ...NOISE_SNRS_DB.map((snrDb): [string, Int16Array] => [`noise-${snrDb}`, mixed(padded, noise, voiceDb - snrDb)]),
    ['echo', mixed(padded, echo, voiceDb + ECHO_DB)],
  ];
  return sounds.map(([set, samples]) => ({ ...recording, set, samples, fingerprint: fingerprintOf(samples) }));
}

/** Adds a sound whose mean level becomes `levelDb`, in dBFS; what is too loud is clipped. */
function mixed(samples: Int16Array, sound: Int16Array, levelDb: number): Int16Array {
  const soundDb = levelDbfs(sound);
  if (soundDb === Number.NEGATIVE_INFINITY) return samples;
  const gain = 10 ** ((levelDb - soundDb) / 20);
  return samples.map((sample, index) => clipped(sample + (sound[index] ?? 0) * gain));
}

function whiteNoise(length: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length }, () => (random() - 0.5) * 20_000);
}

function babble(voices: readonly Recording[], length: number): Int16Array {
  const sum = new Float64Array(length);
  for (const voice of voices) {
    const gain = 10 ** ((-20 - levelIn(voice.samples, voice.speech)) / 20) / BABBLE_VOICES;
    // Without its pauses at both ends: a babble has none.
    const spoken = voice.samples.subarray(sampleAt(voice.speech.startMs), sampleAt(voice.speech.endMs));
    const loop = looped(spoken, length);
    for (let index = 0; index < length; index += 1) sum[index] = (sum[index] ?? 0) + (loop[index] ?? 0) * gain;
  }
  return Int16Array.from(sum, clipped);
}

function looped(samples: Int16Array, length: number): Int16Array {
  return Int16Array.from({ length }, (_, index) => samples[index % samples.length] ?? 0);
}

/** Two second-order Butterworth filters, forward only, as a line has them. */
function throughTelephone(samples: Int16Array): Int16Array {
  const [lowHz, highHz] = BAND_HZ;
  return Int16Array.from(filtered(filtered(samples, 'high-pass', lowHz), 'low-pass', highHz), clipped);
}

/** A biquad of Q 0.71 (R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients"). */
function filtered(samples: ArrayLike<number>, kind: 'low-pass' | 'high-pass', cutHz: number): Float64Array {
  const omega = (2 * Math.PI * cutHz) / SAMPLE_RATE_HZ;
  const alpha = Math.sin(omega) / Math.SQRT2;
  const cosine = Math.cos(omega);
  const side = (kind === 'low-pass' ? 1 - cosine : 1 + cosine) / 2;
  const middle = kind === 'low-pass' ? 1 - cosine : -(1 + cosine);
  const scale = 1 + alpha;
  const output = new Float64Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let index = 0; index < samples.length; index += 1) {
    const x = samples[index] ?? 0;
    const y = (side * x + middle * x1 + side * x2 + 2 * cosine * y1 - (1 - alpha) * y2) / scale;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    output[index] = y;
  }
  return output;
}

function levelIn(samples: Int16Array, { startMs, endMs }: Stretch): number {
  return levelDbfs(samples.subarray(sampleAt(startMs), sampleAt(endMs)));
}

function sampleAt(ms: number): number {
  return Math.round((ms / 1000) * SAMPLE_RATE_HZ);
}

function clipped(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
