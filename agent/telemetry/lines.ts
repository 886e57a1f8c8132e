/** Cuts a stream of text into lines of bounded length: a line that never ends would fill the memory of whoever waits for it. */
export class Lines {
  readonly #maxChars: number;
  #rest = '';
  #isSkipping = false;

  /** @param maxChars - Of the longest line taken, in UTF-16 code units. */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** @returns The lines that this piece ends, without their ends; `undefined` stands for one that is too long. */
  take(piece: string): (string | undefined)[] {
    const taken: (string | undefined)[] = [];
    for (const [at, part] of piece.split('\n').entries()) {
      if (at > 0) {
        if (!this.#isSkipping) taken.push(this.#rest);
        this.#rest = '';
        this.#isSkipping = false;
      }
      if (this.#isSkipping) continue;
      this.#rest += part;
      if (this.#rest.length <= this.#maxChars) continue;
      taken.push(undefined);
      this.#rest = '';
      this.#isSkipping = true;
    }
    return taken;
  }
}
