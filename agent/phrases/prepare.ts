/**
 * Makes the phrases that are not on disk yet: once, in the background, by the worker's parent, so that the first call finds
 * them. A synthesiser that fails is asked again later; the worker goes on without.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmotionOf } from '../turn/emotion.js';
import { PhraseError, type PhraseKey, type SynthesisePhrase } from './phrase.js';
import { PhraseCache, type PhraseCacheOptions } from './phrase-cache.js';

/** What became of one phrase. */
export type PhraseProgress =
  | { readonly kind: 'made' }
  /** Tried again in so many ms. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly againInMs: number }
  /** Not tried again: the synthesiser will never say it. */
  | { readonly kind: 'refused'; readonly error: unknown };

/** Texts that are said in one way. */
export interface PhraseSet {
  readonly texts: readonly string[];
  readonly synthesise: SynthesisePhrase;
  /** In which emotion the voice says each text. None by default. */
  readonly emotionOf?: EmotionOf;
}

export interface PrepareOptions extends Omit<PhraseCacheOptions, 'emotionOf'> {
  readonly folder: string;
  readonly key: PhraseKey;
  /** The first one's first; what fails waits behind all of them. */
  readonly sets: readonly PhraseSet[];
  /** Requests at once; the synthesiser may allow few in all, and calls come first. 1 by default. */
  readonly concurrency?: 1 | 2;
  readonly onProgress?: (progress: PhraseProgress) => void;
  /** Ends the work. */
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts. */
  readonly rest?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

export interface Prepared {
  /** Different texts that were asked for, by set. */
  readonly texts: number;
  /** Of them, those that were there already, those made now, and those that will never be. */
  readonly found: number;
  readonly made: number;
  readonly refused: number;
}

const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 300_000;
/** A text that was answered without a sound so often is one that is never said; each try is paid for. */
const MUTE_TRIES = 5;

/** How long to rest after so many failures in a row, in ms: 1 s, doubled with each further one up to 5 minutes. */
export function restMs(failuresInARow: number): number {
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(16, Math.max(0, failuresInARow - 1)));
}

/**
 * Prepares phrases.
 * @returns What was done when all are there, or the signal has aborted. Never rejects, and holds no process open by its rests.
 */
export async function preparePhrases(options: PrepareOptions): Promise<Prepared> {
  const { concurrency = 1, onProgress, signal, rest = unreferencedRest } = options;
  const done = { texts: 0, found: 0, made: 0, refused: 0 };
  const missing: Missing[] = [];
  for (const set of options.sets) {
    const { wanted, lacking } = await lookFor(set, options);
    done.texts += wanted;
    done.found += wanted - lacking.length;
    missing.push(...lacking);
  }
  let failuresInARow = 0;
  const makeOne = async (phrase: Missing): Promise<void> => {
    const { text, synthesise, cache } = phrase;
    try {
      await cache.add(text, () => synthesise(text, signal));
      failuresInARow = 0;
      done.made += 1;
      onProgress?.({ kind: 'made' });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof PhraseError && error.isMute) phrase.muteTries += 1;
      if (error instanceof PhraseError && (!error.retryable || phrase.muteTries >= MUTE_TRIES)) {
        done.refused += 1;
        onProgress?.({ kind: 'refused', error });
        return;
      }
      // To the end of the queue: another text may be one that works.
      missing.push(phrase);
      failuresInARow += 1;
      const againInMs = restMs(failuresInARow);
      onProgress?.({ kind: 'failed', error, againInMs });
      await rest(againInMs, signal).catch(() => undefined);
    }
  };
  const makeAll = async (): Promise<void> => {
    for (let next = missing.shift(); next !== undefined && !signal.aborted; next = missing.shift()) await makeOne(next);
  };
  await Promise.all(Array.from({ length: concurrency }, makeAll));
  return done;
}

interface Missing extends Pick<PhraseSet, 'synthesise'> {
  readonly text: string;
  readonly cache: PhraseCache;
  /** How often it was answered without a sound. */
  muteTries: number;
}

async function lookFor(
  { texts, synthesise, emotionOf }: PhraseSet,
  options: PrepareOptions,
): Promise<{ readonly wanted: number; readonly lacking: readonly Missing[] }> {
  const wanted = [...new Set(texts)];
  const cache = await PhraseCache.open(options.folder, options.key, wanted, {
    ...options,
    ...(emotionOf && { emotionOf }),
  });
  const lacking = wanted.filter((text) => cache.get(text) === undefined);
  return { wanted: wanted.length, lacking: lacking.map((text) => ({ text, synthesise, cache, muteTries: 0 })) };
}

async function unreferencedRest(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal, ref: false });
}
