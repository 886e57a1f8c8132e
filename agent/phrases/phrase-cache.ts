/**
 * Phrases that are synthesised once and then said from memory: kept on disk for the next process, by text, voice, emotion and form.
 * What is heard from the cache is, sample for sample, what the synthesiser gave.
 */
import type { EmotionOf } from '../turn/emotion.js';
import {
  inEmotion,
  MAX_PHRASE_CHARACTERS,
  type Phrase,
  PhraseError,
  type PhraseKey,
  type SynthesisePhrase,
} from './phrase.js';
import { decodePhrase, encodePhrase, maxFileBytes, maxSamples, phraseFileName } from './phrase-file.js';
import { type FolderLimits, PhraseFolder } from './phrase-folder.js';

export interface PhraseCacheOptions {
  /** Told once when the disk fails: phrases are then made anew by each process, and said all the same. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: FolderLimits;
  /** In which emotion the voice says each text. None by default. */
  readonly emotionOf?: EmotionOf;
}

/** Phrases held in memory by one process, and their samples in bytes: some fifty of 2 s are 5 MB. */
const MAX_HELD = 200;
const MAX_HELD_BYTES = 64 * 2 ** 20;

export class PhraseCache {
  readonly #folder: PhraseFolder;
  readonly #key: PhraseKey;
  readonly #emotionOf: EmotionOf;
  readonly #onError: (error: unknown) => void;
  #hasToldError = false;
  /** By text, the one not asked for longest first. */
  readonly #held = new Map<string, Phrase>();
  #heldBytes = 0;
  readonly #adding = new Map<string, Promise<Phrase>>();

  private constructor(folder: PhraseFolder, key: PhraseKey, { onError, emotionOf }: PhraseCacheOptions) {
    this.#folder = folder;
    this.#key = key;
    this.#emotionOf = emotionOf ?? (() => undefined);
    this.#onError = onError ?? (() => undefined);
  }

  /**
   * Opens the cache of one voice and reads what is there of these texts.
   * @param folder - Need not be there; another voice may use the same one.
   * @returns Never rejects: what cannot be read is not there.
   */
  static async open(
    folder: string,
    key: PhraseKey,
    texts: readonly string[] = [],
    options: PhraseCacheOptions = {},
  ): Promise<PhraseCache> {
    const cache = new PhraseCache(new PhraseFolder(folder, options.limits), key, options);
    await cache.refresh(texts);
    return cache;
  }

  /**
   * The cache of the same voice that speaks in other emotions: phrases that sound alike are taken along, others are there
   * after the next {@link refresh}.
   */
  speaking(emotionOf: EmotionOf): PhraseCache {
    const other = new PhraseCache(this.#folder, this.#key, { onError: this.#onError, emotionOf });
    for (const phrase of this.#held.values()) {
      if (other.#keyOf(phrase.text).emotion === this.#keyOf(phrase.text).emotion) other.#hold(phrase);
    }
    return other;
  }

  /** Sample rate of every phrase, in Hz. */
  get sampleRateHz(): number {
    return this.#key.sampleRateHz;
  }

  /** The phrase, from memory; `undefined` when it was not there at the last {@link refresh} and was not added. */
  get(text: string): Phrase | undefined {
    const phrase = this.#held.get(text);
    if (phrase === undefined) return undefined;
    this.#held.delete(text);
    this.#held.set(text, phrase);
    return phrase;
  }

  /**
   * Reads what others have made since. Reads files: call it while nobody waits for sound.
   * @returns How many of the texts are in memory now.
   */
  async refresh(texts: readonly string[]): Promise<number> {
    const wanted = new Set(texts);
    let held = 0;
    for (const text of wanted) {
      if (this.#held.has(text) || (await this.#read(text)) !== undefined) held += 1;
    }
    return held;
  }

  /**
   * The phrase from memory, else from disk, else synthesised and kept. Who asks for the same text meanwhile gets the same.
   * @throws {@link PhraseError} when there is nothing to say or the sound is of no use, and what `synthesise` throws.
   */
  add(text: string, synthesise: SynthesisePhrase): Promise<Phrase> {
    const held = this.get(text);
    if (held !== undefined) return Promise.resolve(held);
    const adding = this.#adding.get(text);
    if (adding !== undefined) return adding;
    const added = this.#add(text, synthesise).finally(() => this.#adding.delete(text));
    this.#adding.set(text, added);
    return added;
  }

  async #add(text: string, synthesise: SynthesisePhrase): Promise<Phrase> {
    if (!/[\p{L}\p{N}]/u.test(text) || text.length > MAX_PHRASE_CHARACTERS) {
      throw new PhraseError(`A phrase has 1 to ${MAX_PHRASE_CHARACTERS} characters with something to say.`, {
        retryable: false,
      });
    }
    const kept = await this.#read(text);
    if (kept !== undefined) return kept;
    const { samples, words } = await synthesise(text);
    if (samples.length === 0 || samples.length > maxSamples(this.#key.sampleRateHz)) {
      throw new PhraseError('The synthesiser gave no sound for a phrase, or far too much.', { retryable: true });
    }
    const phrase: Phrase = { text, samples: samples.slice(), words: words.map(({ word, endMs }) => ({ word, endMs })) };
    this.#hold(phrase);
    try {
      const key = this.#keyOf(text);
      await this.#folder.write(phraseFileName(key, text), encodePhrase(key, phrase));
    } catch (error) {
      this.#tellError(error);
    }
    return phrase;
  }

  async #read(text: string): Promise<Phrase | undefined> {
    try {
      const key = this.#keyOf(text);
      const file = await this.#folder.read(phraseFileName(key, text), maxFileBytes(key.sampleRateHz));
      const phrase = file && decodePhrase(file, key, text);
      if (phrase !== undefined) this.#hold(phrase);
      return phrase;
    } catch (error) {
      this.#tellError(error);
      return undefined;
    }
  }

  #keyOf(text: string): PhraseKey {
    return inEmotion(this.#key, this.#emotionOf(text));
  }

  /** One broken disk fails every phrase alike. */
  #tellError(error: unknown): void {
    if (this.#hasToldError) return;
    this.#hasToldError = true;
    this.#onError(error);
  }

  #hold(phrase: Phrase): void {
    this.#drop(phrase.text);
    this.#held.set(phrase.text, phrase);
    this.#heldBytes += phrase.samples.byteLength;
    for (const text of this.#held.keys()) {
      if (this.#held.size <= MAX_HELD && this.#heldBytes <= MAX_HELD_BYTES) break;
      this.#drop(text);
    }
  }

  #drop(text: string): void {
    this.#heldBytes -= this.#held.get(text)?.samples.byteLength ?? 0;
    this.#held.delete(text);
  }
}
