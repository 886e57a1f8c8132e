/**
 * The agent's voice on its way to the room: owns gain, pause and the played position. The framework's own output queues
 * 200 ms and stops only at its next frame (room_io/_output.ts:588 of 1.8.1); this one hands over 10 ms at a time with at most
 * 50 ms ahead, and takes those back to say them more softly or later.
 */
import { voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { type Spoken, spokenOf } from '../reply/spoken.js';
import type { Clock } from './clock.js';
import { PlayedLevels } from './played-levels.js';
import { Segment } from './segment.js';
import { FRAME_MS, VoiceQueue } from './voice-queue.js';

/** What the synthesiser sends and the track carries, in Hz. */
export const MOUTH_SAMPLE_RATE_HZ = 24_000;
const FRAME_SAMPLES = (MOUTH_SAMPLE_RATE_HZ * FRAME_MS) / 1_000;
/** Audio taken from the framework ahead of what is played, in ms: above it a capture waits. */
const INTAKE_MS = 400;
/** Frames of a reply between two words about how far it is: 200 ms. */
const SAYING_EVERY_FRAMES = 200 / FRAME_MS;
/** Frames between two looks at the queue: one second. */
const QUEUED_EVERY_FRAMES = 1_000 / FRAME_MS;
/** Gain while an overlap is judged: 14 dB down, clearly in the background. */
const DUCKED_GAIN = 0.2;
/** Longest time that the voice stays down without anybody saying so again, in ms: an overlap is judged long before. */
const QUIET_MAX_MS = 5_000;
/** How often frames are tried to be taken back; each try is 10 ms later, and what was not taken back by then is playing. */
const TAKE_BACK_TRIES = 3;
/**
 * Silence given after a cut, in ms. A track that stops giving frames is not heard as silence: for 100 ms, until the native
 * source fills in by itself, the listener's jitter buffer makes up a continuation of what it heard last.
 */
const SILENCE_AFTER_CUT_MS = 100;

export interface MouthEvents {
  /** First frame of a reply given to the room. */
  readonly onStarted: (atMs: number, spoken: Spoken | undefined) => void;
  /** A reply has begun, and nothing more of it is there now; or it goes on. */
  readonly onDry?: () => void;
  readonly onFlowing?: () => void;
  /** First frame of a reply's own sound given to the room, behind an opening or a filler. */
  readonly onAnswerStarted?: (spoken: Spoken) => void;
  /** Each 200 ms of a reply: how much of its sound was given to the room, in ms. */
  readonly onSaying?: (spoken: Spoken, givenMs: number) => void;
  /** Each second of speech: how much of it is given and not played, in ms. */
  readonly onQueued?: (ms: number) => void;
  /** The reply is over: played to its end, or cut. The framework knows it already. */
  readonly onStopped: (atMs: number, isInterrupted: boolean, spoken: Spoken | undefined) => void;
}

/** A frame as the room gets it. */
interface Given {
  /** With their gain. */
  readonly samples: Int16Array;
  /** Gain at its beginning. */
  readonly gain: number;
  /** The reply that it takes on, and what it takes of it; absent in silence and in a fade whose samples come again. */
  readonly part?: { readonly segment: Segment; readonly samples: Int16Array };
}

export class Mouth extends voice.AudioOutput {
  /** To be published as a track by whoever owns the room. */
  readonly source: VoiceQueue<Given>['source'];
  readonly #queue: VoiceQueue<Given>;
  readonly #clock: Clock;
  readonly #events: MouthEvents;
  readonly #levels = new PlayedLevels();
  #segments: Segment[] = [];
  #isPumping = false;
  #isClosed = false;
  /** The reply that is being said has nothing more to give for now. */
  #isDry = false;
  #gain = 1;
  /** 0 is hushed: nothing of a reply is given away. */
  #targetGain = 1;
  #quietSinceMs = 0;
  #takeBackTries = 0;
  #framesGiven = 0;
  /** What follows a cut, oldest first. */
  #afterCut: Int16Array[] = [];
  /** Wakes captures that wait for room, and the pump that waits for audio. */
  #wake: (() => void)[] = [];

  constructor(clock: Clock, events: MouthEvents) {
    // Without `pause` the framework never pauses by itself; the judge of overlaps does (ear.ts).
    super(MOUTH_SAMPLE_RATE_HZ, undefined, { pause: false });
    this.#clock = clock;
    this.#events = events;
    this.#queue = new VoiceQueue(clock, MOUTH_SAMPLE_RATE_HZ);
    this.source = this.#queue.source;
  }

  get isSpeaking(): boolean {
    return this.#segments.some((segment) => segment.hasBegun);
  }

  /** Whether a reply that has begun still has sound to give. */
  get isSounding(): boolean {
    const [segment] = this.#segments;
    return segment?.hasBegun === true && !this.#isDry;
  }

  /** Levels of what was given to the room in the last 3 s, each with the instant it leaves or left (`turn/echo.ts`). */
  get playedLevels(): PlayedLevels['recent'] {
    return this.#levels.recent;
  }

  /** Turns the voice down by 14 dB while someone speaks over it, within some 20 ms. A hushed voice stays hushed. */
  duck(): void {
    if (this.#targetGain !== 0) this.#aimFor(DUCKED_GAIN);
  }

  /**
   * Falls silent and keeps what was not said: a fade of 10 ms, then silence until `unduck`. The framework does not notice.
   * A reply that has not begun yet waits too.
   */
  hush(): void {
    this.#aimFor(0);
  }

  /**
   * Back to full level. After a hush the voice goes on with the 10 ms in which it faded away, fading in, so that each of
   * their samples is heard once in all: no sample is lost or said twice.
   */
  unduck(): void {
    this.#aimFor(1);
  }

  override async captureFrame(frame: AudioFrame): Promise<void> {
    if (this.#isClosed) return;
    let segment = this.#segments.at(-1);
    // A cut reply may still be on its way out of the framework when the next one comes.
    if (segment === undefined || segment.hasEnded || segment.spoken !== spokenOf(frame)) {
      segment = new Segment(spokenOf(frame));
      segment.spoken?.mark('voiceReadyAtMs');
      this.#segments.push(segment);
    }
    await super.captureFrame(frame);
    segment.push(frame.data.slice());
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
    // What was said over this reply says nothing about the next one.
    this.#takeBackTries = 0;
    this.#targetGain = 1;
    this.#gain = 1;
    if (segments.length === 0) return;
    this.#segments = [];
    const unplayed = this.#queue.takeBack();
    this.#levels.takeBack(unplayed.length);
    if (!this.#isClosed) {
      const [cut] = unplayed;
      this.#afterCut = [
        ...(cut === undefined ? [] : [withGain(cut.samples, 1, 0)]),
        ...Array.from({ length: SILENCE_AFTER_CUT_MS / FRAME_MS }, () => new Int16Array(FRAME_SAMPLES)),
      ];
    }
    void this.#pump();
    this.#wakeAll();
    for (const segment of segments) {
      const unplayedSamples = unplayed.filter(({ part }) => part?.segment === segment).length * FRAME_SAMPLES;
      this.#finish(segment, Math.max(0, segment.handedOver - unplayedSamples), true);
    }
  }

  /** Stops for good. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.clearBuffer();
    this.#wakeAll();
    await this.#queue.close();
  }

  #aimFor(gain: number): void {
    this.#quietSinceMs = this.#clock.nowMs();
    if (this.#targetGain === gain) return;
    this.#targetGain = gain;
    this.#takeBackTries = TAKE_BACK_TRIES;
    this.#wakeAll();
  }

  /** Takes back what is given and not played, so that it sounds as is wanted now. It must be certain what was played. */
  #takeBack(): void {
    this.#takeBackTries--;
    const unplayed = this.#queue.takeBackSurely();
    if (unplayed === undefined) return;
    this.#takeBackTries = 0;
    this.#levels.takeBack(unplayed.length);
    this.#gain = unplayed[0]?.gain ?? this.#gain;
    for (const { part } of unplayed.toReversed()) {
      if (part === undefined) continue;
      part.segment.putBack(part.samples);
      part.segment.handedOver -= FRAME_SAMPLES;
    }
  }

  #finish(segment: Segment, playedSamples: number, interrupted: boolean): void {
    const { spoken, handedOver, queued, hasBegun } = segment;
    const playedMs = millisecondsOf(playedSamples);
    const heard = spoken?.finish(playedMs, millisecondsOf(handedOver + queued), interrupted);
    this.onPlaybackFinished({
      playbackPosition: playedMs / 1_000,
      interrupted,
      // What the conversation remembers of a reply that was cut is what was heard of it.
      ...(interrupted && heard !== undefined && { synchronizedTranscript: heard.join(' ') }),
    });
    if (hasBegun) this.#events.onStopped(this.#clock.nowMs(), interrupted, spoken);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (!this.#isClosed && (this.#segments.length > 0 || this.#afterCut.length > 0)) {
        const given = this.#next();
        const [segment] = this.#segments;
        if (given !== undefined) {
          await this.#give(given);
        } else if (segment?.hasEnded === true) {
          await this.#queue.played();
          // Cut while its last samples were playing: then it was finished there.
          if (this.#segments[0] !== segment) continue;
          this.#segments.shift();
          this.#finish(segment, segment.handedOver, false);
        } else {
          // A reply may pause with less than a frame in hand: phrases do not end at whole ones.
          if (segment?.hasBegun === true && !this.#isDry) {
            this.#isDry = true;
            this.#events.onDry?.();
          }
          await this.#sleep();
        }
      }
    } finally {
      this.#isPumping = false;
    }
  }

  /** What the room gets next; `undefined` when there is nothing to give now. */
  #next(): Given | undefined {
    if (this.#clock.nowMs() - this.#quietSinceMs > QUIET_MAX_MS) this.unduck();
    const [segment] = this.#segments;
    const samples = segment?.take(FRAME_SAMPLES);
    if (segment === undefined || samples === undefined) {
      const silence = this.#afterCut.shift();
      return silence && { samples: silence, gain: 0 };
    }
    // A new reply does not wait for the silence behind the one before.
    this.#afterCut = [];
    const from = this.#gain;
    const to = this.#targetGain;
    this.#gain = to;
    const frame = new Int16Array(FRAME_SAMPLES);
    if (to > 0) {
      frame.set(withGain(samples, from, to));
      return { samples: frame, gain: from, part: { segment, samples } };
    }
    segment.putBack(samples);
    // What nobody has heard the beginning of need not fade away.
    if (segment.handedOver > 0) frame.set(withGain(samples, from, 0));
    return { samples: frame, gain: from };
  }

  async #give(given: Given): Promise<void> {
    const { samples, part } = given;
    if (part !== undefined) {
      const { segment } = part;
      segment.handedOver += samples.length;
      if (!segment.hasBegun) {
        segment.hasBegun = true;
        this.onPlaybackStarted(Date.now());
        this.#events.onStarted(this.#clock.nowMs(), segment.spoken);
      }
      this.#noteAnswer(segment);
      this.#noteProgress(segment);
      if (this.#isDry) {
        this.#isDry = false;
        this.#events.onFlowing?.();
      }
      this.#wakeAll();
    }
    const { untilMs, room } = this.#queue.give(given);
    this.#levels.note(untilMs, samples);
    await room;
    this.#framesGiven += 1;
    if (this.#framesGiven % QUEUED_EVERY_FRAMES === 0) this.#events.onQueued?.(this.#queue.aheadMs);
    // Only here: a native queue that owes an answer takes no frame.
    if (this.#takeBackTries > 0 && this.#segments.length > 0) this.#takeBack();
  }

  #noteProgress({ spoken, handedOver }: Segment): void {
    if (spoken === undefined || handedOver % (SAYING_EVERY_FRAMES * FRAME_SAMPLES) !== 0) return;
    this.#events.onSaying?.(spoken, millisecondsOf(handedOver));
  }

  /** The opening is said; what comes now is the answer. */
  #noteAnswer(segment: Segment): void {
    const { spoken, handedOver } = segment;
    if (spoken === undefined || segment.hasAnswered || spoken.openingMs === 0) return;
    if (millisecondsOf(handedOver) <= spoken.openingMs) return;
    segment.hasAnswered = true;
    this.#events.onAnswerStarted?.(spoken);
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

/** Samples with a gain that moves evenly from one value to another, so that no step clicks. */
function withGain(samples: Int16Array, from: number, to: number): Int16Array {
  if (from === 1 && to === 1) return samples;
  return samples.map((sample, i) => Math.round(sample * (from + ((to - from) * (i + 1)) / samples.length)));
}

function millisecondsOf(samples: number): number {
  return (samples * 1_000) / MOUTH_SAMPLE_RATE_HZ;
}

function samplesIn(ms: number): number {
  return (ms * MOUTH_SAMPLE_RATE_HZ) / 1_000;
}
