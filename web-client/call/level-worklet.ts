/**
 * Measures both sides in the audio thread, which goes on while the page's own thread is busy and while its tab is hidden. Each
 * window's instant is a count of samples on the context's one clock; how late the page hears of it does not matter.
 */
import { AGENT_INPUT, LEVEL_PROCESSOR, type LevelBatch, YOU_INPUT } from './level-batch.js';
import { rms } from './levels.js';

/** What the audio thread has; TypeScript's library does not declare it. */
declare const currentFrame: number;
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** Longest window, in ms; a render quantum of 128 samples is 2.7 ms at 48 kHz. */
const WINDOW_MAX_MS = 5;

/** How often the page is told, in ms: thirty times a second are enough for the eye. */
const BATCH_MS = 32;

class LevelProcessor extends AudioWorkletProcessor {
  #firstFrame = 0;
  #you: number[] = [];
  #agent: number[] = [];

  /** @returns true: it goes on for as long as the context does. */
  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const you = inputs[YOU_INPUT]?.[0];
    const agent = inputs[AGENT_INPUT]?.[0];
    const frames = you?.length ?? agent?.length ?? 0;
    if (frames === 0) {
      // Neither side has a track: what comes later is not what follows.
      this.#forget();
      return true;
    }
    const windows = Math.ceil((frames / sampleRate) * (1_000 / WINDOW_MAX_MS));
    const windowFrames = frames / windows;
    if (this.#you.length === 0) this.#firstFrame = currentFrame;
    for (let window = 0; window < windows; window += 1) {
      this.#you.push(levelOf(you, window * windowFrames, (window + 1) * windowFrames));
      this.#agent.push(levelOf(agent, window * windowFrames, (window + 1) * windowFrames));
    }
    if ((this.#you.length * windowFrames) / sampleRate >= BATCH_MS / 1_000) this.#tell(windowFrames);
    return true;
  }

  #tell(windowFrames: number): void {
    const you = Float32Array.from(this.#you);
    const agent = Float32Array.from(this.#agent);
    const batch: LevelBatch = {
      sampleRateHz: sampleRate,
      firstFrame: this.#firstFrame,
      windowFrames,
      wallMs: Date.now(),
      you,
      agent,
    };
    this.port.postMessage(batch, [you.buffer, agent.buffer]);
    this.#forget();
  }

  #forget(): void {
    this.#you = [];
    this.#agent = [];
  }
}

function levelOf(samples: Float32Array | undefined, from: number, to: number): number {
  return samples === undefined ? 0 : rms(samples.subarray(from, to));
}

registerProcessor(LEVEL_PROCESSOR, LevelProcessor);
