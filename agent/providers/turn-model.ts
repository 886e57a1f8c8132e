/**
 * v1-mini, the audio end-of-turn model of `@livekit/local-inference`, in the worker's shared inference process. Asked
 * directly over the job's inference executor: `inference.TurnDetector` scores once a pause, answers 0.0 when its process is
 * gone (eot/transports.ts:202 of 1.8.1) and picks a cloud model by environment; here the version is pinned by the method.
 */
import { z } from 'zod';

/** The runner's method; it holds v1-mini and nothing else (inference/eot/runner.ts:20 of 1.8.1). */
const METHOD = 'lk_eot_audio';
const SAMPLE_RATE_HZ = 16_000;
/** The model looks at the last 1.2 s. */
const CONTEXT_SAMPLES = 1.2 * SAMPLE_RATE_HZ;
/** A score that takes longer comes too late to matter, in ms; usual are 25 to 140. */
const TIMEOUT_MS = 1_000;

const Answer = z.object({ probability: z.number().min(0).max(1), inferenceDurationMs: z.number().nonnegative() });

export interface InferenceExecutor {
  doInference(method: string, data: unknown): Promise<unknown>;
}

export class TurnModelError extends Error {
  override readonly name = 'TurnModelError';
  readonly code = 'turn-model';
  readonly retryable = true;
}

/** Keeps the last 1.2 s of one call's audio and scores it on demand. */
export class TurnModel {
  readonly #executor: InferenceExecutor;
  readonly #ring = new Int16Array(CONTEXT_SAMPLES);
  #written = 0;

  constructor(executor: InferenceExecutor) {
    this.#executor = executor;
  }

  /** Mono PCM at 16 kHz. */
  push(samples: Int16Array): void {
    const part = samples.subarray(-CONTEXT_SAMPLES);
    const at = this.#written % CONTEXT_SAMPLES;
    const fits = Math.min(part.length, CONTEXT_SAMPLES - at);
    this.#ring.set(part.subarray(0, fits), at);
    this.#ring.set(part.subarray(fits), 0);
    this.#written += part.length;
  }

  /**
   * How likely the caller has finished, given the audio so far.
   * @returns 0 to 1. @throws {@link TurnModelError} when the model is gone, fails or is too slow.
   */
  async score(): Promise<number> {
    const pcm = Buffer.from(this.#recent().buffer).toString('base64');
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await Promise.race([
      this.#executor.doInference(METHOD, { pcm }).catch((error: unknown) => {
        throw new TurnModelError('The turn model did not answer; its process may have ended.', { cause: error });
      }),
      new Promise<never>((_, reject) => {
        late.addEventListener('abort', () => reject(new TurnModelError(`The turn model took over ${TIMEOUT_MS} ms.`)), {
          once: true,
        });
      }),
    ]);
    const parsed = Answer.safeParse(answer);
    if (!parsed.success) throw new TurnModelError('The turn model answered something else than a score.');
    return parsed.data.probability;
  }

  #recent(): Int16Array {
    const length = Math.min(this.#written, CONTEXT_SAMPLES);
    const recent = new Int16Array(length);
    const start = this.#written < CONTEXT_SAMPLES ? 0 : this.#written % CONTEXT_SAMPLES;
    const head = this.#ring.subarray(start, Math.min(CONTEXT_SAMPLES, start + length));
    recent.set(head);
    recent.set(this.#ring.subarray(0, length - head.length), head.length);
    return recent;
  }
}
