/**
 * What is said on both sides, for the room to read: text streams in LiveKit's own form (`lk.transcription`). The agent's words
 * come with its voice, and what nobody heard is not shown. @livekit/agents 1.8.1 writes each token of a reply to the room twice,
 * before any of it sounds (voice/room_io/_output.ts:155 and :298); that is 14 of the 100 ms in which a turn's commit keeps the
 * event loop busy, and a reply that is cut or breaks stands there whole. Its stream for clients that know no text streams
 * (`publishTranscription`) is left out.
 */
import { randomUUID } from 'node:crypto';
import { type LocalParticipant, TrackSource } from '@livekit/rtc-node';
import type { Logger } from '../telemetry/logger.js';
import { settledWithin } from '../within.js';

const TOPIC = 'lk.transcription';
const SEGMENT_ATTRIBUTE = 'lk.segment_id';
const FINAL_ATTRIBUTE = 'lk.transcription_final';
const TRACK_ATTRIBUTE = 'lk.transcribed_track_id';
/**
 * Words of the caller's wait for others behind them, in ms, and for what a turn's end sets going: reading them so much later
 * nobody notices, and a reply that waits for the event loop is heard later.
 */
const CALLER_EVERY_MS = 150;
const SHOWN_WITHIN_MS = 5_000;

/** Whose words they are. */
export interface Captioned {
  readonly identity: string;
  readonly trackPublications: ReadonlyMap<
    string,
    { readonly sid?: string | undefined; readonly source?: TrackSource | undefined }
  >;
}

export interface CaptionsOptions {
  readonly room: {
    readonly isConnected: boolean;
    readonly localParticipant?: Pick<LocalParticipant, 'streamText'> | undefined;
  };
  /** Nobody: there are no words. */
  readonly agent: () => Captioned | undefined;
  readonly caller: () => Captioned | undefined;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A speech of the agent's, as it is shown. */
interface Shown {
  /** What the room is to have of it so far. */
  text: string;
  hasEnded: boolean;
  /** There is more to tell, or the end of it. */
  wake: () => void;
}

/** Pieces of a text, each when it comes. */
type Pieces = AsyncIterable<string> | Iterable<string>;

export class Captions {
  readonly #options: CaptionsOptions;
  /** By what says them. */
  readonly #speeches = new WeakMap<object, Shown>();
  readonly #open = new Set<Shown>();
  /** Caller's words that the room does not have yet, oldest first. */
  #heard: { readonly text: string; readonly isFinal: boolean }[] = [];
  #callerSegment = randomUUID();
  /** The last of the caller's words told are no final ones. */
  #isGuess = false;
  #isTellingHeard = false;
  #isClosed = false;

  constructor(options: CaptionsOptions) {
    this.#options = options;
  }

  /** The caller's words as far as they are known. @param text - All that was said since the last final ones. */
  heard(text: string, isFinal: boolean): void {
    if (this.#isClosed) return;
    this.#isGuess = !isFinal;
    // What was guessed in between nobody needs to read.
    if (this.#heard.at(-1)?.isFinal === false) this.#heard.pop();
    this.#heard.push({ text, isFinal });
    if (!this.#isTellingHeard) void this.#tellHeard();
  }

  /** The caller's words so far come to nothing: what is said next is shown as something new. */
  takeBackGuess(): void {
    if (this.#isGuess) this.heard('', true);
  }

  /**
   * A speech of the agent's sounds.
   * @param speech - Names it.
   * @param text - What of it was said so far. What does not go on from what is shown changes nothing: it cannot be taken back.
   */
  show(speech: object, text: string): void {
    if (this.#isClosed || text === '') return;
    let shown = this.#speeches.get(speech);
    if (shown === undefined) {
      shown = { text, hasEnded: false, wake: () => undefined };
      this.#speeches.set(speech, shown);
      this.#open.add(shown);
      void this.#publish(this.#options.agent(), randomUUID(), false, piecesOf(shown));
    } else if (!shown.hasEnded && text.startsWith(shown.text)) {
      shown.text = text;
      shown.wake();
    }
  }

  /** A speech is over. @param text - What of it was heard. */
  end(speech: object, text: string): void {
    this.show(speech, text);
    const shown = this.#speeches.get(speech);
    if (shown !== undefined) this.#end(shown);
  }

  /** Ends what is open; nothing is told any more. May be called twice. */
  close(): void {
    this.#isClosed = true;
    this.#heard = [];
    for (const shown of this.#open) this.#end(shown);
  }

  #end(shown: Shown): void {
    this.#open.delete(shown);
    shown.hasEnded = true;
    shown.wake();
  }

  async #tellHeard(): Promise<void> {
    this.#isTellingHeard = true;
    while (this.#heard.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, CALLER_EVERY_MS).unref());
      const next = this.#heard.shift();
      if (next === undefined) break;
      const segment = this.#callerSegment;
      if (next.isFinal) this.#callerSegment = randomUUID();
      // The native library need not answer while it rebuilds a connection; what is said after it is shown all the same.
      const published = this.#publish(this.#options.caller(), segment, next.isFinal, [next.text]);
      await settledWithin(SHOWN_WITHIN_MS, published);
    }
    this.#isTellingHeard = false;
  }

  /** Never fails: a room that takes no text has its call all the same. */
  async #publish(speaker: Captioned | undefined, segment: string, isFinal: boolean, pieces: Pieces): Promise<void> {
    const { room, logger } = this.#options;
    if (speaker === undefined || !room.isConnected || room.localParticipant === undefined) return;
    const trackSid = [...speaker.trackPublications.values()].find(
      ({ source }) => source === TrackSource.SOURCE_MICROPHONE,
    )?.sid;
    try {
      const writer = await room.localParticipant.streamText({
        topic: TOPIC,
        senderIdentity: speaker.identity,
        attributes: {
          [SEGMENT_ATTRIBUTE]: segment,
          [FINAL_ATTRIBUTE]: String(isFinal),
          ...(trackSid !== undefined && { [TRACK_ATTRIBUTE]: trackSid }),
        },
      });
      for await (const piece of pieces) await writer.write(piece);
      await writer.close();
    } catch (error) {
      if (!this.#isClosed) logger.warn({ error }, 'what was said could not be shown to the room');
    }
  }
}

/** What is new of a speech each time, until it has ended. */
async function* piecesOf(shown: Shown): AsyncGenerator<string> {
  let given = 0;
  for (;;) {
    const piece = shown.text.slice(given);
    given = shown.text.length;
    if (piece !== '') {
      yield piece;
      continue;
    }
    if (shown.hasEnded) return;
    await new Promise<void>((resolve) => {
      shown.wake = resolve;
    });
  }
}
