/**
 * The caller's whole voice for one track: first what the page recorded while it joined, then the live audio. The shell around
 * `joining-audio.ts`: it decodes what has come of the recording whenever enough live audio is there to compare it with.
 */
import type { Clock } from '../conversation/clock.js';
import { DecodeError } from './decode.js';
import { JoiningAudio, type JoinOutcome } from './joining-audio.js';
import type { CallerTrack, IncomingRecording, PreConnectReceiver, ReceiveOutcome } from './receiver.js';

/** Live audio before the first decoding, and between two, in ms: each is a process of its own, of some 40 ms. */
const FIRST_DECODE_MS = 350;
const DECODE_EVERY_MS = 250;

/** Longest holding where no live audio comes to count it by (a muted track), in ms; above what `JoiningAudio` holds. */
const FLUSH_MS = 2_000;

export interface CallerAudioOptions {
  readonly receiver: Pick<PreConnectReceiver, 'recordingOf'>;
  readonly caller: CallerTrack;
  /** What `announcesRecording` says of the track: without a recording nothing is held. */
  readonly isRecorded: boolean;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Samples in order, 16 kHz mono: all that can be told at once in one call, at once for live audio that is not held. */
  readonly onSamples: (pieces: readonly Int16Array[]) => void;
  /** Called once. */
  readonly onJoined: (outcome: JoinOutcome) => void;
  readonly onReceived: (outcome: ReceiveOutcome) => void;
}

export class CallerAudio {
  readonly #options: CallerAudioOptions;
  readonly #joining = new JoiningAudio();
  readonly #closing = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #recording: IncomingRecording | undefined;
  #firstLiveAtMs: number | undefined;
  #decodeAtMs = FIRST_DECODE_MS;
  #isDecoding = false;
  #isDecoded = false;
  /** No more live audio comes that a recording could be compared with. */
  #isOverdue = false;
  #isTold = false;

  constructor(options: CallerAudioOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => void this.#endHolding(), FLUSH_MS);
    if (options.isRecorded) void this.#await();
    else this.#emit(this.#joining.give(undefined));
  }

  /** Whether live audio is held: time goes on, but what is said is not known yet. */
  get isHolding(): boolean {
    return this.#joining.outcome === undefined;
  }

  /** Takes live audio, 16 kHz mono; not to be written to afterwards. */
  push(live: Int16Array): void {
    this.#firstLiveAtMs ??= this.#options.clock.nowMs();
    this.#emit(this.#joining.push(live));
    if (this.isHolding && this.#joining.heldMs >= this.#decodeAtMs) void this.#decode();
  }

  /** Lets go of the recording; live audio still held is dropped. May be called twice. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
    this.#recording?.close();
  }

  async #await(): Promise<void> {
    const { receiver, caller } = this.#options;
    this.#recording = await receiver.recordingOf(caller, this.#closing.signal);
    if (this.isHolding) void this.#decode();
    else this.#recording?.close();
  }

  /** What came of a recording is heard, however little live audio came behind it. */
  async #endHolding(): Promise<void> {
    this.#isOverdue = true;
    await this.#decode();
    if (!this.#isDecoding) this.#emit(this.#joining.flush());
  }

  async #decode(): Promise<void> {
    const recording = this.#recording;
    if (recording === undefined || this.#isDecoding || !this.isHolding) return;
    if (this.#joining.heldMs < this.#decodeAtMs && !this.#isOverdue) return;
    this.#isDecoding = true;
    this.#decodeAtMs = this.#joining.heldMs + DECODE_EVERY_MS;
    const { lastPieceAtMs, isWhole } = recording;
    try {
      const samples = await recording.decode();
      if (!this.#isDecoded) this.#options.onReceived('decoded');
      this.#isDecoded = true;
      this.#emit(this.#joining.give({ samples, overlapMs: this.#overlapMs(lastPieceAtMs), isWhole }));
    } catch (error) {
      // A beginning may be too short to be understood: more of it comes.
      if (!isWhole && this.isHolding) return;
      this.#options.onReceived(error instanceof DecodeError ? error.problem : 'broken');
      this.#emit(this.#joining.give(undefined));
    } finally {
      this.#isDecoding = false;
      if (this.#isOverdue) this.#emit(this.#joining.flush());
    }
  }

  /** What of the recording was heard live as well: none of what was muted by then. */
  #overlapMs(lastPieceAtMs = 0): number {
    const sinceFirstMs = lastPieceAtMs - (this.#firstLiveAtMs ?? lastPieceAtMs);
    return this.#isOverdue ? Math.min(sinceFirstMs, this.#joining.heldMs) : sinceFirstMs;
  }

  #emit(pieces: readonly Int16Array[]): void {
    if (this.#closing.signal.aborted) return;
    if (pieces.length > 0) this.#options.onSamples(pieces);
    const { outcome } = this.#joining;
    if (outcome === undefined || this.#isTold) return;
    this.#isTold = true;
    clearTimeout(this.#timer);
    this.#recording?.close();
    this.#options.onJoined(outcome);
  }
}
