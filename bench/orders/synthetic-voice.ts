/** Sentences spoken by the local providers' voices, through the same wire protocol that the agent speaks by. */
import type { MonoAudio } from '../audio/wav.js';
import { CallError } from '../caller/errors.js';

const RATE_HZ = 16_000;
const TIMEOUT_MS = 20_000;

/** Silence before and after, as a recording has it, in ms. */
const MARGIN_MS = 200;

/** @throws CallError `NOTHING_RUNS` when the providers do not speak. */
export async function synthesise(
  providersUrl: string,
  { text, voice, signal }: { text: string; voice: string; signal: AbortSignal },
): Promise<MonoAudio> {
  const response = await fetch(new URL('/tts/bytes', providersUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'cartesia-version': '2025-04-16', 'x-api-key': 'local' },
    body: JSON.stringify({
      model_id: 'sonic-3',
      transcript: text,
      voice: { mode: 'id', id: voice },
      language: 'en',
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: RATE_HZ },
    }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) {
    const reason = (await response.text()).slice(0, 200);
    throw new CallError('NOTHING_RUNS', `The local providers do not speak (${response.status}: ${reason}).`);
  }
  const bytes = await response.arrayBuffer();
  const speech = new Int16Array(bytes, 0, Math.floor(bytes.byteLength / 2));
  const margin = (MARGIN_MS / 1000) * RATE_HZ;
  const samples = new Int16Array(speech.length + 2 * margin);
  samples.set(speech, margin);
  return { samples, sampleRateHz: RATE_HZ };
}
