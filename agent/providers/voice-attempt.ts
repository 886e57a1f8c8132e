/** One try to have a text spoken by one provider, in one context: what it was given, and what came of it. */
import type { Clock } from '../conversation/clock.js';
import type { AnsweredBy } from '../turn/answered-by.js';
import type { Emotion } from '../turn/emotion.js';
import type { LinkedContext } from './cartesia-link.js';
import type { TimedWord } from './cartesia-messages.js';
import type { CartesiaError, ContextEvents } from './cartesia-socket.js';
import type { VoiceProvider } from './voice-provider.js';
import { isPerhapsAllSaid, isSpeakable, saidUpTo } from './voice-resume.js';
import { VoiceSound } from './voice-sound.js';

export interface AttemptEvents {
  readonly onSound: (attempt: VoiceAttempt, samples: Int16Array) => void;
  readonly onDone: (attempt: VoiceAttempt) => void;
  readonly onFailure: (attempt: VoiceAttempt, error: CartesiaError) => void;
  readonly onSent: (attempt: VoiceAttempt, characters: number) => void;
}

export interface AttemptOptions {
  readonly provider: VoiceProvider;
  /** Where in the utterance's text it begins. */
  readonly from: number;
  readonly isHedge: boolean;
  readonly emotion: Emotion | undefined;
  readonly trimsSilence: boolean;
  readonly clock: Clock;
  readonly events: AttemptEvents;
}

export class VoiceAttempt {
  readonly provider: VoiceProvider;
  readonly from: number;
  readonly isHedge: boolean;
  readonly startedAtMs: number;
  readonly sound: VoiceSound;
  readonly #clock: Clock;
  readonly #context: LinkedContext;
  readonly #words: TimedWord[] = [];
  #given = '';
  /** How much had been given when the last sound came: the sound of what was given since is outstanding. */
  #givenAtLastSound = 0;
  /** When something last came or went, in ms. */
  #stirredAtMs: number;

  constructor({ provider, from, isHedge, emotion, trimsSilence, clock, events }: AttemptOptions) {
    this.provider = provider;
    this.from = from;
    this.isHedge = isHedge;
    this.startedAtMs = clock.nowMs();
    this.sound = new VoiceSound(trimsSilence);
    this.#clock = clock;
    this.#stirredAtMs = this.startedAtMs;
    const heard: ContextEvents = {
      onAudio: (samples) => {
        if (samples.length === 0) return;
        this.#stirredAtMs = clock.nowMs();
        this.#givenAtLastSound = this.#given.length;
        events.onSound(this, samples);
      },
      onWords: (words) => {
        this.#words.push(...words);
        this.sound.noteWords(words);
      },
      onDone: () => events.onDone(this),
      onFailure: (error) => events.onFailure(this, error),
      onSent: (characters) => events.onSent(this, characters),
    };
    this.#context = provider.link.open(heard, emotion);
  }

  /** Who was asked, and when. */
  get askedOf(): AnsweredBy {
    const { provider, model } = this.provider.settings;
    return { provider, model, askedAtMs: this.startedAtMs };
  }

  get stirredAtMs(): number {
    return this.#stirredAtMs;
  }

  give(text: string): void {
    this.#given += text;
    this.#stirredAtMs = this.#clock.nowMs();
    this.#context.send(text);
  }

  end(): void {
    this.#stirredAtMs = this.#clock.nowMs();
    this.#context.end();
  }

  cancel(): void {
    this.#context.cancel();
  }

  /** Whatever comes next goes over a fresh socket: the silence may be the socket's. */
  distrustSocket(): void {
    this.#context.distrust();
  }

  /** Where in the utterance's text the first word stands whose sound did not come whole. */
  get saidUpTo(): number {
    return this.from + saidUpTo(this.#given, this.#words, this.sound.receivedMs);
  }

  /** Where the text begins that was given since the last sound came. */
  get soundedUpTo(): number {
    return this.from + this.#givenAtLastSound;
  }

  /** Whether all it was given has come for certain, as the words tell. */
  get isAllSaid(): boolean {
    return this.#hasSoundedAll && !isSpeakable(this.#given.slice(this.saidUpTo - this.from));
  }

  /** Whether it may have come, so that a pause is no sign of trouble. */
  get isPerhapsAllSaid(): boolean {
    return this.#hasSoundedAll && isPerhapsAllSaid(this.#given, this.#words, this.sound.receivedMs);
  }

  get #hasSoundedAll(): boolean {
    return !isSpeakable(this.#given.slice(this.#givenAtLastSound));
  }
}
