import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phraseKey } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { preparePhrases } from '../../../agent/phrases/prepare.js';
import { createPhraseSynthesiser } from '../../../agent/phrases/synthesise.js';
import { audiblePart } from '../../../agent/phrases/word-times.js';
import { textsToPrepare, wordingFor } from '../../../agent/phrases/wording.js';
import { systemClock } from '../../../local-providers/clock.js';
import { CallLedger } from '../../../local-providers/ledger.js';
import { withPauses } from '../../../local-providers/offline/pauses.js';
import { createSynthesiser, type OfflineSynthesiser } from '../../../local-providers/offline/synthesiser.js';
import { createScriptedEngine } from '../../../local-providers/scripted/engine.js';
import { ScriptStore } from '../../../local-providers/scripted/script-store.js';
import { LocalProviders } from '../../../local-providers/server.js';
import { bundle } from '../../support/bundle.js';
import { RATE_HZ, temporaryFolder } from './support.js';

const GREETING = 'Hi, this is Turnwise Coffee. What can I get you?';

let built: { file: string; folder: string };
let synthesiser: OfflineSynthesiser;
let providers: LocalProviders;
let settings: { provider: string; model: string; voice: string; baseUrl: string };
const ledger = new CallLedger(systemClock);
beforeAll(async () => {
  built = await bundle(new URL('../../../local-providers/offline/synthesis/worker.ts', import.meta.url));
  synthesiser = createSynthesiser({ workerUrl: pathToFileURL(built.file) });
  const scripts = new ScriptStore({ clock: systemClock, preset: 'fixed', seed: 1 });
  providers = new LocalProviders({
    // The voice that `npm start` speaks with; nothing here needs its recogniser.
    engine: { ...createScriptedEngine(systemClock, scripts), synthesiser: withPauses(synthesiser) },
    logger: pino({ level: 'silent' }),
    port: 0,
    ledger,
  });
  settings = {
    ...{ provider: 'cartesia', model: 'sonic-3', voice: 'slt' },
    baseUrl: `http://127.0.0.1:${await providers.listen()}`,
  };
  await providers.ready();
  await synthesiser.ready();
});
afterAll(async () => {
  await providers.close();
  await synthesiser.close();
  rmSync(built.folder, { recursive: true, force: true });
});

it('prepares every phrase of an assistant with the offline voice, once, audible from its first moments', async () => {
  const folder = await temporaryFolder();
  const key = phraseKey(settings, 'en-US', RATE_HZ);
  const texts = textsToPrepare(wordingFor('en-US'), [GREETING]);
  const synthesise = createPhraseSynthesiser({
    ...{ ...settings, apiKey: 'key:offline', language: 'en-US', sampleRateHz: RATE_HZ },
  });
  const { signal } = new AbortController();
  const all = { folder, key, sets: [{ texts, synthesise }], signal, concurrency: 2 } as const;
  expect(await preparePhrases(all)).toEqual({ texts: texts.length, found: 0, made: texts.length, refused: 0 });
  expect(await preparePhrases(all)).toMatchObject({ found: texts.length, made: 0 });
  expect(ledger.of('offline').tts.requests).toBe(texts.length);

  const startedAtMs = performance.now();
  const call = await PhraseCache.open(folder, key, texts);
  const openedInMs = performance.now() - startedAtMs;
  expect(openedInMs).toBeLessThan(1_000);
  for (const text of texts) {
    const phrase = call.get(text);
    if (phrase === undefined) throw new Error(`"${text}" was not prepared`);
    const part = audiblePart(phrase.samples, RATE_HZ);
    expect(part?.from).toBeLessThanOrEqual(0.03 * RATE_HZ);
    const durationMs = (phrase.samples.length * 1_000) / RATE_HZ;
    expect(durationMs).toBeGreaterThan(100);
    expect(durationMs).toBeLessThan(1_000 + text.length * 120);
    expect(phrase.words.map(({ word }) => word).join(' ')).toBe(text);
  }
});
