import { mkdir, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { PhraseKey } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { phraseFileName } from '../../../agent/phrases/phrase-file.js';
import { emotionsOf } from '../../../agent/turn/emotion.js';
import { KEY, soundOf, temporaryFolder } from './support.js';

const TEXT = 'Hello there.';
const synthesise = async (text: string) => soundOf(text);
const never = () => Promise.reject(new Error('nobody may be asked'));

describe('a phrase', () => {
  it('is in memory once it is added, and sounds as it was made', async () => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    expect(cache.get(TEXT)).toBeUndefined();
    const phrase = await cache.add(TEXT, synthesise);
    expect(phrase).toEqual({ text: TEXT, ...soundOf(TEXT) });
    expect(cache.get(TEXT)).toBe(phrase);
  });

  it('is the same, sample for sample, in the next process, which asks nobody', async () => {
    const folder = await temporaryFolder();
    const first = await PhraseCache.open(folder, KEY);
    const made = await first.add(TEXT, synthesise);
    const second = await PhraseCache.open(folder, KEY, [TEXT, 'Unknown.']);
    expect(second.get(TEXT)).toEqual(made);
    expect(second.get('Unknown.')).toBeUndefined();
    const third = await PhraseCache.open(folder, KEY);
    expect(third.get(TEXT)).toBeUndefined();
    expect(await third.add(TEXT, never)).toEqual(made);
  });

  it('is found by a process that was open before, once it looks again', async () => {
    const folder = await temporaryFolder();
    const early = await PhraseCache.open(folder, KEY, [TEXT]);
    await (await PhraseCache.open(folder, KEY)).add(TEXT, synthesise);
    expect(early.get(TEXT)).toBeUndefined();
    expect(await early.refresh([TEXT, TEXT, 'Unknown.'])).toBe(1);
    expect(early.get(TEXT)).toEqual({ text: TEXT, ...soundOf(TEXT) });
  });

  it.each<[keyof PhraseKey, Partial<PhraseKey>]>([
    ['provider', { provider: 'other' }],
    ['model', { model: 'sonic-2' }],
    ['voice', { voice: 'other' }],
    ['language', { language: 'de' }],
    ['endpoint', { endpoint: 'api.cartesia.ai' }],
    ['sampleRateHz', { sampleRateHz: 16_000 }],
    ['emotion', { emotion: 'content' }],
  ])('is kept apart from that of another %s', async (_name, other) => {
    const folder = await temporaryFolder();
    await (await PhraseCache.open(folder, KEY)).add(TEXT, synthesise);
    expect((await PhraseCache.open(folder, { ...KEY, ...other }, [TEXT])).get(TEXT)).toBeUndefined();
  });

  it('sounds otherwise in another emotion, and is kept beside', async () => {
    const folder = await temporaryFolder();
    const emotionOf = emotionsOf('full', 'content');
    const cache = await PhraseCache.open(folder, KEY, [], { emotionOf });
    const glad = await cache.add(TEXT, synthesise);
    const plain = await (await PhraseCache.open(folder, KEY)).add(TEXT, async () => soundOf('another sound'));
    expect((await PhraseCache.open(folder, KEY, [TEXT], { emotionOf })).get(TEXT)).toEqual(glad);
    expect((await PhraseCache.open(folder, KEY, [TEXT])).get(TEXT)).toEqual(plain);
    expect(plain.samples).not.toEqual(glad.samples);
  });

  it('is taken along to a voice of other emotions where it sounds alike, and read anew where not', async () => {
    const folder = await temporaryFolder();
    const texts = [TEXT, 'Sorry.'];
    const preset = await PhraseCache.open(folder, KEY, [], { emotionOf: emotionsOf('preset', 'content') });
    for (const text of texts) await preset.add(text, synthesise);
    const full = preset.speaking(emotionsOf('full', 'content'));
    expect(texts.map((text) => full.get(text)?.text)).toEqual([TEXT, undefined]);
    const sorry = await full.add('Sorry.', async () => soundOf('a softer sound'));
    expect(preset.get('Sorry.')?.samples).not.toEqual(sorry.samples);
    const again = preset.speaking(emotionsOf('full', 'content'));
    expect(await again.refresh(texts)).toBe(2);
    expect(again.get('Sorry.')).toEqual(sorry);
  });

  it('does not change when its maker goes on writing into the array', async () => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    const sound = soundOf(TEXT);
    await cache.add(TEXT, async () => sound);
    sound.samples.fill(0);
    expect(cache.get(TEXT)?.samples).toEqual(soundOf(TEXT).samples);
  });
});

