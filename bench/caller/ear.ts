/** Listens to the agent's track: when it is audible, from the sound alone, and what was heard, as a recording. */
import { AudioStream, type RemoteTrack } from '@livekit/rtc-node';
import { levelDbfs, WINDOW_MS } from '../audio/levels.js';
import type { MonoAudio } from '../audio/wav.js';
import type { Clock } from '../clock.js';
import { ArrivalClock, type InstantBounds } from './arrival-clock.js';
import { CALL_RATE_HZ } from './clip.js';
import { SoundDetector } from './sound-detector.js';

/** Quiet that ends a stretch of sound: longer than the stop of a consonant, shorter than the pause after a sentence. */
const HANG_OVER_MS = 200;

const WINDOW_SAMPLES = (CALL_RATE_HZ / 1000) * WINDOW_MS;

/** A stretch of the agent's voice, on the caller's clock. */
export interface HeardStretch {
  readonly startedAtMs: number;
  /** Absent while it lasts. */
  readonly endedAtMs?: number;
}

/** A stretch as it is known afterwards. */
export interface SettledStretch extends HeardStretch {
  /** By how much it may have begun sooner, in ms. */
  readonly unsureMs: number;
}

/** A stretch with what the arrivals around its beginning say of it by now. */
interface Placed {
  readonly stretch: HeardStretch;
  readonly bounds: () => InstantBounds | undefined;
}

export interface EarOptions {
  readonly clock: Clock;
  /** Whether what is heard is kept; 6 MB a minute. */
  readonly record: boolean;
  /** Called after each window of sound. */
  readonly onHeard: () => void;
}

/** One track as it is heard; a track that is published anew after a reconnect is a new one. */
export class Ear {
  readonly #options: EarOptions;
  #reader: ReadableStreamDefaultReader<{ data: Int16Array; samplesPerChannel: number }> | undefined;
  #listening: Promise<void> = Promise.resolve();
  #placed: Placed[] = [];
  #heardUntilMs = Number.NEGATIVE_INFINITY;
  #worstLagMs = 0;
  readonly #recorded: Int16Array[] = [];
  #recordedSamples = 0;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  /** Begins to listen to a track; one that was listened to before is let go. */
  listen(track: RemoteTrack): void {
    const before = this.#letGo();
    const stream = new AudioStream(track, { sampleRate: CALL_RATE_HZ, numChannels: 1, frameSizeMs: WINDOW_MS });
    const reader = stream.getReader();
    this.#reader = reader;
    this.#listening = Promise.all([before, this.#read(reader)]).then(() => undefined);
  }

  /** Stretches of voice so far, in order. */
  get stretches(): readonly HeardStretch[] {
    return this.#placed.map(({ stretch }) => stretch);
  }

  /**
   * The same with what was heard since: a beginning that this program was late to hear, or that sound was missed before, has
   * its place now. Where that is not sure it is the latest that it may be.
   */
  get settled(): readonly SettledStretch[] {
    return this.#placed.map(({ stretch, bounds }) => {
      const { earliestMs, latestMs } = bounds() ?? { earliestMs: stretch.startedAtMs, latestMs: stretch.startedAtMs };
      return { ...stretch, startedAtMs: latestMs, unsureMs: latestMs - earliestMs };
    });
  }

  /** Whether the agent is heard now, short pauses included. */
  get sounding(): boolean {
    const last = this.#placed.at(-1)?.stretch;
    return last !== undefined && last.endedAtMs === undefined;
  }

  /** Up to which instant everything has been heard, be it silence. */
  get heardUntilMs(): number {
    return this.#heardUntilMs;
  }

  /** The longest that sound waited for this program, in ms. */
  get worstLagMs(): number {
    return this.#worstLagMs;
  }

  /** What was heard so far, from the beginning of the agent's track. */
  recording(): MonoAudio {
    const samples = new Int16Array(this.#recordedSamples);
    let offset = 0;
    for (const part of this.#recorded) {
      samples.set(part, offset);
      offset += part.length;
    }
    return { samples, sampleRateHz: CALL_RATE_HZ };
  }

  /** Stops listening. May be called twice. */
  async close(): Promise<void> {
    await this.#letGo();
    await this.#listening;
  }

  async #letGo(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.cancel();
  }

  async #read(reader: ReadableStreamDefaultReader<{ data: Int16Array; samplesPerChannel: number }>): Promise<void> {
    const arrivals = new ArrivalClock(CALL_RATE_HZ);
    const detector = new SoundDetector({ hangOverWindows: HANG_OVER_MS / WINDOW_MS });
    const { clock, record, onHeard } = this.#options;
    const atMs = (window: number): number => arrivals.instantMs(window * WINDOW_SAMPLES);
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) break;
      arrivals.arrived(frame.samplesPerChannel, clock.nowMs());
      this.#worstLagMs = Math.max(this.#worstLagMs, arrivals.lagMs);
      if (record) {
        this.#recorded.push(frame.data.slice());
        this.#recordedSamples += frame.data.length;
      }
      const change = detector.push(levelDbfs(frame.data));
      if (change?.kind === 'began') {
        const { startWindow } = change;
        const bounds = (): InstantBounds | undefined => arrivals.boundsMs(startWindow * WINDOW_SAMPLES);
        this.#placed.push({ stretch: { startedAtMs: atMs(startWindow) }, bounds });
      }
      if (change?.kind === 'ended') this.#endLast(atMs(change.endWindow));
      this.#heardUntilMs = arrivals.instantMs(arrivals.samples);
      onHeard();
    }
    this.#endLast(this.#heardUntilMs);
    onHeard();
  }

  #endLast(endedAtMs: number): void {
    const last = this.#placed.at(-1);
    if (last === undefined || last.stretch.endedAtMs !== undefined) return;
    this.#placed = [...this.#placed.slice(0, -1), { ...last, stretch: { ...last.stretch, endedAtMs } }];
  }
}
