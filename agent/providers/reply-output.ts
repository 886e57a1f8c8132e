/** Hands chunks from where they come to the one who reads them. Bounded by the length that a reply may have. */
export class ReplyOutput<Chunk> implements AsyncIterable<Chunk> {
  readonly #chunks: Chunk[] = [];
  readonly #onReturn: () => void;
  #isEnded = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param onReturn - Called when the reader leaves before the end. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  put(chunk: Chunk): void {
    if (this.#isEnded) return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** Nothing more comes; with an error, the reader gets it after the chunks before. */
  end(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    try {
      for (;;) {
        for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) yield chunk;
        if (this.#isEnded) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      if (!this.#isEnded) this.#onReturn();
    }
    if (this.#error !== undefined) throw this.#error;
  }
}
