import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { describe, expect, it, vi } from 'vitest';
import { createAssistant } from '../../../agent/assistant.js';
import type { CallSettings } from '../../../agent/config/call-settings.js';
import { PROFILES } from '../../../agent/config/profiles.js';
import { systemClock } from '../../../agent/conversation/clock.js';
import { ProviderErrors } from '../../../agent/conversation/provider-errors.js';
import { Replying } from '../../../agent/conversation/replying.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { wordingFor } from '../../../agent/phrases/wording.js';
import { CallMemory } from '../../../agent/resilience/call-memory.js';
import { createLogger } from '../../../agent/telemetry/logger.js';
import { scriptedEngine } from '../../local-providers/scripted-engine.js';
import { KEY, temporaryFolder } from '../phrases/support.js';
import { CountedMeasurements } from '../providers/reply-support.js';

const engine = scriptedEngine<Replying>((replying) => replying.close());

async function start(call: string): Promise<Replying> {
  const { url } = engine.providers;
  const provider = { provider: 'one', model: 'm', baseUrl: url, apiKey: `key:${call}` };
  const folder = await temporaryFolder();
  const settings: CallSettings = {
    stt: [provider],
    llm: [{ ...provider, baseUrl: `${url}/v1` }],
    tts: [{ ...provider, model: 'sonic-3', voice: 'a-voice' }],
    profile: 'excellent',
    ordersDb: join(folder, 'orders.db'),
    phrasesDir: folder,
    logLevel: 'error',
    metricsSocket: 'none',
    turnModelSocket: 'none',
  };
  const measurements = new CountedMeasurements();
  const replying = new Replying({
    settings,
    profile: PROFILES.excellent,
    assistant: createAssistant(settings),
    wording: wordingFor('en'),
    phrases: await PhraseCache.open(folder, KEY),
    clock: systemClock,
    measurements,
    memory: new CallMemory(),
    errors: new ProviderErrors(measurements, createLogger('call', 'error')),
    budgetStep: () => 'none',
    onSaying: () => undefined,
  });
  return engine.keep(replying);
}

/** A text of the agent's own, as the framework gives it. */
const textOf = (text: string) =>
  new ReadableStream<string>({
    start: (controller) => {
      controller.enqueue(text);
      controller.close();
    },
  });

describe("a text of the agent's own", () => {
  it('that is cut before it sounds ends at once, however long the synthesiser would take', async () => {
    await engine.providers.script({ call: 'cut', timing: { ttsTtfb: 20_000 } });
    const replying = await start('cut');
    const { frames } = replying.speakText(textOf('Did you say: a large latte?'), undefined);
    const reader = frames.getReader();
    const first = reader.read();
    await vi.waitFor(async () => expect((await engine.providers.counters('cut')).tts.requests).toBe(1));
    replying.cut();
    expect(await first).toMatchObject({ done: true });
    await vi.waitFor(async () => expect((await engine.providers.counters('cut')).tts.cancelled).toBe(1));
  });
});
