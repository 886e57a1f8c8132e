/**
 * Makes the phrases that are not on disk yet: once, in the background, by the worker's parent, so that the first call finds
 * them. A synthesiser that fails is asked again later; the worker goes on without.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PhraseError, type PhraseKey, type SynthesisePhrase } from './phrase.js';
import { PhraseCache, type PhraseCacheOptions } from './phrase-cache.js';

/** What became of one phrase. */
export type PhraseProgress =
  | { readonly kind: 'made' }
  /** Tried again in so many ms. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly againInMs: number }
  /** Not tried again: the synthesiser will never say it. */
  | { readonly kind: 'refused'; readonly error: unknown };

export interface PrepareOptions extends PhraseCacheOptions {
  readonly folder: string;
  readonly key: PhraseKey;
  readonly texts: readonly string[];
  readonly synthesise: SynthesisePhrase;
  /** Requests at once; the synthesiser may allow few in all, and calls come first. 1 by default. */
  readonly concurrency?: 1 | 2;
  readonly onProgress?: (progress: PhraseProgress) => void;
  /** Ends the work. */
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts. */
  readonly rest?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

export interface Prepared {
  /** Different texts that were asked for. */
  readonly texts: number;
  /** Of them, those that were there already, those made now, and those that will never be. */
  readonly found: number;
  readonly made: number;
  readonly refused: number;
}

const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 300_000;

/** How long to rest after so many failures in a row, in ms: 1 s, doubled with each further one up to 5 minutes. */
export function restMs(failuresInARow: number): number {
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(16, Math.max(0, failuresInARow - 1)));
}

/**
 * Prepares phrases.
 * @returns What was done when all are there, or the signal has aborted. Never rejects, and holds no process open by its rests.
 */
export async function preparePhrases(options: PrepareOptions): Promise<Prepared> {
  const { folder, key, synthesise, concurrency = 1, onProgress, signal, rest = unreferencedRest } = options;
  const wanted = [...new Set(options.texts)];
  const cache = await PhraseCache.open(folder, key, wanted, options);
  const missing = wanted.filter((text) => cache.get(text) === undefined);
  const done = { texts: wanted.length, found: wanted.length - missing.length, made: 0, refused: 0 };
  let failuresInARow = 0;
  const makeOne = async (text: string): Promise<void> => {
    try {
      await cache.add(text, () => synthesise(text, signal));
      failuresInARow = 0;
      done.made += 1;
      onProgress?.({ kind: 'made' });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof PhraseError && !error.retryable) {
        done.refused += 1;
        onProgress?.({ kind: 'refused', error });
        return;
      }
      // To the end of the queue: another text may be one that works.
      missing.push(text);
      failuresInARow += 1;
      const againInMs = restMs(failuresInARow);
      onProgress?.({ kind: 'failed', error, againInMs });
      await rest(againInMs, signal).catch(() => undefined);
    }
  };
  const makeAll = async (): Promise<void> => {
    for (let text = missing.shift(); text !== undefined && !signal.aborted; text = missing.shift()) await makeOne(text);
  };
  await Promise.all(Array.from({ length: concurrency }, makeAll));
  return done;
}

async function unreferencedRest(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal, ref: false });
}
