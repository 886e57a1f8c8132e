/** The sound of one attempt: leading silence left out, each word given on with the samples that hold its end. */

import type { SpokenWord } from '../turn/heard-text.js';
import { endOfVoice, isHeard, startOfVoice, trimSilence } from '../turn/leading-silence.js';
import { type TimedWord, VOICE_RATE_HZ } from './cartesia-messages.js';
import { isWhole } from './voice-resume.js';

export interface VoiceChunk {
  /** 24 kHz, mono, as they arrive; none where words came later than their sound. */
  readonly samples: Int16Array;
  /** Times in ms from the utterance's first sample. A word is named once its sound is given on whole, and once only. */
  readonly words: readonly SpokenWord[];
}

export class VoiceSound {
  readonly #trims: boolean;
  #silence = startOfVoice(VOICE_RATE_HZ);
  #waiting: TimedWord[] = [];
  #receivedSamples = 0;
  #emittedSamples = 0;
  #isHeard = false;

  /** @param trims - Whether leading silence is left out. */
  constructor(trims: boolean) {
    this.#trims = trims;
  }

  get receivedMs(): number {
    return toMs(this.#receivedSamples);
  }

  get emittedMs(): number {
    return toMs(this.#emittedSamples);
  }

  /** Whether anything audible was given on. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  noteWords(words: readonly TimedWord[]): void {
    this.#waiting.push(...words);
  }

  /** @param beginsMs - Where in the utterance this attempt's sound begins. */
  take(samples: Int16Array, beginsMs: number): VoiceChunk | undefined {
    this.#receivedSamples += samples.length;
    if (!this.#trims) return this.#emit(samples, beginsMs);
    const step = trimSilence(this.#silence, samples);
    this.#silence = step.state;
    return this.#emit(step.samples, beginsMs);
  }

  /** What is left at a good end: silence held back, and words whose times came late. */
  end(beginsMs: number): VoiceChunk | undefined {
    const { state, samples } = endOfVoice(this.#silence);
    this.#silence = state;
    const chunk = this.#trims ? samples : new Int16Array(0);
    this.#emittedSamples += chunk.length;
    const words = this.#waiting.splice(0);
    if (chunk.length === 0 && words.length === 0) return undefined;
    return { samples: chunk, words: words.map((word) => this.#place(word, beginsMs)) };
  }

  /** What is left where the rest is said by another attempt: words that came whole, their times late. */
  breakOff(beginsMs: number): VoiceChunk | undefined {
    const words = this.#takeWhole(beginsMs);
    return words.length === 0 ? undefined : { samples: new Int16Array(0), words };
  }

  #emit(samples: Int16Array, beginsMs: number): VoiceChunk | undefined {
    if (samples.length === 0) return undefined;
    this.#emittedSamples += samples.length;
    this.#isHeard ||= isHeard(samples, VOICE_RATE_HZ);
    return { samples, words: this.#takeWhole(beginsMs) };
  }

  #takeWhole(beginsMs: number): SpokenWord[] {
    const reachedMs = this.emittedMs + toMs(this.#dropped);
    const next = this.#waiting.findIndex(({ endMs }) => !isWhole(endMs, reachedMs));
    const whole = this.#waiting.splice(0, next === -1 ? this.#waiting.length : next);
    return whole.map((word) => this.#place(word, beginsMs));
  }

  get #dropped(): number {
    return this.#trims ? this.#silence.droppedSamples : 0;
  }

  #place({ word, endMs }: TimedWord, beginsMs: number): SpokenWord {
    return { word, endMs: beginsMs + Math.max(0, endMs - toMs(this.#dropped)) };
  }
}

function toMs(samples: number): number {
  return (samples * 1_000) / VOICE_RATE_HZ;
}
