/** The level of a track in someone's ear, window by window, each with its instant on the clock of that ear. */
import { AudioStream, type RemoteTrack, type Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { levelDbfs } from '../audio/levels.js';
import { ArrivalClock } from '../caller/arrival-clock.js';
import { CALL_RATE_HZ } from '../caller/clip.js';
import type { Clock } from '../clock.js';

/** Width of a window in ms: the fineness of every figure of this suite. */
export const HEARD_WINDOW_MS = 5;
const WINDOW_SAMPLES = (CALL_RATE_HZ / 1_000) * HEARD_WINDOW_MS;

export interface HeardWindow {
  /** First sample. */
  readonly atMs: number;
  readonly levelDb: number;
}

/** Listens to every sound track of a room, from before it is joined; one speaker at a time is expected. */
export class HeardLevels {
  readonly #clock: Clock;
  readonly #windows: HeardWindow[] = [];
  #reading: Promise<void> = Promise.resolve();
  #worstLagMs = 0;

  constructor(room: Room, clock: Clock) {
    this.#clock = clock;
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind === TrackKind.KIND_AUDIO) this.#reading = this.#read(track);
    });
  }

  get windows(): readonly HeardWindow[] {
    return this.#windows;
  }

  /** The longest that sound waited for this program, in ms. */
  get worstLagMs(): number {
    return this.#worstLagMs;
  }

  /** Resolves when the room has gone and everything was heard. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  async #read(track: RemoteTrack): Promise<void> {
    const arrivals = new ArrivalClock(CALL_RATE_HZ);
    const stream = new AudioStream(track, { sampleRate: CALL_RATE_HZ, numChannels: 1, frameSizeMs: 10 });
    for await (const { data } of stream) {
      const first = arrivals.samples;
      arrivals.arrived(data.length, this.#clock.nowMs());
      this.#worstLagMs = Math.max(this.#worstLagMs, arrivals.lagMs);
      for (let start = 0; start < data.length; start += WINDOW_SAMPLES) {
        const levelDb = levelDbfs(data.subarray(start, start + WINDOW_SAMPLES));
        this.#windows.push({ atMs: arrivals.instantMs(first + start), levelDb });
      }
    }
  }
}
