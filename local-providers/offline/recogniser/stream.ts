/** One recognition stream over one child: holds what is written until the child is there, and turns its messages into events. */

import type { RecognisedSegment, RecognitionEvent, RecognitionOptions, RecognitionStream } from '../../engine.js';
import type { RecogniserChild } from './child-process.js';
import { deferred } from './deferred.js';
import { type ChildMessage, encodeAudio, encodeFrame } from './framing.js';
import { StreamResampler } from './stream-resampler.js';

/** Rate of PocketSphinx's English model, in Hz. */
const MODEL_SAMPLE_RATE_HZ = 16_000;

/** A child answers a close within its last sentence's decoding; one that hangs is ended after this, in ms. */
const CLOSE_DEADLINE_MS = 5_000;

/** Audio kept for a child that is still loading, in bytes: half a minute, far more than loading takes. */
const HELD_LIMIT_BYTES = 960_000;

type ChildSegment = Extract<ChildMessage, { kind: 'final' }>['segment'];

export class ChildStream implements RecognitionStream {
  readonly #onEvent: (event: RecognitionEvent) => void;
  readonly #onEnd: () => void;
  readonly #resampler: StreamResampler;
  readonly #closed = deferred();
  #child: RecogniserChild | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isOpen = true;
  #isClosing = false;

  constructor(options: RecognitionOptions, onEvent: (event: RecognitionEvent) => void, onEnd: () => void) {
    this.#onEvent = onEvent;
    this.#onEnd = onEnd;
    this.#resampler = new StreamResampler(options.sampleRateHz, MODEL_SAMPLE_RATE_HZ);
    const { endpointingMs, interimResults, utteranceEndMs = null } = options;
    this.#send(encodeFrame('O', Buffer.from(JSON.stringify({ endpointingMs, interimResults, utteranceEndMs }))));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Gives the stream its child; the child is the stream's from then on. */
  attach(child: RecogniserChild): void {
    this.#child = child;
    child.listen({ onMessage: (message) => this.#receive(message), onGone: (error) => this.fail(error) });
    for (const frame of this.#held) child.send(frame);
    this.#held = [];
    this.#heldBytes = 0;
  }

  write(samples: Int16Array): void {
    if (this.#isClosing) return;
    const audio = this.#resampler.push(samples);
    if (audio.length > 0) this.#send(encodeAudio(audio));
  }

  finalize(): void {
    if (!this.#isClosing) this.#send(encodeFrame('F'));
  }

  async close(): Promise<void> {
    if (!this.#isClosing && this.#isOpen) {
      this.#isClosing = true;
      const rest = this.#resampler.flush();
      if (rest.length > 0) this.#send(encodeAudio(rest));
      this.#send(encodeFrame('C'));
      const deadline = setTimeout(
        () => this.fail(new Error('The recogniser did not end its stream in time.')),
        CLOSE_DEADLINE_MS,
      );
      this.#closed.promise.then(() => clearTimeout(deadline));
    }
    await this.#closed.promise;
  }

  abort(): void {
    this.#end();
  }

  /** The stream cannot go on: tells its owner, unless it has ended already. */
  fail(error: Error): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#onEvent({ kind: 'failed', error });
  }

  #send(frame: Buffer): void {
    if (!this.#isOpen) return;
    if (this.#child !== undefined) {
      this.#child.send(frame);
      return;
    }
    this.#held.push(frame);
    this.#heldBytes += frame.byteLength;
    if (this.#heldBytes > HELD_LIMIT_BYTES) this.fail(new Error('The recogniser took too long to load. Try again.'));
  }

  #receive(message: ChildMessage): void {
    if (!this.#isOpen) return;
    switch (message.kind) {
      case 'ready':
        return;
      case 'closed':
        this.#end();
        return;
      case 'interim':
        this.#onEvent({ kind: 'interim', segment: written(message.segment, false) });
        return;
      case 'final': {
        const { speechFinal, fromFinalize } = message;
        this.#onEvent({ kind: 'final', segment: written(message.segment, speechFinal), speechFinal, fromFinalize });
        return;
      }
      default:
        this.#onEvent(message);
    }
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#isClosing = true;
    this.#held = [];
    this.#child?.kill();
    this.#closed.resolve();
    this.#onEnd();
  }
}

/** As text is written: the first letter of a sentence and every "I" large, a full stop where the speaker stopped. */
function written(segment: ChildSegment, isSentenceEnd: boolean): RecognisedSegment {
  const last = segment.words.length - 1;
  const words = segment.words.map((word, index) => {
    const isLarge = index === 0 || /^i('|$)/.test(word.word);
    const capitalised = isLarge ? word.word.charAt(0).toUpperCase() + word.word.slice(1) : word.word;
    return { ...word, punctuatedWord: isSentenceEnd && index === last ? `${capitalised}.` : capitalised };
  });
  return { ...segment, words };
}
