/** Where a model's text follows an opening that was said already: what it says of it again is left out. */
import { continuesFrom } from '../turn/opening.js';

export class OpeningJoin {
  /** As it was said; `undefined` once the join is made, or without one. */
  #opening: string | undefined;
  #held = '';

  /** @param opening - With the space behind it; `undefined` where nothing was said before. */
  constructor(opening: string | undefined) {
    this.#opening = opening;
  }

  /** @returns The text that may be said now: what is held back comes with a later piece. */
  take(text: string): string {
    if (this.#opening === undefined) return text;
    this.#held += text;
    return this.#tryToJoin(false);
  }

  /** No more text comes. @returns What was held back. */
  end(): string {
    return this.#opening === undefined ? '' : this.#tryToJoin(true);
  }

  #tryToJoin(isEnd: boolean): string {
    const next = continuesFrom(this.#opening ?? '', this.#held, isEnd);
    if (next.kind === 'needsMore') return '';
    this.#opening = undefined;
    return next.joint + this.#held.slice(next.leaveOut);
  }
}
