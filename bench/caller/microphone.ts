/**
 * A microphone that is always on: 10 ms frames at the pace of a clock that does not drift, silence where nothing is said.
 * Like a real one it gives a frame away when its last sample has been recorded.
 */
import { AudioFrame, AudioSource, LocalAudioTrack } from '@livekit/rtc-node';
import type { Clock } from '../clock.js';
import { CALL_RATE_HZ } from './clip.js';
import { FrameLags } from './frame-lags.js';

const FRAME_MS = 10;
const FRAME_SAMPLES = (CALL_RATE_HZ / 1000) * FRAME_MS;

/** No queue in the source: a frame goes to the encoder when it is captured, or our clock would not be the true one. */
const SOURCE_QUEUE_MS = 0;

/** Sound on its way into the call. */
export interface Playing {
  /** Instant of the first sample, on the caller's clock. */
  readonly startedAtMs: number;
  /** Resolves when the last sample has been sent, or the playing was stopped or the microphone closed. */
  readonly finished: Promise<void>;
  /** Falls silent with the next frame. */
  stop(): void;
}

interface Current {
  readonly samples: Int16Array;
  readonly resolve: () => void;
  offset: number;
}

export class Microphone {
  readonly track: LocalAudioTrack;
  readonly #clock: Clock;
  readonly #source = new AudioSource(CALL_RATE_HZ, 1, SOURCE_QUEUE_MS);
  readonly #closing = new AbortController();
  #pacing: Promise<void> | undefined;
  #startedAtMs = 0;
  #framesSent = 0;
  #current: Current | undefined;
  readonly #lags = new FrameLags();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.track = LocalAudioTrack.createAudioTrack('microphone', this.#source);
  }

  /** Begins to send silence. */
  start(): void {
    this.#startedAtMs = this.#clock.nowMs();
    this.#pacing ??= this.#pace();
  }

  /**
   * Speaks these samples from the next frame on.
   * @param samples - Mono, 16 bit, at {@link CALL_RATE_HZ}.
   * @throws RangeError when the microphone does not run or is speaking already.
   */
  play(samples: Int16Array): Playing {
    if (this.#pacing === undefined) throw new RangeError('The microphone is off; connect the call first.');
    if (this.#current !== undefined) throw new RangeError('The caller is speaking already; wait for that to finish.');
    const startedAtMs = this.#startedAtMs + this.#framesSent * FRAME_MS;
    let current: Current | undefined;
    const finished = new Promise<void>((resolve) => {
      current = { samples, resolve, offset: 0 };
      this.#current = current;
    });
    const stop = (): void => {
      if (this.#current === current) this.#finish();
    };
    return { startedAtMs, finished, stop };
  }

  /** The longest that a frame was sent after its time, in ms: how far this program itself disturbed the call. */
  get worstLagMs(): number {
    return this.#lags.worstMs;
  }

  /** The same of the frames that were due between two instants, the next one among them; two minutes back at most. */
  lagMsBetween(fromMs: number, untilMs: number): number {
    const dueAtMs = this.#dueAtMs();
    return this.#lags.worstBetween(fromMs, untilMs, { dueAtMs, lateMs: this.#clock.nowMs() - dueAtMs });
  }

  /** Ends the track. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#finish();
    await this.#pacing;
    await this.#source.close();
    await this.track.close();
  }

  async #pace(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const dueAtMs = this.#dueAtMs();
      const waitMs = dueAtMs - this.#clock.nowMs();
      if (waitMs > 0) {
        try {
          await this.#clock.sleep(waitMs, signal);
        } catch {
          return; // Only `close()` aborts this sleep.
        }
        continue;
      }
      this.#lags.sent(dueAtMs, -waitMs);
      const frame = this.#nextFrame();
      this.#framesSent += 1;
      try {
        await this.#source.captureFrame(new AudioFrame(frame, CALL_RATE_HZ, 1, FRAME_SAMPLES));
      } catch {
        // The room went away under the track; whoever holds the call learns that from the room. Silence goes nowhere.
      }
    }
  }

  /** When the next frame has been recorded to its last sample. */
  #dueAtMs(): number {
    return this.#startedAtMs + (this.#framesSent + 1) * FRAME_MS;
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    const current = this.#current;
    if (current === undefined) return frame;
    frame.set(current.samples.subarray(current.offset, current.offset + FRAME_SAMPLES));
    current.offset += FRAME_SAMPLES;
    if (current.offset >= current.samples.length) this.#finish();
    return frame;
  }

  #finish(): void {
    this.#current?.resolve();
    this.#current = undefined;
  }
}
