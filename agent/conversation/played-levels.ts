/** What the agent's voice sounded like lately: evidence that a sound in the ear is its echo (`turn/echo.ts`). */
import type { LevelAt } from '../turn/echo.js';
import { levelOf } from '../turn/prosody.js';

/** How far back levels are kept, in ms: the longest overlap that is judged, and the longest way of an echo. */
const KEPT_MS = 3_000;

export class PlayedLevels {
  #levels: LevelAt[] = [];

  /** Of the last 3 s, oldest first; stretches without an entry were silent. */
  get recent(): readonly LevelAt[] {
    return this.#levels;
  }

  /**
   * Notes a frame that was given to the room.
   * @param untilMs - When its last sample leaves, in ms on the call's clock; never before the frame noted last.
   * @param samples - 16-bit, as they were given, with their gain.
   */
  note(untilMs: number, samples: Int16Array): void {
    this.#levels.push({ atMs: untilMs, levelDb: levelOf(samples) });
    const first = this.#levels.findIndex(({ atMs }) => atMs > untilMs - KEPT_MS);
    // In portions, so that an array of 300 is not moved a hundred times a second.
    if (first >= KEPT_MS / 30) this.#levels = this.#levels.slice(first);
  }

  /** Forgets the last frames: they were taken back. */
  takeBack(frames: number): void {
    this.#levels = this.#levels.slice(0, Math.max(0, this.#levels.length - frames));
  }
}
