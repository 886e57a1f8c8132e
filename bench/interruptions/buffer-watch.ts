/** Reads now and then what the jitter buffers of an ear say. */
import type { Room } from '@livekit/rtc-node';
import { readInboundAudio } from '../caller/audio-path.js';
import { systemClock } from '../clock.js';
import { type BufferReading, READ_BUFFER_EVERY_MS } from './jitter-buffers.js';

export class BufferWatch {
  readonly #readings: BufferReading[] = [];
  readonly #timer: NodeJS.Timeout;

  /** Reads from now on. */
  constructor(room: Pick<Room, 'getRtcStats'>) {
    this.#timer = setInterval(() => {
      const askedAtMs = systemClock.nowMs();
      // A room that is going away has no statistics.
      void readInboundAudio(room).then(
        (tracks) => {
          const atMs = (askedAtMs + systemClock.nowMs()) / 2;
          this.#readings.push(...tracks.map((track) => ({ ...track, atMs })));
        },
        () => {},
      );
    }, READ_BUFFER_EVERY_MS);
  }

  /** What they said so far, in order. */
  get readings(): readonly BufferReading[] {
    return this.#readings;
  }

  /** May be called twice. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
