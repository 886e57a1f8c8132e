/** A phrase: a text that is said often enough to be synthesised once and kept. */
import { takesEmotion } from '../providers/cartesia-messages.js';
import type { Emotion } from '../turn/emotion.js';
import type { SpokenWord } from '../turn/heard-text.js';

export interface Phrase {
  readonly text: string;
  /** 16 bit, mono, at the rate of its {@link PhraseKey}. Shared by all who say it: never write to it. */
  readonly samples: Int16Array;
  /** Times in ms from the first sample. */
  readonly words: readonly SpokenWord[];
}

/** What a synthesiser gives for a text. */
export type SynthesisedPhrase = Omit<Phrase, 'text'>;

/** Says one text. @throws {@link PhraseError} or anything else, which is then tried again. */
export type SynthesisePhrase = (text: string, signal?: AbortSignal) => Promise<SynthesisedPhrase>;

/** Whose voice it is. What differs in any of these sounds different and is kept apart. */
export interface PhraseKey {
  readonly provider: string;
  readonly model: string;
  readonly voice: string;
  /** As the provider is told it. */
  readonly language: string;
  /** Server that speaks, without credentials: a local stand-in answers to the vendor's names, and sounds of its own. */
  readonly endpoint: string;
  readonly sampleRateHz: number;
  /** Absent: spoken as the model does by itself. */
  readonly emotion?: Emotion | undefined;
}

/** Longest text kept, in characters, and longest sound, in ms: a long greeting fits, a read-out has no business here. */
export const MAX_PHRASE_CHARACTERS = 1_000;
export const MAX_PHRASE_MS = 60_000;

/** A phrase could not be made. Its message names neither key nor text. */
export class PhraseError extends Error {
  readonly code = 'PHRASE';
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Whether the synthesiser did answer, but without a sound. */
  readonly isMute: boolean;

  constructor(
    message: string,
    options: { readonly retryable: boolean; readonly isMute?: boolean; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'PhraseError';
    this.retryable = options.retryable;
    this.isMute = options.isMute ?? false;
  }
}

/**
 * The key of a provider's settings.
 * @param language - BCP 47 tag; the providers are told its first part.
 */
export function phraseKey(
  settings: { readonly provider: string; readonly model: string; readonly voice: string; readonly baseUrl: string },
  language: string,
  sampleRateHz: number,
): PhraseKey {
  const { provider, model, voice, baseUrl } = settings;
  const { host, pathname } = new URL(baseUrl);
  const endpoint = `${host}${pathname.replace(/\/+$/, '')}`;
  return { provider, model, voice, language: primaryLanguage(language), endpoint, sampleRateHz };
}

/** The same voice in an emotion; as it is where its model takes none. */
export function inEmotion(key: PhraseKey, emotion: Emotion | undefined): PhraseKey {
  return emotion === undefined || !takesEmotion(key) ? key : { ...key, emotion };
}

/** `en` of `en-US`. */
export function primaryLanguage(language: string): string {
  return language.split('-')[0]?.toLowerCase() || 'en';
}
