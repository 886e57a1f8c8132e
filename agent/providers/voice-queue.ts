/** Chunks on their way to the one who reads them. Bounded by the sound that one utterance may have. */
import type { VoiceChunk } from './voice-sound.js';

export class VoiceQueue implements AsyncIterable<VoiceChunk> {
  readonly #chunks: VoiceChunk[] = [];
  readonly #onAbandoned: () => void;
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  /** @param onAbandoned - The reader left before the end. */
  constructor(onAbandoned: () => void) {
    this.#onAbandoned = onAbandoned;
  }

  put(chunk: VoiceChunk | undefined): void {
    if (chunk === undefined || this.#end !== undefined) return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** Ends it: what is in it is still read, then comes the error, if there is one. */
  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  /** Ends it at once. */
  clear(): void {
    this.#chunks.length = 0;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<VoiceChunk, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          yield chunk;
          continue;
        }
        if (this.#end?.error !== undefined) throw this.#end.error;
        if (this.#end !== undefined) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      if (this.#end === undefined) this.#onAbandoned();
    }
  }
}
