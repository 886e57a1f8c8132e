/** Settings of a call whose providers are all in one place, for tests that hold one without a worker. */
import { join } from 'node:path';
import { CallSettings } from '../../../agent/config/call-settings.js';
import type { ProfileName } from '../../../wire/profile.js';

/** @param baseUrl - Of all providers; the model is below `/v1`. @param folder - For all that is written. */
export function callSettings(baseUrl: string, folder: string, profile: ProfileName): CallSettings {
  const provider = { baseUrl, apiKey: 'none' };
  return CallSettings.parse({
    stt: [{ ...provider, provider: 'deepgram', model: 'nova-3' }],
    llm: [{ ...provider, baseUrl: `${baseUrl}/v1`, provider: 'openai', model: 'gpt-4o-mini' }],
    tts: [{ ...provider, provider: 'cartesia', model: 'sonic-3', voice: 'any' }],
    profile,
    ordersDb: join(folder, 'orders.db'),
    phrasesDir: folder,
    logLevel: 'error',
    metricsSocket: join(folder, 'metrics.sock'),
    turnModelSocket: join(folder, 'turn-model.sock'),
  });
}
