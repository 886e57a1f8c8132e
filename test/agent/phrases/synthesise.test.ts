import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phraseKey } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { samplesOf } from '../../../agent/phrases/phrase-file.js';
import { createPhraseSynthesiser, type SynthesiserOptions } from '../../../agent/phrases/synthesise.js';
import { trimEdges } from '../../../agent/phrases/word-times.js';
import { emotionsOf } from '../../../agent/turn/emotion.js';
import { type RunningProviders, startScripted } from '../../local-providers/support.js';
import { RATE_HZ, temporaryFolder } from './support.js';

const TEXT = 'Hi, this is Turnwise Coffee. What can I get you?';
const FAST = { ttsTtfb: 1, ttsCharactersPerSecond: 200, ttsLeadingSilenceMs: 120 };

let providers: RunningProviders;
beforeAll(async () => {
  providers = await startScripted({ requiredKey: 'key' });
  await providers.script({ call: '*', timing: FAST });
});
afterAll(() => providers.close());

function synthesiser(call: string, options: Partial<SynthesiserOptions> = {}) {
  const { url: baseUrl } = providers;
  return createPhraseSynthesiser({
    ...{ baseUrl, apiKey: `key:${call}`, model: 'sonic-3', voice: 'katie', language: 'en-US', sampleRateHz: RATE_HZ },
    ...options,
  });
}

/** What the provider sends for the text, as it is. */
async function rawSound(text: string): Promise<Int16Array> {
  const response = await fetch(`${providers.url}/tts/bytes`, {
    method: 'POST',
    headers: { 'X-API-Key': 'key:raw', 'Cartesia-Version': '2025-04-16' },
    body: JSON.stringify({
      model_id: 'sonic-3',
      transcript: text,
      voice: { mode: 'id', id: 'katie' },
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: RATE_HZ },
    }),
  });
  return samplesOf(Buffer.from(await response.arrayBuffer()));
}

describe('a phrase from the provider', () => {
  it("is the provider's sound without the silence at its edges, with a time for each word", async () => {
    const raw = await rawSound(TEXT);
    const { samples, words } = await synthesiser('plain')(TEXT);
    expect(samples).toEqual(trimEdges(raw, RATE_HZ));
    expect(raw.length - samples.length).toBeGreaterThan(0.1 * RATE_HZ);
    expect(words.map(({ word }) => word).join(' ')).toBe(TEXT);
    expect(words.at(-1)?.endMs).toBeLessThanOrEqual((samples.length * 1_000) / RATE_HZ);
  });

  it('is asked for once, and heard the same, sample for sample, in every process after', async () => {
    const folder = await temporaryFolder();
    const settings = { provider: 'cartesia', model: 'sonic-3', voice: 'katie', baseUrl: providers.url };
    const key = phraseKey(settings, 'en-US', RATE_HZ);
    const first = await PhraseCache.open(folder, key);
    const made = await first.add(TEXT, synthesiser('cached'));
    const second = await PhraseCache.open(folder, key, [TEXT]);
    expect(second.get(TEXT)).toEqual(made);
    expect(await second.add(TEXT, synthesiser('cached'))).toEqual(made);
    expect((await providers.counters('cached')).tts).toMatchObject({ requests: 1, completed: 1 });
  });
});

describe('the emotion of a phrase', () => {
  const emotionOf = emotionsOf('full', 'content');

  it('is asked for as its text begins', async () => {
    const synthesise = synthesiser('moved', { emotionOf });
    for (const text of [TEXT, 'Sorry. Please say it again.']) await synthesise(text);
    expect((await providers.counters('moved')).tts.emotions).toEqual({ content: 1, apologetic: 1 });
  });

  it.each<[string, string, Partial<SynthesiserOptions>]>([
    ['there is none', 'unmoved', {}],
    ['the model takes none', 'older', { emotionOf, model: 'sonic-2' }],
    ['the language has none', 'german', { emotionOf, language: 'de-DE' }],
  ])('is not asked for where %s', async (_why, call, options) => {
    await synthesiser(call, options)(TEXT);
    expect((await providers.counters(call)).tts).toMatchObject({ requests: 1, emotions: {} });
  });
});

describe('a provider that fails', () => {
  it.each<[string, object, object]>([
    ['breaks off', { kind: 'drop', afterItems: 2 }, { retryable: true }],
    ['refuses for now', { kind: 'status', status: 429 }, { retryable: true, message: expect.stringContaining('429') }],
    ['is ill', { kind: 'status', status: 503 }, { retryable: true }],
    ['refuses for good', { kind: 'status', status: 422 }, { retryable: false }],
    ['sends broken sound', { kind: 'garbage' }, { retryable: true }],
  ])('and %s gives no phrase', async (what, fault, expected) => {
    const call = what.replaceAll(' ', '-');
    await providers.script({ call, timing: FAST, faults: [{ component: 'tts', on: 'request', ...fault }] });
    await expect(synthesiser(call)(TEXT)).rejects.toMatchObject({ code: 'PHRASE', ...expected });
  });

  it('never answers is given up', async () => {
    await providers.script({ call: 'hanging', timing: FAST, faults: [{ component: 'tts', kind: 'stall' }] });
    const asking = synthesiser('hanging', { timeoutMs: 50 })(TEXT);
    await expect(asking).rejects.toMatchObject({ retryable: true, message: expect.stringContaining('50 ms') });
  });

  it('is not waited for by those who stop', async () => {
    await providers.script({ call: 'stopped', timing: FAST, faults: [{ component: 'tts', kind: 'stall' }] });
    const stop = new AbortController();
    const asking = synthesiser('stopped')(TEXT, stop.signal);
    stop.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  it('is away', async () => {
    const away = synthesiser('away', { baseUrl: 'http://127.0.0.1:1' })(TEXT);
    await expect(away).rejects.toMatchObject({ code: 'PHRASE', retryable: true });
  });

  it('tells the title of its refusal, and neither key nor text get into the error', async () => {
    const refused = await synthesiser('x', { apiKey: 'wrong-secret' })(TEXT).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      retryable: true,
      message: 'The synthesiser refused a phrase: 401 (Unauthorized).',
    });
    const bad = await synthesiser('x', { model: 'other' })(TEXT).catch((error: unknown) => error);
    expect(bad).toMatchObject({ retryable: false, message: expect.stringContaining('Invalid model') });
    for (const error of [refused, bad]) expect(String(error)).not.toMatch(/secret|Turnwise/);
  });

  it('sends more than a phrase can be', async () => {
    await providers.script({ call: 'long', timing: { ttsTtfb: 1, ttsCharactersPerSecond: 0.7 } });
    const asking = synthesiser('long')(TEXT);
    await expect(asking).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('too much') });
  });
});
