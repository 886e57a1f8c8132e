/**
 * The agent's voice on its way to the room: owns gain, pause and the played position. The framework's own output queues
 * 200 ms and stops only at its next frame (room_io/_output.ts:588 of 1.8.1); this one hands over 10 ms at a time with at most
 * 40 ms ahead, so that ducking and stopping take effect within that.
 */
import { voice } from '@livekit/agents';
import { AudioFrame, AudioSource } from '@livekit/rtc-node';
import { heardText } from '../turn/heard-text.js';
import type { Clock } from './clock.js';
import { type Spoken, spokenOf } from './speak.js';

/** What the synthesiser sends and the track carries, in Hz. */
export const MOUTH_SAMPLE_RATE_HZ = 24_000;
const FRAME_SAMPLES = MOUTH_SAMPLE_RATE_HZ / 100;
/** Audio ahead of real time in the native queue, in ms. */
const QUEUE_MS = 40;
/** Audio taken from the framework ahead of what is played, in ms: above it a capture waits. */
const INTAKE_MS = 400;
/** Gain while an overlap is judged: 14 dB down, clearly in the background. */
const DUCKED_GAIN = 0.2;

export interface MouthEvents {
  /** First frame of a reply given to the room. */
  readonly onStarted: (atMs: number, spoken: Spoken | undefined) => void;
  /** The reply is over: played to its end, or cut. The framework knows it already. */
  readonly onStopped: (atMs: number, isInterrupted: boolean, spoken: Spoken | undefined) => void;
}

interface Segment {
  /** Samples not yet handed over, oldest first. */
  readonly chunks: Int16Array[];
  /** Samples in `chunks`. */
  queued: number;
  handedOver: number;
  hasEnded: boolean;
  readonly spoken: Spoken | undefined;
}

export class Mouth extends voice.AudioOutput {
  /** To be published as a track by whoever owns the room. */
  readonly source = new AudioSource(MOUTH_SAMPLE_RATE_HZ, 1, QUEUE_MS);
  readonly #clock: Clock;
  readonly #events: MouthEvents;
  #segments: Segment[] = [];
  #isPumping = false;
  #isClosed = false;
  #gain = 1;
  #targetGain = 1;
  /** Wakes captures that wait for room, and the pump that waits for audio. */
  #wake: (() => void)[] = [];

  constructor(clock: Clock, events: MouthEvents) {
    // Without `pause` the framework never pauses by itself; the judge of overlaps does (ear.ts).
    super(MOUTH_SAMPLE_RATE_HZ, undefined, { pause: false });
    this.#clock = clock;
    this.#events = events;
  }

  get isSpeaking(): boolean {
    return this.#segments.some((segment) => segment.handedOver > 0);
  }

  /** Turns the voice down while someone speaks over it. */
  duck(): void {
    this.#targetGain = DUCKED_GAIN;
  }

  unduck(): void {
    this.#targetGain = 1;
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    if (this.#isClosed) return;
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.hasEnded) {
      segment = { chunks: [], queued: 0, handedOver: 0, hasEnded: false, spoken: spokenOf(frame) };
      this.#segments.push(segment);
    }
    await super.captureFrame(frame);
    const samples = frame.data.slice();
    segment.chunks.push(samples);
    segment.queued += samples.length;
    void this.#pump();
    this.#wakeAll();
    while (!this.#isClosed && this.#segments.includes(segment) && segment.queued > samplesIn(INTAKE_MS)) {
      await this.#sleep();
    }
  }

  override flush(): void {
    super.flush();
    const segment = this.#segments.at(-1);
    if (segment !== undefined) segment.hasEnded = true;
    this.#wakeAll();
  }

  override clearBuffer(): void {
    super.flush();
    const segments = this.#segments;
    if (segments.length === 0) return;
    this.#segments = [];
    const aheadSamples = samplesIn(this.source.queuedDuration);
    this.source.clearQueue();
    this.#gain = 1;
    this.#targetGain = 1;
    this.#wakeAll();
    for (const segment of segments) {
      this.#finish(segment, Math.max(0, segment.handedOver - aheadSamples), true);
    }
  }

  /** Stops for good. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.clearBuffer();
    this.#isClosed = true;
    this.#wakeAll();
    await this.source.close();
  }

  #finish(segment: Segment, playedSamples: number, interrupted: boolean): void {
    const { spoken, handedOver, queued } = segment;
    const playedMs = millisecondsOf(playedSamples);
    this.onPlaybackFinished({
      playbackPosition: playedMs / 1_000,
      interrupted,
      // What the conversation remembers of a reply that was cut is what was heard of it.
      ...(interrupted &&
        spoken !== undefined && {
          synchronizedTranscript: heardText(spoken.text, spoken.words, playedMs, millisecondsOf(handedOver + queued)),
        }),
    });
    if (handedOver > 0) this.#events.onStopped(this.#clock.nowMs(), interrupted, spoken);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let segment = this.#segments[0]; segment !== undefined && !this.#isClosed; segment = this.#segments[0]) {
        const frame = this.#take(segment);
        if (frame !== undefined) {
          await this.#handOver(segment, frame);
        } else if (segment.hasEnded) {
          await this.source.waitForPlayout();
          // Cut while its last samples were playing: then it was finished there.
          if (this.#segments[0] !== segment) continue;
          this.#segments.shift();
          this.#finish(segment, segment.handedOver, false);
        } else {
          await this.#sleep();
        }
      }
    } finally {
      this.#isPumping = false;
    }
  }

  async #handOver(segment: Segment, samples: Int16Array): Promise<void> {
    const isFirst = segment.handedOver === 0;
    segment.handedOver += samples.length;
    if (isFirst) {
      this.onPlaybackStarted(Date.now());
      this.#events.onStarted(this.#clock.nowMs(), segment.spoken);
    }
    this.#wakeAll();
    this.#applyGain(samples);
    await this.source.captureFrame(new AudioFrame(samples, MOUTH_SAMPLE_RATE_HZ, 1, samples.length));
  }

  /** The next 10 ms, or the shorter rest of a segment that has ended; `undefined` when there is not enough yet. */
  #take(segment: Segment): Int16Array | undefined {
    const isRest = segment.hasEnded && segment.queued > 0;
    if (segment.queued < FRAME_SAMPLES && !isRest) return undefined;
    const frame = new Int16Array(FRAME_SAMPLES);
    let filled = 0;
    while (filled < FRAME_SAMPLES) {
      const chunk = segment.chunks.shift();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, FRAME_SAMPLES - filled);
      frame.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) segment.chunks.unshift(chunk.subarray(part.length));
    }
    segment.queued -= filled;
    return frame;
  }

  /** Moves the gain toward its target over this frame, so that no step clicks. */
  #applyGain(samples: Int16Array): void {
    const from = this.#gain;
    const to = this.#targetGain;
    this.#gain = to;
    if (from === 1 && to === 1) return;
    for (let i = 0; i < samples.length; i++) {
      samples[i] = Math.round((samples[i] ?? 0) * (from + ((to - from) * (i + 1)) / samples.length));
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

function millisecondsOf(samples: number): number {
  return (samples * 1_000) / MOUTH_SAMPLE_RATE_HZ;
}

function samplesIn(ms: number): number {
  return (ms * MOUTH_SAMPLE_RATE_HZ) / 1_000;
}
