import { resolve } from 'node:path';
import { script } from './assistant.js';
import type { WorkerConfig } from './config/environment.js';
import { PROFILES } from './config/profiles.js';
import { MOUTH_SAMPLE_RATE_HZ } from './conversation/mouth.js';
import { assistantTexts } from './phrases/assistant-texts.js';
import { inEmotion, phraseKey } from './phrases/phrase.js';
import { type PhraseSet, preparePhrases } from './phrases/prepare.js';
import { createPhraseSynthesiser } from './phrases/synthesise.js';
import type { Logger } from './telemetry/logger.js';
import { emotionsOf } from './turn/emotion.js';

/**
 * The first call finds the phrases, or makes its voice as it goes: nobody waits for them here. A dispatch may ask for any
 * profile, so that they are made in every emotion that some profile says them in, those of the worker's own profile first.
 */
export async function prepareWorkerPhrases(
  { tts, phrasesDir, profile }: WorkerConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const [{ apiKey, ...voice }] = tts;
  const key = phraseKey(voice, script.language, MOUTH_SAMPLE_RATE_HZ);
  const ranges = new Set([PROFILES[profile], ...Object.values(PROFILES)].map(({ emotions }) => emotions));
  const isWanted = new Set<string>();
  const sets = [...ranges].map((range): PhraseSet => {
    const emotionOf = emotionsOf(range, script.emotion);
    const soundOf = (text: string) => JSON.stringify([text, inEmotion(key, emotionOf(text)).emotion]);
    const texts = assistantTexts(script).filter((text) => !isWanted.has(soundOf(text)));
    for (const text of texts) isWanted.add(soundOf(text));
    const sound = { language: script.language, sampleRateHz: MOUTH_SAMPLE_RATE_HZ, emotionOf };
    return { texts, emotionOf, synthesise: createPhraseSynthesiser({ ...voice, apiKey, ...sound }) };
  });
  const done = await preparePhrases({
    folder: resolve(phrasesDir),
    key,
    sets,
    onError: (error) => logger.warn({ error }, 'phrases cannot be kept'),
    onProgress: (progress) => {
      if (progress.kind !== 'made') logger.warn(progress, 'a phrase could not be synthesised');
    },
    signal,
  });
  if (!signal.aborted) logger.info(done, 'phrases ready');
}
