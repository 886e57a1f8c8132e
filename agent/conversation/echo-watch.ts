/** How like the sound over the agent's voice is to that voice: one overlap at a time. */
import { echoLikeness, type LevelAt } from '../turn/echo.js';

/** Windows of an overlap that are compared: a second, by when it is judged. */
const KEPT = 32;
/** Silero's probability from which a window belongs to the overlap. */
const VOICED = 0.35;
/** Silence that ends an overlap, in ms. */
const OVER_MS = 500;

export class EchoWatch {
  #heard: LevelAt[] = [];

  /**
   * @param played - What was given to the room lately; empty while the agent is silent.
   * @returns Likeness of the overlap so far, 0 to 1; `undefined` where there is none to compare.
   */
  hear(atMs: number, probability: number, levelDb: number, played: readonly LevelAt[]): number | undefined {
    const lastAtMs = this.#heard.at(-1)?.atMs;
    if (lastAtMs !== undefined && atMs - lastAtMs > OVER_MS) this.#heard = [];
    if (probability < VOICED || played.length === 0) return undefined;
    this.#heard = [...this.#heard.slice(1 - KEPT), { atMs, levelDb }];
    return echoLikeness(this.#heard, played);
  }
}
