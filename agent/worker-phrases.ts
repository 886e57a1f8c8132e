import { resolve } from 'node:path';
import { script } from './assistant.js';
import type { WorkerConfig } from './config/environment.js';
import { MOUTH_SAMPLE_RATE_HZ } from './conversation/mouth.js';
import { assistantTexts } from './phrases/assistant-texts.js';
import { phraseKey } from './phrases/phrase.js';
import { preparePhrases } from './phrases/prepare.js';
import { createPhraseSynthesiser } from './phrases/synthesise.js';
import type { Logger } from './telemetry/logger.js';

/** The first call finds the phrases, or makes its voice as it goes: nobody waits for them here. */
export async function prepareWorkerPhrases(
  { tts, phrasesDir }: WorkerConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const [{ apiKey, ...voice }] = tts;
  const key = phraseKey(voice, script.language, MOUTH_SAMPLE_RATE_HZ);
  const done = await preparePhrases({
    folder: resolve(phrasesDir),
    key,
    texts: assistantTexts(script),
    synthesise: createPhraseSynthesiser({
      ...voice,
      apiKey,
      language: script.language,
      sampleRateHz: MOUTH_SAMPLE_RATE_HZ,
    }),
    onError: (error) => logger.warn({ error }, 'phrases cannot be kept'),
    onProgress: (progress) => {
      if (progress.kind !== 'made') logger.warn(progress, 'a phrase could not be synthesised');
    },
    signal,
  });
  if (!signal.aborted) logger.info(done, 'phrases ready');
}
