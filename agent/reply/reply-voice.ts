/**
 * Text in, voice out, for one reply: the first clause goes to the synthesiser as soon as it is safe, later sentences whole, in
 * one streaming context; phrases that are synthesised already are taken from the cache. The framework's own node releases a
 * sentence only once the next has begun (tokenize/token_stream.ts:234 of 1.8.1).
 */
import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { AudioFrame } from '@livekit/rtc-node';
import type { Phrase } from '../phrases/phrase.js';
import { type OnVoiceSign, type Utterance, VOICE_RATE_HZ, VoiceError } from '../providers/voice.js';
import { cutForVoice } from '../turn/clauses.js';
import { type Spoken, tieFrame } from './spoken.js';

/** How much of the text may be said already: a speculated reply says little before it is known to be wanted. */
export type Allowance = 'nothing' | 'first-clause' | 'everything';

export interface ReplyVoiceOptions {
  /** `isSpeculative`: nobody has come to want the reply yet. */
  readonly open: (how: { readonly isSpeculative: boolean; readonly onSign: OnVoiceSign }) => Utterance;
  readonly spoken: Spoken;
  /** Off, the whole text is waited for. */
  readonly cutsClauses: boolean;
  readonly allowance: Allowance;
  /** Told whenever more of the text goes to the synthesiser. */
  readonly onSaying: (text: string) => void;
  /** The synthesiser is asked for its first sound. */
  readonly onAsked?: () => void;
  /** The synthesiser's first sound is there. */
  readonly onSounded?: () => void;
  /** The synthesiser has failed; what is said instead of the rest, if anything. */
  readonly onFailed: () => Phrase | undefined;
}

export class ReplyVoice {
  /** To be read once; cancelling it ends the synthesis. */
  readonly frames: ReadableStream<AudioFrame>;
  readonly #options: ReplyVoiceOptions;
  #controller: ReadableStreamDefaultController<AudioFrame> | undefined;
  #utterance: Utterance | undefined;
  /** Where in the text the utterance begins. */
  #utteranceFrom = 0;
  #allowance: Allowance;
  /** Text that is not cut yet. */
  #pending = '';
  #hasCut = false;
  #hasSounded = false;
  #emittedSamples = 0;
  /** Of the text itself, not of a phrase before it. */
  #hasOwnSound = false;
  #hasFailed = false;
  #isEnded = false;
  #isClosed = false;

