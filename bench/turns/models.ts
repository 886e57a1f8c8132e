/** The models whose outputs the arms decide by: those of the worker, and those it is compared with. */

import loadFvad from '@echogarden/fvad-wasm';
import { initializeLogger } from '@livekit/agents';
import localInference from '@livekit/local-inference';
import { Silero, type SileroStream } from '../../agent/providers/silero.js';
import { SAMPLE_RATE_HZ } from './recording.js';

/** Samples in one window of Silero, in the worker's form and in `inference.VAD`'s. */
export const WINDOW_SAMPLES = 512;
/** Samples in one frame of WebRTC's detector: 10 ms, its finest. */
export const WEBRTC_FRAME_SAMPLES = SAMPLE_RATE_HZ / 100;
/** What v1-mini listens to: the last 1.2 s. */
const END_OF_TURN_SAMPLES = 1.2 * SAMPLE_RATE_HZ;
/** "Aggressive", the third of its four modes: the usual choice for calls, between missing words and hearing breath. */
const WEBRTC_MODE = 2;

export class Models {
  readonly #silero: Silero;
  readonly #fvad: Awaited<ReturnType<typeof loadFvad>>;

  private constructor(silero: Silero, fvad: Awaited<ReturnType<typeof loadFvad>>) {
    this.#silero = silero;
    this.#fvad = fvad;
  }

  static async load(): Promise<Models> {
    initializeLogger({ pretty: false, level: 'error' });
    return new Models(await Silero.load(), await loadFvad());
  }

  /** Silero's raw probability of each whole window, the worker's way. */
  async silero(samples: Int16Array): Promise<number[]> {
    const windows = Math.floor(samples.length / WINDOW_SAMPLES);
    const probabilities: number[] = [];
    if (windows === 0) return probabilities;
    let stream: SileroStream | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        stream = this.#silero.open((_endSample, probability) => {
          probabilities.push(probability);
          if (probabilities.length === windows) resolve();
        }, reject);
        stream.push(samples);
      });
    } finally {
      stream?.close();
    }
    return probabilities;
  }

  /** The probability of `inference.VAD`, the framework's default detector, of each whole window. */
  async inferenceVad(samples: Int16Array): Promise<number[]> {
    const vad = localInference.createVad();
    const probabilities: number[] = [];
    for (let at = 0; at + WINDOW_SAMPLES <= samples.length; at += WINDOW_SAMPLES) {
      probabilities.push(await vad.predict(samples.slice(at, at + WINDOW_SAMPLES)));
    }
    return probabilities;
  }

  /** Whether WebRTC's detector hears voice in each whole frame of 10 ms. */
  webrtc(samples: Int16Array): boolean[] {
    const fvad = this.#fvad;
    const vad = fvad._fvad_new();
    const frame = fvad._malloc(WEBRTC_FRAME_SAMPLES * Int16Array.BYTES_PER_ELEMENT);
    try {
      fvad._fvad_set_mode(vad, WEBRTC_MODE);
      fvad._fvad_set_sample_rate(vad, SAMPLE_RATE_HZ);
      const voiced: boolean[] = [];
      for (let at = 0; at + WEBRTC_FRAME_SAMPLES <= samples.length; at += WEBRTC_FRAME_SAMPLES) {
        fvad.HEAP16.set(samples.subarray(at, at + WEBRTC_FRAME_SAMPLES), frame / Int16Array.BYTES_PER_ELEMENT);
        voiced.push(fvad._fvad_process(vad, frame, WEBRTC_FRAME_SAMPLES) === 1);
      }
      return voiced;
    } finally {
      fvad._free(frame);
      fvad._fvad_free(vad);
    }
  }

  /** v1-mini's probability that the turn is over, of the 1.2 s before `endSample`. */
  endOfTurn(samples: Int16Array, endSample: number): Promise<number> {
    return localInference.predict(samples.slice(Math.max(0, endSample - END_OF_TURN_SAMPLES), endSample));
  }
}
