import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initializeLogger } from '@livekit/agents';
import { expect, it } from 'vitest';
import { createAssistant } from '../../../agent/assistant.js';
import { MOUTH_SAMPLE_RATE_HZ } from '../../../agent/conversation/mouth.js';
import { assistantTexts } from '../../../agent/phrases/assistant-texts.js';
import { phraseKey } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { Silero } from '../../../agent/providers/silero.js';
import { rehearseCall } from '../../../agent/rehearsal/rehearse-call.js';
import { createLogger } from '../../../agent/telemetry/logger.js';
import { callSettings } from './call-settings.js';

it('takes turns through a whole call, and asks the providers nothing', { timeout: 30_000 }, async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-rehearsal-'));
  let asked = 0;
  const providers = createServer(() => undefined).on('connection', () => {
    asked += 1;
  });
  try {
    await new Promise<void>((resolve) => providers.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(providers.address() as AddressInfo).port}`;
    const settings = callSettings(baseUrl, folder, 'excellent');
    const assistant = createAssistant({ ordersDb: settings.ordersDb });
    const key = phraseKey(settings.tts[0], assistant.language, MOUTH_SAMPLE_RATE_HZ);
    const answered = await rehearseCall({
      settings,
      silero: await Silero.load(),
      assistant,
      phrases: await PhraseCache.open(folder, key, assistantTexts(assistant)),
      logger: createLogger('call', 'error'),
    });
    assistant.close();
    // Four turns and the greeting.
    expect(answered).toBe(5);
    expect(asked).toBe(0);
  } finally {
    providers.close();
    await rm(folder, { recursive: true, force: true });
  }
});
