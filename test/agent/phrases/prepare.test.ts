import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { PhraseError } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import {
  type PhraseProgress,
  type PhraseSet,
  type PrepareOptions,
  preparePhrases,
  restMs,
} from '../../../agent/phrases/prepare.js';
import { KEY, soundOf, temporaryFolder } from './support.js';

const TEXTS = ['Hello.', 'One moment.', 'Sure,', 'Okay,'];
const synthesise = async (text: string) => soundOf(text);

function prepare(
  folder: string,
  { texts = TEXTS, synthesise: made = synthesise, ...options }: Partial<PrepareOptions & PhraseSet> = {},
) {
  const progress: PhraseProgress[] = [];
  const rests: number[] = [];
  const prepared = preparePhrases({
    ...{ folder, key: KEY, sets: [{ texts, synthesise: made }], signal: new AbortController().signal },
    rest: async (durationMs) => void rests.push(durationMs),
    onProgress: (event) => progress.push(event),
    ...options,
  });
  return { prepared, progress, rests, kinds: () => progress.map(({ kind }) => kind) };
}

describe('preparing phrases', () => {
  it('makes what is missing, so that the next process finds all of it', async () => {
    const folder = await temporaryFolder();
    const call = await PhraseCache.open(folder, KEY, TEXTS);
    await call.add('Sure,', synthesise);
    const asked = vi.fn(synthesise);
    const { prepared, kinds } = prepare(folder, { synthesise: asked, texts: [...TEXTS, 'Hello.'] });
    expect(await prepared).toEqual({ texts: 4, found: 1, made: 3, refused: 0 });
    expect(kinds()).toEqual(['made', 'made', 'made']);
    expect(asked).toHaveBeenCalledTimes(3);
    expect(await call.refresh(TEXTS)).toBe(4);
    expect(await prepare(folder).prepared).toEqual({ texts: 4, found: 4, made: 0, refused: 0 });
  });

  it.each([1, 2] as const)('asks for %i at once and no more', async (concurrency) => {
    let running = 0;
    let most = 0;
    const enough = new AbortController();
    const { prepared } = prepare(await temporaryFolder(), {
      concurrency,
      synthesise: async (text) => {
        running += 1;
        most = Math.max(most, running);
        if (running === concurrency) enough.abort();
        // Each reads the disk first, and one may be done before the other begins.
        if (!enough.signal.aborted) await once(enough.signal, 'abort');
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return soundOf(text);
      },
    });
    await prepared;
    expect(most).toBe(concurrency);
  });

  it('tries again after growing rests, the others meanwhile, and begins anew after a success', async () => {
    let left = 3;
    const order: string[] = [];
    const { prepared, rests, kinds } = prepare(await temporaryFolder(), {
      synthesise: async (text) => {
        order.push(text);
        if (text === 'Hello.' || left > 1) {
          left -= 1;
          if (left >= 0) throw new Error('away');
        }
        return soundOf(text);
      },
    });
    expect(await prepared).toEqual({ texts: 4, found: 0, made: 4, refused: 0 });
    expect(order.slice(0, 3)).toEqual(['Hello.', 'One moment.', 'Sure,']);
    expect(order.filter((text) => text === 'Hello.').length).toBe(3);
    expect(rests).toEqual([1_000, 2_000, 1_000]);
    expect(kinds().filter((kind) => kind === 'failed').length).toBe(3);
  });

  it('makes what is said otherwise, too, while one text fails', async () => {
    const asked: string[] = [];
    const set = (way: 'plain' | 'content'): PhraseSet => ({
      texts: ['Hello.', 'Okay,'],
      ...(way === 'content' && { emotionOf: () => way }),
      synthesise: async (text) => {
        asked.push(`${way} ${text}`);
        if (way === 'plain' && text === 'Hello.' && asked.length < 6) throw new Error('never sounds');
        return soundOf(text);
      },
    });
    const { prepared } = prepare(await temporaryFolder(), { sets: [set('plain'), set('content')] });
    expect(await prepared).toEqual({ texts: 4, found: 0, made: 4, refused: 0 });
    expect(asked.slice(0, 5)).toEqual([
      'plain Hello.',
      'plain Okay,',
      'content Hello.',
      'content Okay,',
      'plain Hello.',
    ]);
  });

  it('gives up what has no sound five times, and goes on asking where nobody answers', async () => {
    const asked: Record<string, number> = {};
    const { prepared, kinds } = prepare(await temporaryFolder(), {
      synthesise: async (text) => {
        const times = (asked[text] ?? 0) + 1;
        asked[text] = times;
        if (text === 'Hello.') throw new PhraseError('no sound', { retryable: true, isMute: true });
        if (text === 'Okay,' && times < 8) throw new PhraseError('away', { retryable: true });
        return soundOf(text);
      },
    });
    expect(await prepared).toEqual({ texts: 4, found: 0, made: 3, refused: 1 });
    expect(asked).toMatchObject({ 'Hello.': 5, 'Okay,': 8 });
    expect(kinds().filter((kind) => kind === 'refused').length).toBe(1);
  });

  it('gives up what the provider will never say, and only that', async () => {
    const { prepared, rests } = prepare(await temporaryFolder(), {
      synthesise: async (text) => {
        if (text === 'Sure,') throw new PhraseError('No.', { retryable: false });
        return soundOf(text);
      },
    });
    expect(await prepared).toEqual({ texts: 4, found: 0, made: 3, refused: 1 });
    expect(rests).toEqual([]);
  });

  it('stops in its rest when it is told to', async () => {
    const stop = new AbortController();
    const { prepared } = prepare(await temporaryFolder(), {
      signal: stop.signal,
      rest: (_durationMs, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          stop.abort();
        }),
      synthesise: () => Promise.reject(new Error('away')),
    });
    expect(await prepared).toEqual({ texts: 4, found: 0, made: 0, refused: 0 });
  });

  it('stops in the midst of a request, with its own rest as without', async () => {
    const stop = new AbortController();
    const prepared = preparePhrases({
      ...{ folder: await temporaryFolder(), key: KEY, signal: stop.signal },
      sets: [
        {
          texts: TEXTS,
          synthesise: (_text, signal) =>
            new Promise((_resolve, reject) => {
              signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
              queueMicrotask(() => stop.abort());
            }),
        },
      ],
    });
    expect((await prepared).made).toBe(0);
    const failedOnce = new AbortController();
    const resting = preparePhrases({
      ...{ folder: await temporaryFolder(), key: KEY, signal: failedOnce.signal },
      sets: [{ texts: TEXTS, synthesise: () => Promise.reject(new Error('away')) }],
      onProgress: () => setImmediate(() => failedOnce.abort()),
    });
    expect((await resting).made).toBe(0);
  });
});

describe('the rest after failures', () => {
  it('doubles from a second to five minutes', () => {
    expect([1, 2, 3, 8, 9, 10, 1_000].map(restMs)).toEqual([1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000]);
  });
});
