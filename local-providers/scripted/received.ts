import { SILENCE_DBFS } from './levels.js';

/** One 10 ms frame that arrived. */
export interface ReceivedFrame {
  readonly levelDbfs: number;
  readonly arrivedAtMs: number;
  /** End of the frame in ms of audio received. */
  readonly streamEndMs: number;
}

/** Frames kept: ten minutes, which no utterance exceeds. Older ones are forgotten a minute at a time. */
const MAX_FRAMES = 60_000;
const FORGET_FRAMES = 6_000;

/** The frames of one stream by number. Silence that a client did not send can be put in afterwards. */
export class ReceivedFrames {
  #frames: ReceivedFrame[] = [];
  #forgotten = 0;

  /** Number that the next frame gets. */
  get end(): number {
    return this.#forgotten + this.#frames.length;
  }

  /** Number of the oldest frame still known. */
  get start(): number {
    return this.#forgotten;
  }

  push(frame: ReceivedFrame): void {
    this.#frames.push(frame);
    if (this.#frames.length <= MAX_FRAMES) return;
    this.#frames = this.#frames.slice(FORGET_FRAMES);
    this.#forgotten += FORGET_FRAMES;
  }

  at(number: number): ReceivedFrame | undefined {
    return number < this.#forgotten ? undefined : this.#frames[number - this.#forgotten];
  }

  levelAt(number: number): number {
    return this.at(number)?.levelDbfs ?? SILENCE_DBFS;
  }

  /** Puts `count` silent frames before frame `number`, which gets a higher number; stream times stay what they are. */
  insertSilence(number: number, count: number): void {
    const index = Math.max(0, number - this.#forgotten);
    const before = this.#frames[index - 1];
    const after = this.#frames[index];
    const silent: ReceivedFrame = {
      levelDbfs: SILENCE_DBFS,
      arrivedAtMs: after?.arrivedAtMs ?? before?.arrivedAtMs ?? 0,
      streamEndMs: before?.streamEndMs ?? 0,
    };
    this.#frames.splice(index, 0, ...new Array<ReceivedFrame>(count).fill(silent));
  }
}
