/**
 * Silero's raw probability per window, from @livekit/agents-plugin-silero 1.8.1. Three of the plugin's habits are undone here:
 * it mishandles what is left over of a frame (vad.ts:418, 424), so that it is given frames of exactly one window; it smooths
 * the model's output (vad.ts:129), which delays every onset and end, so that the filter is inverted; and it decides about
 * speech by one threshold, so that its decisions are not used: hysteresis is `turn/voice-activity.ts`'s.
 */
import { VADEventType } from '@livekit/agents';
import { VAD, type VADStream } from '@livekit/agents-plugin-silero';
import { AudioFrame } from '@livekit/rtc-node';
import { measureWindow, SILENCE_DB, type WindowSound } from '../turn/prosody.js';

/** Samples in one window: what the model was trained on at 16 kHz. */
const WINDOW_SAMPLES = 512;
const SAMPLE_RATE_HZ = 16_000;
/** The plugin's `new ExpFilter(0.35)`: filtered = 0.35 * before + 0.65 * raw. */
const SMOOTHING = 0.35;
/** Above any probability: the plugin's own state machine stays silent and keeps no speech. */
const NEVER = 2;

/**
 * Called per window with its end, in samples pushed, the model's raw output, 0 to 1, and what else its sound says.
 */
export type OnWindow = (endSample: number, probability: number, sound: WindowSound) => void;

/** The model, loaded once per process (in prewarm) and shared by its streams. */
export class Silero {
  readonly #vad: VAD;

  private constructor(vad: VAD) {
    this.#vad = vad;
  }

  static async load(): Promise<Silero> {
    const vad = await VAD.load({ sampleRate: SAMPLE_RATE_HZ, activationThreshold: NEVER, prefixPaddingDuration: 0 });
    if (!(vad instanceof VAD)) throw new TypeError('The Silero plugin gave something other than its own VAD.');
    return new Silero(vad);
  }

  open(onWindow: OnWindow, onError: (error: unknown) => void): SileroStream {
    return new SileroStream(this.#vad.stream(), onWindow, onError);
  }
}

export class SileroStream {
  readonly #stream: VADStream;
  #window = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  /** Sound of the windows that the model has not answered yet, in their order. */
  readonly #sounds: WindowSound[] = [];
  #isClosed = false;

  constructor(stream: VADStream, onWindow: OnWindow, onError: (e: unknown) => void) {
    this.#stream = stream;
    void this.#read(onWindow).catch((error) => {
      if (!this.#isClosed) onError(error);
    });
  }

  /** Mono PCM at 16 kHz, any length. */
  push(samples: Int16Array): void {
    if (this.#isClosed) return;
    let taken = 0;
    while (taken < samples.length) {
      const part = samples.subarray(taken, taken + WINDOW_SAMPLES - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled < WINDOW_SAMPLES) return;
      this.#sounds.push(measureWindow(this.#window));
      this.#stream.pushFrame(new AudioFrame(this.#window, SAMPLE_RATE_HZ, 1, WINDOW_SAMPLES));
      this.#window = new Int16Array(WINDOW_SAMPLES);
      this.#filled = 0;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.close();
  }

  async #read(onWindow: OnWindow): Promise<void> {
    let endSample = 0;
    let smoothed: number | undefined;
    for await (const event of this.#stream) {
      if (event.type !== VADEventType.INFERENCE_DONE) continue;
      endSample += WINDOW_SAMPLES;
      const raw =
        smoothed === undefined ? event.probability : (event.probability - SMOOTHING * smoothed) / (1 - SMOOTHING);
      smoothed = event.probability;
      onWindow(endSample, Math.min(1, Math.max(0, raw)), this.#sounds.shift() ?? { levelDb: SILENCE_DB });
    }
  }
}
