/** Phrases from Cartesia's API in one request each, without a stream: nobody waits for them. */
import { z } from 'zod';
import { emotionPart } from '../providers/cartesia-messages.js';
import type { EmotionOf } from '../turn/emotion.js';
import { PhraseError, primaryLanguage, type SynthesisedPhrase, type SynthesisePhrase } from './phrase.js';
import { maxSamples, samplesOf } from './phrase-file.js';
import { audiblePart, spreadWords, trimEdges } from './word-times.js';

export interface SynthesiserOptions {
  /** Base URL of the API, as `https://api.cartesia.ai`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly voice: string;
  /** BCP 47 tag. */
  readonly language: string;
  readonly sampleRateHz: number;
  /** In which emotion each text is said. None by default. */
  readonly emotionOf?: EmotionOf;
  /** For the whole answer, in ms. */
  readonly timeoutMs?: number;
}

/** The API's version, the one that the plugin for streams asks for. */
const API_VERSION = '2025-04-16';
/** A minute of sound was synthesised in under 10 s; nobody waits, and a server that hangs must not hold its place for long. */
const TIMEOUT_MS = 20_000;
/** How much of an error's text is read, in bytes, and told, in characters. */
const MAX_ERROR_BYTES = 4_096;
const MAX_TITLE_CHARACTERS = 80;
/** Statuses below 500 that may be others later: timeout, conflict, too early, too many; and no credit or key, which people mend. */
const MAY_PASS = new Set([401, 402, 403, 408, 409, 425, 429]);

/** Both of the API's forms; only the title is kept, since what follows may quote the request. */
const ErrorBody = z.union([
  z.object({ title: z.string() }).transform(({ title }) => title),
  z.object({ error: z.string() }).transform(({ error }) => error.split(':')[0] ?? ''),
]);

/** Makes a synthesiser of phrases. Near-silence at their edges is taken off; words are spread by their letters. */
export function createPhraseSynthesiser(options: SynthesiserOptions): SynthesisePhrase {
  const { baseUrl, apiKey, model, voice, sampleRateHz, emotionOf, timeoutMs = TIMEOUT_MS } = options;
  const language = primaryLanguage(options.language);
  const url = `${baseUrl.replace(/^ws/, 'http').replace(/\/+$/, '')}/tts/bytes`;
  return async (text, signal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const body = JSON.stringify({
      model_id: model,
      transcript: text,
      voice: { mode: 'id', id: voice },
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: sampleRateHz },
      language,
      ...emotionPart({ model, language, emotion: emotionOf?.(text) }),
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey, 'Cartesia-Version': API_VERSION },
        body,
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      });
      if (!response.ok) throw await refusal(response);
      return usable(text, await readPcm(response, maxSamples(sampleRateHz) * 2), sampleRateHz);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof PhraseError) throw error;
      const what = deadline.aborted ? `did not answer within ${timeoutMs} ms` : 'could not be reached, or broke off';
      throw new PhraseError(`The synthesiser ${what}.`, { retryable: true, cause: error });
    }
  };
}

function usable(text: string, pcm: Buffer, sampleRateHz: number): SynthesisedPhrase {
  const raw = samplesOf(pcm);
  if (pcm.length % 2 !== 0 || audiblePart(raw, sampleRateHz) === undefined) {
    throw new PhraseError('The synthesiser gave no sound for a phrase, or a broken one.', {
      ...{ retryable: true, isMute: true },
    });
  }
  const samples = trimEdges(raw, sampleRateHz);
  return { samples, words: spreadWords(text, samples, sampleRateHz) };
}

/** @throws {@link PhraseError} when there is more than a phrase can be. */
async function readPcm(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new PhraseError('The synthesiser gave far too much sound.', { retryable: false });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function refusal(response: Response): Promise<PhraseError> {
  const { status } = response;
  const title = await readTitle(response);
  const retryable = status >= 500 || MAY_PASS.has(status);
  return new PhraseError(`The synthesiser refused a phrase: ${status}${title === '' ? '' : ` (${title})`}.`, {
    retryable,
  });
}

/** The title of an error, as far as the server gives one in a form that is known. */
async function readTitle(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_ERROR_BYTES) break;
    }
  } catch {
    return '';
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, MAX_ERROR_BYTES);
  const parsed = ErrorBody.safeParse(parseJson(text));
  // Older versions answer in plain text: "Title: message".
  const title = parsed.success ? parsed.data : (/^([A-Za-z ]+):/.exec(text)?.[1] ?? '');
  return title.slice(0, MAX_TITLE_CHARACTERS);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