  constructor(options: ReplyVoiceOptions) {
    this.#options = options;
    this.#allowance = options.allowance;
    this.frames = new ReadableStream<AudioFrame>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.cancel(),
    });
  }

  /** Characters that the synthesiser was given. */
  get charactersSent(): number {
    return this.#utterance?.charactersSent ?? 0;
  }

  /** Whether there is sound of the text itself. */
  get hasOwnSound(): boolean {
    return this.#hasOwnSound;
  }

  /** Whether the synthesiser could not say all of it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /**
   * Says a phrase from the cache, before anything of the text.
   * @param text - As it stands in the reply's text, with the space behind it.
   * @returns Whether that was still possible.
   */
  begin(phrase: Phrase, text: string): boolean {
    // Text that waits for its first cut comes before it, too.
    if (this.#hasSounded || this.#hasCut || this.#isClosed || this.#pending.trim() !== '') return false;
    const { spoken } = this.#options;
    spoken.text += text;
    spoken.words.push(...phrase.words);
    spoken.openingMs += (phrase.samples.length * 1_000) / VOICE_RATE_HZ;
    this.#options.onSaying(spoken.text);
    this.#emit(phrase.samples);
    return true;
  }

  /** Sounds a phrase before the reply's own first sound, which is late; it is no part of the text. @returns Whether it did. */
  interject(phrase: Phrase): boolean {
    if (this.#hasOwnSound || this.#isClosed) return false;
    this.#options.spoken.openingMs += (phrase.samples.length * 1_000) / VOICE_RATE_HZ;
    this.#emit(phrase.samples);
    return true;
  }

  write(text: string): void {
    if (this.#isEnded || this.#isClosed) return;
    this.#pending += text;
    this.#cut();
  }

  /** The text is complete. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#cut();
  }

  /** The reply is wanted: everything of it may be said. */
  allow(allowance: Allowance): void {
    this.#allowance = allowance;
    if (allowance === 'everything') this.#utterance?.adopt();
    this.#cut();
  }

  /** Ends it without a further sound. */
  cancel(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#utterance?.cancel();
    try {
      this.#controller?.close();
    } catch {
      // The reader has gone first.
    }
  }

  #cut(): void {
    if (this.#isClosed) return;
    const isAll = this.#allowance === 'everything';
    if (!isAll && this.#hasCut) return;
    if (!this.#options.cutsClauses && !this.#isEnded) return;
    const { pieces, rest } = cutForVoice(this.#pending, { isFirst: !this.#hasCut, isEnd: this.#isEnded });
    if (pieces.some((piece) => piece !== '')) this.#options.spoken.mark('firstClauseAtMs');
    if (this.#allowance === 'nothing') return;
    const said = isAll ? pieces : pieces.slice(0, 1);
    this.#pending = pieces.slice(said.length).join('') + rest;
    for (const piece of said) this.#say(piece);
    const isComplete = this.#isEnded && this.#pending === '';
    if (!isComplete) return;
    if (this.#utterance === undefined) this.#close();
    else this.#utterance.end();
  }

  #say(piece: string): void {
    if (piece === '') return;
    const { spoken, onSaying } = this.#options;
    spoken.mark('ttsRequestedAtMs');
    if (this.#utterance === undefined) this.#utteranceFrom = spoken.text.length;
    spoken.text += piece;
    this.#hasCut = true;
    onSaying(spoken.text);
    if (this.#utterance === undefined) {
      this.#utterance = this.#options.open({
        // The model may have been so late that the reply was wanted before there was anything to say.
        isSpeculative: this.#allowance !== 'everything',
        onSign: (sign, of) => {
          if (sign === 'byte') spoken.noteAnswer('tts', of);
          spoken.mark(sign === 'byte' ? 'firstByteAtMs' : 'firstAudibleAtMs');
        },
      });
      void this.#pump(this.#utterance);
      this.#options.onAsked?.();
    }
    this.#utterance.push(piece);
  }

  async #pump(utterance: Utterance): Promise<void> {
    const { spoken } = this.#options;
    try {
      for await (const { samples, words } of utterance.chunks) {
        if (this.#isClosed) return;
        for (const { word, endMs } of words) spoken.words.push({ word, endMs: endMs + spoken.openingMs });
        if (samples.length === 0) continue;
        const isFirst = !this.#hasOwnSound;
        this.#hasOwnSound = true;
        if (isFirst) this.#options.onSounded?.();
        this.#emit(samples);
      }
    } catch (error) {
      // What failed, and why, the voice has told already.
      if (this.#isClosed) return;
      this.#breakOff(error instanceof VoiceError ? error.soundedCharacters : 0);
    }
    this.#close();
  }

  /** @param characters - Of the utterance, as far as it has sounded. */
  #breakOff(characters: number): void {
    const { spoken, onFailed, onSaying } = this.#options;
    this.#hasFailed = true;
    const instead = onFailed();
    spoken.breakOff(this.#utteranceFrom + characters, {
      atMs: (this.#emittedSamples * 1_000) / VOICE_RATE_HZ,
      instead,
    });
    onSaying(spoken.said);
    if (instead !== undefined) this.#emit(instead.samples);
  }

  #emit(samples: Int16Array): void {
    const { spoken } = this.#options;
    this.#hasSounded = true;
    this.#emittedSamples += samples.length;
    const frame = new AudioFrame(samples, VOICE_RATE_HZ, 1, samples.length);
    tieFrame(frame, spoken);
    this.#controller?.enqueue(frame);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#controller?.close();
  }
}
