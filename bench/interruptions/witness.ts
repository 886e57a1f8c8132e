/**
 * A second participant who hears others in their room: over the same SFU, with jitter buffers of its own, all of them on one
 * clock. It tells how long what a caller said was on its way, which a busy machine can make several times the usual.
 */
import { Room } from '@livekit/rtc-node';
import { makeSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import { BufferWatch } from './buffer-watch.js';
import { type FollowedSound, onBenchClock } from './followed-sound.js';
import { HEARD_WINDOW_MS, HeardLevels, type HeardWindow } from './heard-levels.js';
import type { BufferReading } from './jitter-buffers.js';
import type { SfuKeys } from './round-trip.js';

/** Longest way that is looked for, in ms. */
const MAX_WAY_MS = 2_000;
/** Sound of the recording that is looked for, in ms from its first voice: a stop's word. */
const COMPARED_MS = 600;
/** Levels below are alike, in dBFS. */
const FLOOR_DBFS = -60;

export class Witness {
  readonly #room: Room;
  readonly #heard: ReadonlyMap<string, HeardLevels>;
  #buffers: BufferWatch | undefined;

  private constructor(room: Room, heard: ReadonlyMap<string, HeardLevels>) {
    this.#room = room;
    this.#heard = heard;
  }

  /** Joins a room in which the agent has found its caller already. @param speakers - Identities of those who are listened to. */
  static async join(sfu: SfuKeys, roomName: string, speakers: readonly string[]): Promise<Witness> {
    const room = new Room();
    const heard = new Map(speakers.map((speaker) => [speaker, new HeardLevels(room, systemClock, speaker)]));
    const { url, token } = await makeSeat(sfu, { roomName, identity: `witness-${crypto.randomUUID()}` });
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    return new Witness(room, heard);
  }

  /** What was heard of one of them so far. */
  windowsOf(speaker: string): readonly HeardWindow[] {
    return this.#heard.get(speaker)?.windows ?? [];
  }

  /** The same, each instant told by the arrivals around it alone: a loss harms what is near it, and nothing later. */
  soundOf(speaker: string): FollowedSound {
    const heard = this.#heard.get(speaker);
    return heard === undefined ? { windows: [], windowMs: HEARD_WINDOW_MS } : onBenchClock(heard.tapped, 0);
  }

  /** Reads from now on what its jitter buffers say. May be called once. */
  watchBuffers(): void {
    this.#buffers = new BufferWatch(this.#room);
  }

  /** What they said, in order. */
  get bufferReadings(): readonly BufferReading[] {
    return this.#buffers?.readings ?? [];
  }

  async leave(): Promise<void> {
    this.#buffers?.stop();
    await this.#room.disconnect();
  }
}

/**
 * How long a recording was on its way to an ear. Pure.
 * @param levelsDbfs - The recording in windows of 5 ms from its first voice on.
 * @param saidAtMs - When that left the mouth.
 * @returns undefined when it was not heard.
 */
export function wayMs(
  windows: readonly HeardWindow[],
  levelsDbfs: readonly number[],
  saidAtMs: number,
): number | undefined {
  const said = levelsDbfs.slice(0, COMPARED_MS / HEARD_WINDOW_MS).map(audible);
  const first = windows.findIndex(({ atMs }) => atMs >= saidAtMs);
  if (first < 0) return undefined;
  let best: { readonly atMs: number; readonly distance: number } | undefined;
  for (let start = first; start < first + MAX_WAY_MS / HEARD_WINDOW_MS; start++) {
    const window = windows[start];
    if (window === undefined || start + said.length > windows.length) break;
    let distance = 0;
    for (const [index, level] of said.entries()) {
      distance += Math.abs(level - audible(windows[start + index]?.levelDb ?? FLOOR_DBFS));
    }
    if (best === undefined || distance < best.distance) best = { atMs: window.atMs, distance };
  }
  // Further off than silence would be: something else was heard.
  const silent = said.reduce((sum, level) => sum + level - FLOOR_DBFS, 0);
  return best === undefined || best.distance > silent / 2 ? undefined : best.atMs - saidAtMs;
}

function audible(levelDb: number): number {
  return Math.max(FLOOR_DBFS, levelDb);
}
