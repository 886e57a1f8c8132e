import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { script } from '../../agent/assistant.js';
import { parseWorkerConfig } from '../../agent/config/environment.js';
import { MOUTH_SAMPLE_RATE_HZ } from '../../agent/conversation/mouth.js';
import { assistantTexts } from '../../agent/phrases/assistant-texts.js';
import { phraseKey } from '../../agent/phrases/phrase.js';
import { PhraseCache } from '../../agent/phrases/phrase-cache.js';
import type { Logger } from '../../agent/telemetry/logger.js';
import { emotionsOf } from '../../agent/turn/emotion.js';
import { prepareWorkerPhrases } from '../../agent/worker-phrases.js';
import { type RunningProviders, startScripted } from '../local-providers/support.js';
import { temporaryFolder } from './phrases/support.js';

const TEXTS = assistantTexts(script);
/** Apology, missed, missed again, misheard. */
const APOLOGIES = 4;

let providers: RunningProviders;
beforeAll(async () => {
  providers = await startScripted();
  await providers.script({ call: '*', timing: { ttsTtfb: 1, ttsCharactersPerSecond: 1_000 } });
});
afterAll(() => providers.close());

/** Prepares as a worker does. @returns What it logs at the end. */
async function prepare(call: string, phrasesDir: string, env: NodeJS.ProcessEnv = {}) {
  const config = parseWorkerConfig({
    ...{ LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' },
    ...{ DEEPGRAM_API_KEY: 'key', OPENAI_API_KEY: 'key', CARTESIA_API_KEY: `key:${call}` },
    ...{ CARTESIA_BASE_URL: providers.url, PHRASES_DIR: phrasesDir, ...env },
  });
  const info = vi.fn();
  await prepareWorkerPhrases(config, { info, warn: vi.fn() } as unknown as Logger, new AbortController().signal);
  const cacheOf = (range: Parameters<typeof emotionsOf>[0]) => {
    const key = phraseKey(config.tts[0], script.language, MOUTH_SAMPLE_RATE_HZ);
    return PhraseCache.open(phrasesDir, key, TEXTS, { emotionOf: emotionsOf(range, script.emotion) });
  };
  return { logged: info.mock.calls, cacheOf };
}

it("makes the assistant's phrases in every emotion that a profile says them in, each once", async () => {
  const { logged, cacheOf } = await prepare('emotions', await temporaryFolder());
  const all = 2 * TEXTS.length + APOLOGIES;
  expect(logged).toEqual([[{ texts: all, found: 0, made: all, refused: 0 }, 'phrases ready']]);
  // Without one, in full control, and the apologies once more for the preset.
  expect((await providers.counters('emotions')).tts).toMatchObject({
    requests: all,
    emotions: { content: TEXTS.length, apologetic: APOLOGIES },
  });
  for (const range of ['none', 'preset', 'full'] as const) {
    const cache = await cacheOf(range);
    expect(TEXTS.filter((text) => cache.get(text) === undefined)).toEqual([]);
  }
});

it('makes them once for a model that takes no emotions', async () => {
  const { cacheOf } = await prepare('plain', await temporaryFolder(), { CARTESIA_MODEL: 'sonic-2' });
  expect((await providers.counters('plain')).tts).toMatchObject({ requests: TEXTS.length, emotions: {} });
  const cache = await cacheOf('full');
  expect(TEXTS.filter((text) => cache.get(text) === undefined)).toEqual([]);
});
