import type { PhraseKey } from '../../../agent/phrases/phrase.js';

export const RATE_HZ = 24_000;

export const KEY: PhraseKey = {
  provider: 'cartesia',
  model: 'sonic-3',
  voice: 'katie',
  language: 'en',
  endpoint: '127.0.0.1:8790',
  sampleRateHz: RATE_HZ,
};

export const SHARED_TEXTS = ['Hello.', 'One moment.', 'Sure,'];
