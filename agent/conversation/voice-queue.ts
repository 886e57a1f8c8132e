/**
 * The native queue of the agent's voice, and what it still holds. rtc-node's own count of that is a guess by the clock alone;
 * here the instants at which the queue asks for more tell when it plays a frame, so that frames can be taken back to the
 * sample.
 */
import { AudioFrame, AudioSource } from '@livekit/rtc-node';
import type { Clock } from './clock.js';

/** What the queue plays at a time, in ms. */
export const FRAME_MS = 10;
/** Above it the queue takes one more frame and lets its giver wait until it has played one, in frames (40 ms). */
const QUEUE_FRAMES = 4;
/** So close to the next frame's playing it is not certain which side of it we are on, in ms. */
const UNCERTAIN_MS = 1.5;

export class VoiceQueue<Frame extends { readonly samples: Int16Array }> {
  readonly source: AudioSource;
  readonly #clock: Clock;
  readonly #sampleRateHz: number;
  /** The frames given last, oldest first: at least those that the queue still holds. */
  #given: Frame[] = [];
  #emptyAtMs = Number.NEGATIVE_INFINITY;
  /**
   * Sound ahead when the full queue asked for more, in ms: the most since it last ran empty, for what was heard of it late
   * found less. Between 40 and 50, depending on when the queue's own clock ticks; 0 before it was full.
   */
  #fullAheadMs = 0;
  #givenSinceEmpty = 0;

  constructor(clock: Clock, sampleRateHz: number) {
    this.#clock = clock;
    this.#sampleRateHz = sampleRateHz;
    this.source = new AudioSource(sampleRateHz, 1, QUEUE_FRAMES * FRAME_MS);
  }

  /**
   * Gives a frame of 10 ms.
   * @returns When its last sample will have been played, and a promise of room for the next.
   */
  give(frame: Frame): { readonly untilMs: number; readonly room: Promise<void> } {
    const nowMs = this.#clock.nowMs();
    if (this.#emptyAtMs <= nowMs) {
      this.#fullAheadMs = 0;
      this.#givenSinceEmpty = 0;
    }
    this.#givenSinceEmpty++;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + FRAME_MS;
    this.#given = [...this.#given.slice(-QUEUE_FRAMES), frame];
    const { samples } = frame;
    const captured = this.source.captureFrame(new AudioFrame(samples, this.#sampleRateHz, 1, samples.length));
    const room = captured.then(() => {
      // The first frames find room at once.
      if (this.#givenSinceEmpty > QUEUE_FRAMES) this.#fullAheadMs = Math.max(this.#fullAheadMs, this.aheadMs);
    });
    return { untilMs: this.#emptyAtMs, room };
  }

  /**
   * Empties the queue.
   * @returns The frames that were not played, oldest first.
   */
  takeBack(): readonly Frame[] {
    const { unplayed } = this.#held();
    const frames = this.#given.slice(this.#given.length - unplayed);
    this.source.clearQueue();
    this.#given = [];
    this.#emptyAtMs = this.#clock.nowMs();
    return frames;
  }

  /** Like {@link takeBack}, but only when it is certain what was played; `undefined`, and nothing done, when it is not. */
  takeBackSurely(): readonly Frame[] | undefined {
    return this.#held().isSure ? this.takeBack() : undefined;
  }

  /** Sound that was given and is not played yet, in ms. */
  get aheadMs(): number {
    return Math.max(0, this.#emptyAtMs - this.#clock.nowMs());
  }

  async played(): Promise<void> {
    await this.source.waitForPlayout();
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  #held(): { readonly unplayed: number; readonly isSure: boolean } {
    const aheadMs = this.aheadMs;
    const isLocked = this.#fullAheadMs > QUEUE_FRAMES * FRAME_MS;
    if (!isLocked) return { unplayed: this.#atMost(Math.round(aheadMs / FRAME_MS)), isSure: false };
    const behindMs = this.#fullAheadMs - aheadMs;
    const unplayed = QUEUE_FRAMES - Math.floor(behindMs / FRAME_MS);
    const sinceTickMs = behindMs - Math.floor(behindMs / FRAME_MS) * FRAME_MS;
    return { unplayed: this.#atMost(unplayed), isSure: sinceTickMs < FRAME_MS - UNCERTAIN_MS && aheadMs > 0 };
  }

  #atMost(frames: number): number {
    return Math.min(this.#given.length, Math.max(0, frames));
  }
}
