/**
 * v1-mini, the audio end-of-turn model of `@livekit/local-inference`, as one call sees it: the last 1.2 s of its audio and a
 * score on demand. The model lives in a process of its own (`agent/turn-model`); the framework's is never started again once
 * it has ended, and answers 0.0 for a failure (inference/eot/runner.ts:61 of @livekit/agents 1.8.1).
 */
import { MAX_SAMPLES } from '../turn-model/framing.js';
import { TurnModelConnection, TurnModelError } from './turn-model-connection.js';

export { TurnModelError, type TurnModelErrorKind } from './turn-model-connection.js';

export class TurnModel {
  readonly #connection: TurnModelConnection;
  readonly #ring = new Int16Array(MAX_SAMPLES);
  #written = 0;

  /** @param socketPath - Of the model's process; it need not serve yet. @param timeoutMs - For one score; 1 s unless told. */
  constructor(socketPath: string, timeoutMs?: number) {
    this.#connection = new TurnModelConnection(socketPath, timeoutMs);
  }

  /** Mono PCM at 16 kHz. */
  push(samples: Int16Array): void {
    const part = samples.subarray(-MAX_SAMPLES);
    const at = this.#written % MAX_SAMPLES;
    const fits = Math.min(part.length, MAX_SAMPLES - at);
    this.#ring.set(part.subarray(0, fits), at);
    this.#ring.set(part.subarray(fits), 0);
    this.#written += part.length;
  }

  /**
   * How likely the caller has finished, given the audio so far.
   * @returns 0 to 1. @throws {@link TurnModelError} saying why there is no score, at once or within a second.
   */
  async score(): Promise<number> {
    // Of no audio at all the model says 0, which is no score.
    if (this.#written === 0) throw new TurnModelError('failed', 'There is no audio to score yet.');
    return this.#connection.ask(this.#recent());
  }

  /** Lets go of the model's process. May be called twice. */
  close(): void {
    this.#connection.close();
  }

  #recent(): Int16Array {
    const length = Math.min(this.#written, MAX_SAMPLES);
    const recent = new Int16Array(length);
    const start = this.#written < MAX_SAMPLES ? 0 : this.#written % MAX_SAMPLES;
    const head = this.#ring.subarray(start, Math.min(MAX_SAMPLES, start + length));
    recent.set(head);
    recent.set(this.#ring.subarray(0, length - head.length), head.length);
    return recent;
  }
}
