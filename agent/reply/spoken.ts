/** What is being said, tied to the frames that say it. */
import type { AudioFrame } from '@livekit/rtc-node';
import type { Instant, Turn } from '../conversation/turn.js';
import type { SpokenWord } from '../turn/heard-text.js';

/**
 * One speech of the agent's, growing while it is synthesised; every frame of it carries the same one. It may be made before
 * anybody knows which turn it answers: instants are kept until then.
 */
export class Spoken {
  /** What was given to the synthesiser so far, letter for letter. */
  text = '';
  readonly words: SpokenWord[] = [];
  /** Sound of an opening before the answer's own, in ms; 0 without one. */
  openingMs = 0;
  readonly #nowMs: () => number;
  readonly #instants = new Map<Instant, number>();
  #turn: Turn | undefined;

  /** @param nowMs - The call's clock. */
  constructor(nowMs: () => number, turn?: Turn) {
    this.#nowMs = nowMs;
    this.#turn = turn;
  }

  /** The turn that it answers. */
  get turn(): Turn | undefined {
    return this.#turn;
  }

  /** The call's clock. */
  nowMs(): number {
    return this.#nowMs();
  }

  /** Notes that something happened. @param atMs - Default: now. */
  mark(instant: Instant, atMs: number = this.#nowMs()): void {
    if (this.#turn !== undefined) this.#turn.mark(instant, atMs);
    else if (!this.#instants.has(instant)) this.#instants.set(instant, atMs);
  }

  /** It answers this turn: what happened so far happened for it. */
  tie(turn: Turn): void {
    this.#turn = turn;
    for (const [instant, atMs] of this.#instants) turn.mark(instant, atMs);
    this.#instants.clear();
  }
}

const spokenByFrame = new WeakMap<AudioFrame, Spoken>();

/** The speech that a frame belongs to; `undefined` for sound that is not ours. */
export function spokenOf(frame: AudioFrame): Spoken | undefined {
  return spokenByFrame.get(frame);
}

/** Ties a frame to the speech that it is of. */
export function tieFrame(frame: AudioFrame, spoken: Spoken): void {
  spokenByFrame.set(frame, spoken);
}
