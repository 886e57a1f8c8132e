/**
 * Measures both sides in the audio thread, which goes on while the page's own thread is busy and while its tab is hidden. Each
 * window's instant is a count of samples on the context's one clock; how late the page hears of it does not matter.
 */
import { AGENT_INPUT, LEVEL_PROCESSOR, type LevelBatch, YOU_INPUT } from './level-batch.js';

/** What the audio thread has; TypeScript's library does not declare it. */
declare const currentFrame: number;
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** A window, in ms: four are one of those by which speech ends. A render quantum of 128 samples ends somewhere within one. */
const WINDOW_MS = 2.5;

/** How often the page is told, in ms: thirty times a second are enough for the eye. */
const BATCH_MS = 32;

class LevelProcessor extends AudioWorkletProcessor {
  readonly #windowFrames = Math.round((sampleRate * WINDOW_MS) / 1_000);
  readonly #batchFrames = (sampleRate * BATCH_MS) / 1_000;
  readonly #you = new Windows(this.#windowFrames);
  readonly #agent = new Windows(this.#windowFrames);
  /** Samples of the context's clock before the first window that was not told yet. */
  #firstFrame: number | undefined;

  /** @returns true: it goes on for as long as the context does. */
  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const you = inputs[YOU_INPUT]?.[0];
    const agent = inputs[AGENT_INPUT]?.[0];
    const frames = you?.length ?? agent?.length ?? 0;
    if (frames === 0) {
      // Neither side has a track: what comes later is not what follows.
      this.#firstFrame = undefined;
      this.#you.forget();
      this.#agent.forget();
      return true;
    }
    this.#firstFrame ??= currentFrame;
    this.#you.add(you, frames);
    this.#agent.add(agent, frames);
    if (this.#you.levels.length * this.#windowFrames >= this.#batchFrames) this.#tell(this.#firstFrame);
    return true;
  }

  #tell(firstFrame: number): void {
    const you = this.#you.take();
    const agent = this.#agent.take();
    this.#firstFrame = firstFrame + you.length * this.#windowFrames;
    const batch: LevelBatch = {
      sampleRateHz: sampleRate,
      firstFrame,
      windowFrames: this.#windowFrames,
      wallMs: Date.now(),
      you,
      agent,
    };
    this.port.postMessage(batch, [you.buffer, agent.buffer]);
  }
}

/** Levels of one side, a window each; what is left of the last waits for the next samples. */
class Windows {
  readonly #frames: number;
  #sum = 0;
  #summed = 0;
  #levels: number[] = [];

  constructor(frames: number) {
    this.#frames = frames;
  }

  get levels(): readonly number[] {
    return this.#levels;
  }

  /** @param samples - Silence, where there are none. */
  add(samples: Float32Array | undefined, frames: number): void {
    for (let at = 0; at < frames; at += 1) {
      const sample = samples?.[at] ?? 0;
      this.#sum += sample * sample;
      this.#summed += 1;
      if (this.#summed < this.#frames) continue;
      this.#levels.push(Math.sqrt(this.#sum / this.#frames));
      this.#sum = 0;
      this.#summed = 0;
    }
  }

  take(): Float32Array<ArrayBuffer> {
    const taken = Float32Array.from(this.#levels);
    this.#levels = [];
    return taken;
  }

  forget(): void {
    this.#levels = [];
    this.#sum = 0;
    this.#summed = 0;
  }
}

registerProcessor(LEVEL_PROCESSOR, LevelProcessor);
