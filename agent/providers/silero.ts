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
    return new SileroStream(() => this.#vad.stream(), onWindow, onError);
  }
}

/** Windows after which a stream that has ended is opened again: a failure a second is all there may be. */
const REOPEN_WINDOWS = 31;

/** One call's windows through the model. An inference that fails ends the plugin's stream for good (vad.js:341): then another is opened. */
export class SileroStream {
  readonly #open: () => VADStream;
  readonly #onWindow: OnWindow;
  readonly #onError: (error: unknown) => void;
  #stream: VADStream | undefined;
  #window = new Int16Array(WINDOW_SAMPLES);
  #filled = 0;
  /** Windows pushed so far, and how many of them when the stream was opened last. */
  #pushed = 0;
  #openedAt = 0;
  /** Sound of the windows that the model has not answered yet, in their order. */
  #sounds: WindowSound[] = [];
  #isClosed = false;

  constructor(open: () => VADStream, onWindow: OnWindow, onError: (e: unknown) => void) {
    this.#open = open;
    this.#onWindow = onWindow;
    this.#onError = onError;
    this.#start();
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
      this.#pushWindow(this.#window);
      this.#window = new Int16Array(WINDOW_SAMPLES);
      this.#filled = 0;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream?.close();
  }

  #pushWindow(window: Int16Array): void {
    if (this.#stream === undefined && this.#pushed - this.#openedAt >= REOPEN_WINDOWS) this.#start();
    this.#pushed += 1;
    if (this.#stream === undefined) return;
    this.#sounds.push(measureWindow(window));
    try {
      this.#stream.pushFrame(new AudioFrame(window, SAMPLE_RATE_HZ, 1, WINDOW_SAMPLES));
    } catch (error) {
      // It has ended, and its reader has not heard of it yet.
      this.#stream = undefined;
      this.#onError(error);
    }
  }

  #start(): void {
    const stream = this.#open();
    this.#stream = stream;
    this.#openedAt = this.#pushed;
    this.#sounds = [];
    void this.#read(stream, this.#pushed)
      .catch((error: unknown) => error)
      .then((error) => {
        if (this.#isClosed) return;
        this.#stream = undefined;
        this.#onError(error ?? new Error('The Silero plugin ended its stream.'));
      });
  }

  /** @param before - Windows pushed before this stream was opened. */
  async #read(stream: VADStream, before: number): Promise<void> {
    let windows = before;
    let smoothed: number | undefined;
    for await (const event of stream) {
      if (event.type !== VADEventType.INFERENCE_DONE) continue;
      windows += 1;
      const raw =
        smoothed === undefined ? event.probability : (event.probability - SMOOTHING * smoothed) / (1 - SMOOTHING);
      smoothed = event.probability;
      const sound = this.#sounds.shift() ?? { levelDb: SILENCE_DB };
      this.#onWindow(windows * WINDOW_SAMPLES, Math.min(1, Math.max(0, raw)), sound);
    }
  }
}
