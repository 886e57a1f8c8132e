/** The level of a track in someone's ear, window by window, each with its instant on the clock of that ear. */
import { AudioStream, type RemoteTrack, type Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { levelDbfs } from '../audio/levels.js';
import { ArrivalClock } from '../caller/arrival-clock.js';
import { CALL_RATE_HZ, type Clip } from '../caller/clip.js';
import type { Clock } from '../clock.js';
import type { TappedSound } from './followed-sound.js';

/** Width of a window in ms: the fineness of every figure of this suite. */
export const HEARD_WINDOW_MS = 5;
const WINDOW_SAMPLES = (CALL_RATE_HZ / 1_000) * HEARD_WINDOW_MS;

export interface HeardWindow {
  /** First sample. */
  readonly atMs: number;
  readonly levelDb: number;
}

/** Listens to the sound track of one speaker, from before the room is joined. */
export class HeardLevels {
  readonly #clock: Clock;
  readonly #windows: HeardWindow[] = [];
  #missedMs = 0;
  readonly #pieces: [before: number, arrivedAtMs: number][] = [];
  #samples = 0;

  /** @param speaker - Identity of who is listened to; absent: whoever speaks, and there must be only one. */
  constructor(room: Room, clock: Clock, speaker?: string) {
    this.#clock = clock;
    room.on(RoomEvent.TrackSubscribed, (track, _publication, { identity }) => {
      if (track.kind === TrackKind.KIND_AUDIO && (speaker ?? identity) === identity) void this.#read(track);
    });
  }

  get windows(): readonly HeardWindow[] {
    return this.#windows;
  }

  /**
   * Sound that this program was too busy to hear, in ms: the native stream drops frames that nobody takes, and everything
   * after them arrives late by their length.
   */
  get missedMs(): number {
    return this.#missedMs;
  }

  /** The same sound with the arrival of each frame, from which it can be told afterwards what was missed when. */
  get tapped(): TappedSound {
    const levelsDbfs = this.#windows.map(({ levelDb }) => levelDb);
    return { sampleRateHz: CALL_RATE_HZ, windowFrames: WINDOW_SAMPLES, pieces: this.#pieces, levelsDbfs };
  }

  async #read(track: RemoteTrack): Promise<void> {
    const arrivals = new ArrivalClock(CALL_RATE_HZ);
    const stream = new AudioStream(track, { sampleRate: CALL_RATE_HZ, numChannels: 1, frameSizeMs: 10 });
    for await (const { data } of stream) {
      const first = arrivals.samples;
      const arrivedAtMs = this.#clock.nowMs();
      arrivals.arrived(data.length, arrivedAtMs);
      this.#pieces.push([this.#samples, arrivedAtMs]);
      this.#samples += data.length;
      this.#missedMs = Math.max(this.#missedMs, arrivals.missedMs);
      for (let start = 0; start < data.length; start += WINDOW_SAMPLES) {
        const levelDb = levelDbfs(data.subarray(start, start + WINDOW_SAMPLES));
        this.#windows.push({ atMs: arrivals.instantMs(first + start), levelDb });
      }
    }
  }
}

/** Levels of what is said, in windows as wide as those heard; a last one that is not whole is left out. */
export function levelsFrom({ samples, durationMs }: Clip, startMs: number, endMs: number = durationMs): number[] {
  const from = Math.round((startMs * CALL_RATE_HZ) / 1_000);
  const count = Math.floor((endMs - startMs) / HEARD_WINDOW_MS);
  return Array.from({ length: count }, (_, index) => {
    const start = from + index * WINDOW_SAMPLES;
    return levelDbfs(samples.subarray(start, start + WINDOW_SAMPLES));
  });
}
