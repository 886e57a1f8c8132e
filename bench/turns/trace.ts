/** A recording as the detectors hear it: each window's probabilities, level and pitch, and v1-mini's scores on demand. */
import { measureWindow, type WindowSound } from '../../agent/turn/prosody.js';
import { Models, WINDOW_SAMPLES } from './models.js';
import { type Recording, SAMPLE_RATE_HZ } from './recording.js';
import { fingerprintOf } from './recordings.js';
import { withTail } from './room-noise.js';
import { type ModelOutputs, TraceCache } from './trace-cache.js';

/** Silence after the end of speech that every recording is given, in ms: above the longest wait of any arm. */
export const TAIL_MS = 3_000;

/** One Silero window; `atMs` is its end, from the recording's first sample. */
export interface TracedWindow extends WindowSound {
  readonly atMs: number;
  /** Silero's raw output, 0 to 1. */
  readonly probability: number;
}

export interface Trace {
  readonly recording: Recording;
  readonly windows: readonly TracedWindow[];
  /** Of `inference.VAD`, per window as in `windows`. */
  readonly inferenceVad: readonly number[];
  /** Of WebRTC's detector, per 10 ms. */
  readonly webrtc: readonly boolean[];
  readonly endMs: number;
  /** v1-mini's probability that the turn is over, of the 1.2 s before `atMs`. Asked twice, it is computed once. */
  score(atMs: number): Promise<number>;
}

export class Tracer {
  readonly #cache = new TraceCache();
  #models: Promise<Models> | undefined;
  readonly #unsaved = new Map<string, ModelOutputs>();

  /** Seconds of work for a sound that is new, milliseconds for a known one. */
  async traceOf(recording: Recording): Promise<Trace> {
    const samples = withTail(recording.samples, recording.speech, TAIL_MS, seedOf(recording.fingerprint));
    const key = fingerprintOf(samples);
    const outputs = (await this.#cache.read(key)) ?? (await this.#listen(key, samples));
    const windows = outputs.silero.map((probability, index) => {
      const start = index * WINDOW_SAMPLES;
      const sound = measureWindow(samples.subarray(start, start + WINDOW_SAMPLES));
      return { atMs: ((start + WINDOW_SAMPLES) * 1000) / SAMPLE_RATE_HZ, probability, ...sound };
    });
    return {
      recording,
      windows,
      inferenceVad: outputs.inferenceVad,
      webrtc: Array.from(outputs.webrtc, (digit) => digit === '1'),
      endMs: (samples.length * 1000) / SAMPLE_RATE_HZ,
      score: async (atMs) => {
        const endSample = Math.min(samples.length, Math.max(1, Math.round((atMs / 1000) * SAMPLE_RATE_HZ)));
        const known = outputs.endOfTurn[endSample];
        if (known !== undefined) return known;
        const score = await (await this.#load()).endOfTurn(samples, endSample);
        outputs.endOfTurn[endSample] = score;
        this.#unsaved.set(key, outputs);
        return score;
      },
    };
  }

  /** Keeps what was computed since for the next run. */
  async save(): Promise<void> {
    const unsaved = [...this.#unsaved];
    this.#unsaved.clear();
    await Promise.all(unsaved.map(([key, outputs]) => this.#cache.write(key, outputs)));
  }

  async #listen(key: string, samples: Int16Array): Promise<ModelOutputs> {
    const models = await this.#load();
    const outputs: ModelOutputs = {
      silero: await models.silero(samples),
      inferenceVad: await models.inferenceVad(samples),
      webrtc: models
        .webrtc(samples)
        .map((voiced) => (voiced ? '1' : '0'))
        .join(''),
      endOfTurn: {},
    };
    this.#unsaved.set(key, outputs);
    return outputs;
  }

  #load(): Promise<Models> {
    this.#models ??= Models.load();
    return this.#models;
  }
}

/** A number from a fingerprint, for what is made with the recording at random. */
export function seedOf(fingerprint: string): number {
  return Number.parseInt(fingerprint.slice(0, 7), 16);
}
