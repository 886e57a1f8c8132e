/**
 * Takes what the caller's page recorded before it was connected, which livekit-client sends as a byte stream to the agent once it
 * is there. Whoever is in a room can send one: what comes is bounded in size, time and number, and only the caller's is opened.
 */
import type { ByteStreamReader, RemoteTrackPublication, Room } from '@livekit/rtc-node';
import { z } from 'zod';
import type { Clock } from '../conversation/clock.js';
import { type DecodeProblem, decodeRecording } from './decode.js';

/** The byte stream's name (livekit-client 2.21.0, LocalParticipant.ts). */
export const PRE_CONNECT_TOPIC = 'lk.agent.pre-connect-audio-buffer';

/** `TF_PRECONNECT_BUFFER` of AudioTrackFeature (livekit_models.proto), which rtc-node does not export. */
const RECORDS_BEFORE_CONNECTING = 6;

/** Largest recording in bytes: ten seconds of Opus at ten times the usual bitrate. */
const MAX_BYTES = 1_000_000;

/** Recordings kept of all senders before it is known who the caller is. */
const MAX_RECORDINGS = 4;

/** How long a stream may take, in ms: the page goes on recording for up to ten seconds. */
const STREAM_MS = 12_000;

const Attributes = z.object({ trackId: z.string().min(1).max(64) });

/** How receiving ended. `foreign`: of somebody who is not the caller. `repeated`: a second one of the same track. */
export type ReceiveOutcome = 'decoded' | 'too_large' | 'foreign' | 'repeated' | 'broken' | DecodeProblem;

/** A recording on its way. */
export interface IncomingRecording {
  /** When its last piece so far came, on the clock; `undefined` before the first. */
  readonly lastPieceAtMs: number | undefined;
  /** Whether no more of it comes. */
  readonly isWhole: boolean;
  /** What has come so far, 16 kHz mono. @throws DecodeError when that cannot be decoded. */
  decode(): Promise<Int16Array>;
  /** Takes no more of it. May be called twice. */
  close(): void;
}

/** Whose microphone. */
export interface CallerTrack {
  readonly identity: string;
  readonly trackSid: string;
}

export interface ReceiverOptions {
  readonly room: Pick<Room, 'registerByteStreamHandler' | 'unregisterByteStreamHandler'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly onOutcome: (outcome: ReceiveOutcome) => void;
}

/** Listens from its making on, which has to be before the room is connected: a stream without a listener is lost. */
export class PreConnectReceiver {
  readonly #options: ReceiverOptions;
  /** By sender and track; each is read at once, so that nothing piles up in the native library. */
  readonly #recordings = new Map<string, Incoming>();
  readonly #arrivals = new EventTarget();
  #caller: string | undefined;
  #isClosed = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    options.room.registerByteStreamHandler(PRE_CONNECT_TOPIC, (reader, { identity }) => this.#take(reader, identity));
  }

  /**
   * Waits for the recording of the caller's track to begin. From the first call on, nobody else's is taken.
   * @param signal - Ends the waiting.
   * @returns `undefined` when none came until then.
   */
  recordingOf({ identity, trackSid }: CallerTrack, signal: AbortSignal): Promise<IncomingRecording | undefined> {
    this.#caller ??= identity;
    const key = keyOf(identity, trackSid);
    return new Promise((resolve) => {
      const done = () => {
        this.#arrivals.removeEventListener(key, done);
        signal.removeEventListener('abort', done);
        resolve(this.#recordings.get(key));
      };
      this.#arrivals.addEventListener(key, done);
      signal.addEventListener('abort', done);
      if (signal.aborted || this.#recordings.has(key)) done();
    });
  }

  /** Stops listening and lets go of what came. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.room.unregisterByteStreamHandler(PRE_CONNECT_TOPIC);
    for (const recording of this.#recordings.values()) recording.close();
    this.#recordings.clear();
  }

  #take(reader: ByteStreamReader, identity: string): void {
    const attributes = Attributes.safeParse(reader.info.attributes);
    const key = attributes.success ? keyOf(identity, attributes.data.trackId) : undefined;
    const refusal = this.#refusal(identity, key);
    if (key === undefined || refusal !== undefined) {
      void reader.close();
      this.#options.onOutcome(refusal ?? 'broken');
      return;
    }
    this.#recordings.set(key, new Incoming(reader, this.#options));
    this.#arrivals.dispatchEvent(new Event(key));
  }

  #refusal(identity: string, key: string | undefined): ReceiveOutcome | undefined {
    if (this.#caller !== undefined && identity !== this.#caller) return 'foreign';
    if (key === undefined) return 'broken';
    return this.#recordings.has(key) || this.#recordings.size >= MAX_RECORDINGS ? 'repeated' : undefined;
  }
}

/** Reads one stream to its end, its bound or its time, whatever comes first. */
class Incoming implements IncomingRecording {
  readonly #reader: ByteStreamReader;
  readonly #options: Pick<ReceiverOptions, 'clock' | 'onOutcome'>;
  readonly #media: Uint8Array[] = [];
  #bytes = 0;
  #lastPieceAtMs: number | undefined;
  #isWhole = false;

  constructor(reader: ByteStreamReader, options: Pick<ReceiverOptions, 'clock' | 'onOutcome'>) {
    this.#reader = reader;
    this.#options = options;
    void this.#read();
  }

  get lastPieceAtMs(): number | undefined {
    return this.#lastPieceAtMs;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  decode(): Promise<Int16Array> {
    return decodeRecording(this.#media, this.#reader.info.mimeType);
  }

  close(): void {
    void this.#reader.close();
  }

  async #read(): Promise<void> {
    const timer = setTimeout(() => this.close(), STREAM_MS);
    try {
      for await (const piece of this.#reader) {
        if (this.#bytes + piece.byteLength > MAX_BYTES) {
          this.#options.onOutcome('too_large');
          break; // Leaving the loop closes the reader; what came before is good.
        }
        this.#bytes += piece.byteLength;
        this.#media.push(piece);
        this.#lastPieceAtMs = this.#options.clock.nowMs();
      }
    } catch {
      this.#options.onOutcome('broken');
    } finally {
      clearTimeout(timer);
      this.#isWhole = true;
    }
  }
}

/** Whether a track's page records, and sends that recording: one that does not is not waited for. */
export function announcesRecording({ info }: RemoteTrackPublication): boolean {
  return info?.audioFeatures.includes(RECORDS_BEFORE_CONNECTING) ?? false;
}

function keyOf(identity: string, trackSid: string): string {
  return `${identity}\n${trackSid}`;
}