describe('asking at once', () => {
  it('synthesises one text once, and another beside it', async () => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    const asked = vi.fn(synthesise);
    const [one, two, other] = await Promise.all([TEXT, TEXT, 'Bye.'].map((text) => cache.add(text, asked)));
    expect(one).toBe(two);
    expect(other?.text).toBe('Bye.');
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('tells all who wait of a failure, and asks anew the next time', async () => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    const failing = vi.fn(async () => Promise.reject(new Error('away')));
    const outcomes = await Promise.allSettled([cache.add(TEXT, failing), cache.add(TEXT, failing)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(failing).toHaveBeenCalledTimes(1);
    expect((await cache.add(TEXT, synthesise)).text).toBe(TEXT);
  });

  it('leaves whole files when several caches write the same phrases into one folder', async () => {
    const folder = await temporaryFolder();
    const texts = Array.from({ length: 8 }, (_, index) => `Phrase number ${index}.`);
    const caches = await Promise.all(Array.from({ length: 4 }, () => PhraseCache.open(folder, KEY)));
    await Promise.all(
      caches.flatMap((cache) => texts.map((text) => cache.add(text, synthesise)).concat(cache.add(TEXT, synthesise))),
    );
    expect((await readdir(folder)).sort()).toEqual([...texts, TEXT].map((text) => phraseFileName(KEY, text)).sort());
    const reader = await PhraseCache.open(folder, KEY, texts);
    for (const text of texts) expect(reader.get(text)?.samples).toEqual(soundOf(text).samples);
  });
});

describe('the folder', () => {
  it("is its owner's alone, and tells neither text nor voice by its names", async () => {
    const folder = await temporaryFolder();
    await (await PhraseCache.open(folder, KEY)).add(TEXT, synthesise);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const [name = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    expect(name).toMatch(/^[0-9a-f]{64}\.phrase$/);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['cut off in its sound', async (path) => truncate(path, (await stat(path)).size - 2)],
    ['cut off in its first line', (path) => truncate(path, 100)],
    ['empty', (path) => truncate(path, 0)],
    ['longer than it says', async (path) => writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(2)]))],
    [
      'altered by a bit',
      async (path) => {
        const content = await readFile(path);
        content.writeUInt8(content.readUInt8(content.length - 1) ^ 1, content.length - 1);
        await writeFile(path, content);
      },
    ],
    ['no phrase', (path) => writeFile(path, 'RIFF....WAVEfmt \n')],
    ['of too many bytes', (path) => truncate(path, 10_000_000)],
    [
      'another phrase under its name',
      async (path) => {
        const folder = join(path, '..');
        await (await PhraseCache.open(folder, KEY)).add('Other.', synthesise);
        await writeFile(path, await readFile(join(folder, phraseFileName(KEY, 'Other.'))));
      },
    ],
    [
      'of a field more',
      async (path) => writeFile(path, (await readFile(path, 'latin1')).replace('{', '{"extra":1,'), 'latin1'),
    ],
  ])('makes a phrase anew whose file is %s', async (_what, spoil) => {
    const folder = await temporaryFolder();
    await (await PhraseCache.open(folder, KEY)).add(TEXT, synthesise);
    await spoil(join(folder, phraseFileName(KEY, TEXT)));
    const errors = vi.fn();
    const cache = await PhraseCache.open(folder, KEY, [TEXT], { onError: errors });
    expect(cache.get(TEXT)).toBeUndefined();
    const asked = vi.fn(synthesise);
    expect((await cache.add(TEXT, asked)).samples).toEqual(soundOf(TEXT).samples);
    expect(asked).toHaveBeenCalledTimes(1);
    expect((await PhraseCache.open(folder, KEY, [TEXT])).get(TEXT)?.samples).toEqual(soundOf(TEXT).samples);
    expect(errors).not.toHaveBeenCalled();
  });

  it('follows no link, and puts a file in its place', async () => {
    const folder = await temporaryFolder();
    await (await PhraseCache.open(folder, KEY)).add(TEXT, synthesise);
    const other = await temporaryFolder();
    await mkdir(other);
    const path = join(other, phraseFileName(KEY, TEXT));
    await symlink(join(folder, phraseFileName(KEY, TEXT)), path);
    const cache = await PhraseCache.open(other, KEY, [TEXT]);
    expect(cache.get(TEXT)).toBeUndefined();
    await cache.add(TEXT, synthesise);
    expect((await PhraseCache.open(other, KEY, [TEXT])).get(TEXT)).toBeDefined();
  });

  it('keeps what was used last when there are too many files, and leaves what is not its own', async () => {
    const folder = await temporaryFolder();
    const cache = await PhraseCache.open(folder, KEY, [], { limits: { files: 2, bytes: 1_000_000 } });
    await mkdir(folder);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    for (const [index, text] of ['One.', 'Two.'].entries()) {
      await cache.add(text, synthesise);
      const longAgo = new Date(Date.now() - 100_000_000 + index * 1_000);
      await utimes(join(folder, phraseFileName(KEY, text)), longAgo, longAgo);
    }
    // Read again, the older one has been used since.
    await PhraseCache.open(folder, KEY, ['One.']);
    await cache.add('Three.', synthesise);
    const kept = ['One.', 'Three.'].map((text) => phraseFileName(KEY, text));
    expect((await readdir(folder)).sort()).toEqual([...kept, 'notes.txt'].sort());
    expect(cache.get('Two.')).toBeDefined();
  });

  it('keeps within its bytes, and clears away what a dead writer left half-written', async () => {
    const folder = await temporaryFolder();
    await mkdir(folder);
    const left = `${'0'.repeat(64)}.phrase.5f1d7f0e-0000-4000-8000-000000000000.tmp`;
    const writing = `${'1'.repeat(64)}.phrase.5f1d7f0e-0000-4000-8000-000000000000.tmp`;
    await writeFile(join(folder, left), 'half');
    await utimes(join(folder, left), 1, 1);
    await writeFile(join(folder, writing), 'half');
    const cache = await PhraseCache.open(folder, KEY, [], { limits: { files: 10, bytes: 4_000 } });
    for (const text of ['This is one.', 'This is two.']) {
      await cache.add(text, synthesise);
      await utimes(join(folder, phraseFileName(KEY, text)), 2, 2).catch(() => undefined);
    }
    expect((await readdir(folder)).sort()).toEqual([phraseFileName(KEY, 'This is two.'), writing].sort());
  });

  it('that cannot be written costs no phrase its sound', async () => {
    const folder = await temporaryFolder();
    await writeFile(folder, 'a file where the folder should be');
    const errors = vi.fn();
    const cache = await PhraseCache.open(folder, KEY, [TEXT], { onError: errors });
    expect((await cache.add(TEXT, synthesise)).samples).toEqual(soundOf(TEXT).samples);
    expect(cache.get(TEXT)).toBeDefined();
    expect(errors).toHaveBeenCalledTimes(1);
  });
});

describe('what is no phrase', () => {
  it.each(['', ' ', '...', 'x'.repeat(1_001)])('is refused: %j', async (text) => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    await expect(cache.add(text, never)).rejects.toMatchObject({ code: 'PHRASE', retryable: false });
  });

  it.each([0, 61 * KEY.sampleRateHz])('is sound of %i samples', async (length) => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    const adding = cache.add(TEXT, async () => ({ samples: new Int16Array(length), words: [] }));
    await expect(adding).rejects.toMatchObject({ code: 'PHRASE' });
    expect(cache.get(TEXT)).toBeUndefined();
  });
});

describe('the memory', () => {
  it('holds a bounded number of phrases, those that are asked for first', async () => {
    const cache = await PhraseCache.open(await temporaryFolder(), KEY);
    const small = async () => ({ samples: new Int16Array(10).fill(1), words: [] });
    await cache.add('first', small);
    await cache.add('second', small);
    for (let index = 0; index < 199; index += 1) {
      cache.get('first');
      await cache.add(`phrase ${index}`, small);
    }
    expect(cache.get('first')).toBeDefined();
    expect(cache.get('second')).toBeUndefined();
  });
});
