/**
 * The audio whose words are not final yet, kept so that another connection can be told it again. Pure: positions are samples
 * since the first one, whatever connection heard them.
 */

export interface Piece {
  /** Position of its first sample. */
  readonly from: number;
  readonly samples: Int16Array;
}

export class UnsettledAudio {
  readonly #maxSamples: number;
  /** In order and without gaps. */
  #pieces: Piece[] = [];
  #from = 0;
  #end = 0;

  /** @param maxSamples - How much is kept: what is older is forgotten, since nobody waits for it any more. */
  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  /** Position of the oldest sample kept. */
  get from(): number {
    return this.#from;
  }

  /** Position after the newest sample. */
  get end(): number {
    return this.#end;
  }

  /** Adds what comes next. The array must not change any more. */
  push(samples: Int16Array): void {
    if (samples.length === 0) return;
    this.#pieces.push({ from: this.#end, samples });
    this.#end += samples.length;
    this.#forgetUntil(this.#end - this.#maxSamples);
  }

  /** Everything before the position has its words; a position that was reached already, or is to come, changes less. */
  settle(position: number): void {
    this.#forgetUntil(position);
  }

  /** @returns What is kept from the position on, in order; the first piece is cut where the position lies inside it. */
  since(position: number): Piece[] {
    const from = Math.max(this.#from, position);
    return this.#pieces
      .filter((piece) => piece.from + piece.samples.length > from)
      .map((piece) => {
        const cut = Math.max(0, from - piece.from);
        return cut === 0 ? piece : { from, samples: piece.samples.subarray(cut) };
      });
  }

  #forgetUntil(position: number): void {
    this.#from = Math.min(this.#end, Math.max(this.#from, Math.floor(position)));
    let forgotten = 0;
    for (const piece of this.#pieces) {
      if (piece.from + piece.samples.length > this.#from) break;
      forgotten += 1;
    }
    if (forgotten > 0) this.#pieces = this.#pieces.slice(forgotten);
  }
}
