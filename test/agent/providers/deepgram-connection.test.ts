import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { DeepgramConnection } from '../../../agent/providers/deepgram-connection.js';
import { RATE_HZ, type RunningProviders, startScripted } from '../../local-providers/support.js';

let providers: RunningProviders;
beforeAll(async () => {
  providers = await startScripted();
});
afterAll(() => providers.close());

describe('a connection to the recogniser', () => {
  it.each(Object.values(PROFILES))('is taken as the profile $name asks for it', async ({ recogniser }) => {
    const outcome = await new Promise((resolve) => {
      const connection = new DeepgramConnection(
        {
          ...recogniser,
          ...{ baseUrl: providers.wsUrl, apiKey: 'key:profiles', model: 'nova-3', language: 'en' },
          ...{ sampleRateHz: RATE_HZ, endpointingMs: 300, keyterms: [] },
        },
        {
          onOpen: () => {
            connection.close();
            resolve('open');
          },
          onResults: () => undefined,
          onGarbage: resolve,
          onEnd: (_kind, error) => resolve(error),
        },
      );
    });
    expect(outcome).toBe('open');
  });
});
