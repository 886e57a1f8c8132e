/** A phrase as a file: one line of JSON that says what it is, then its samples as little-endian 16 bit. Pure. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EMOTIONS } from '../turn/emotion.js';
import type { SpokenWord } from '../turn/heard-text.js';
import { MAX_PHRASE_CHARACTERS, MAX_PHRASE_MS, type Phrase, type PhraseKey } from './phrase.js';

/** Changes with the form of the file or with how samples are made, so that older files are not found any more. */
const FORMAT = 'turnwise-phrase/1 pcm_s16le mono';
const BYTES_PER_SAMPLE = 2;
/** Longest first line, in bytes: text and words twice over, each character four bytes. */
const MAX_HEADER_BYTES = 32_768;
const NEWLINE = 0x0a;

const Name = z.string().min(1).max(300);
const Header = z.strictObject({
  format: z.literal(FORMAT),
  key: z.strictObject({
    provider: Name,
    model: Name,
    voice: Name,
    language: Name,
    endpoint: Name,
    sampleRateHz: z.int().min(8_000).max(48_000),
    emotion: z.enum(EMOTIONS).optional(),
  }),
  text: z.string().min(1).max(MAX_PHRASE_CHARACTERS),
  words: z
    .array(
      z.strictObject({
        word: z.string().max(MAX_PHRASE_CHARACTERS),
        endMs: z
          .number()
          .min(0)
          .max(2 * MAX_PHRASE_MS),
      }),
    )
    .max(MAX_PHRASE_CHARACTERS),
  sampleCount: z.int().min(1),
  /** SHA-256 of words and samples. */
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
});

/** @returns Largest file of a phrase at this rate, in bytes. */
export function maxFileBytes(sampleRateHz: number): number {
  return MAX_HEADER_BYTES + maxSamples(sampleRateHz) * BYTES_PER_SAMPLE;
}

export function maxSamples(sampleRateHz: number): number {
  return Math.ceil((MAX_PHRASE_MS * sampleRateHz) / 1_000);
}

/** Form of the names that {@link phraseFileName} gives. */
export const PHRASE_FILE_NAME = /^[0-9a-f]{64}\.phrase$/;

/** The name says nothing of the text, and is the same in every process. */
export function phraseFileName(key: PhraseKey, text: string): string {
  const { provider, model, voice, language, endpoint, sampleRateHz, emotion } = key;
  // Without an emotion it is called as before there were any, so that such files are found still.
  const spoken = emotion === undefined ? [text] : [text, emotion];
  const identity = JSON.stringify([FORMAT, provider, model, voice, language, endpoint, sampleRateHz, ...spoken]);
  return `${createHash('sha256').update(identity).digest('hex')}.phrase`;
}

/** @throws ZodError when the phrase does not keep to the bounds. */
export function encodePhrase(key: PhraseKey, { text, samples, words }: Phrase): Buffer {
  const pcm = Buffer.alloc(samples.length * BYTES_PER_SAMPLE);
  for (const [index, sample] of samples.entries()) pcm.writeInt16LE(sample, index * BYTES_PER_SAMPLE);
  const { provider, model, voice, language, endpoint, sampleRateHz, emotion } = key;
  const header = Header.parse({
    format: FORMAT,
    key: { provider, model, voice, language, endpoint, sampleRateHz, emotion },
    text,
    words: words.map(({ word, endMs }) => ({ word, endMs })),
    sampleCount: samples.length,
    checksum: checksumOf(pcm, words),
  });
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), pcm]);
}

/**
 * Reads a file back.
 * @returns `undefined` for anything that is not this phrase, whole: cut off, altered, of another form or another voice.
 */
export function decodePhrase(file: Buffer, key: PhraseKey, text: string): Phrase | undefined {
  const end = file.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  if (end < 0) return undefined;
  const header = Header.safeParse(parseJson(file.toString('utf8', 0, end)));
  if (!header.success) return undefined;
  const { data } = header;
  if (data.text !== text || phraseFileName(data.key, data.text) !== phraseFileName(key, text)) return undefined;
  const pcm = file.subarray(end + 1);
  if (data.sampleCount > maxSamples(key.sampleRateHz)) return undefined;
  if (pcm.length !== data.sampleCount * BYTES_PER_SAMPLE || checksumOf(pcm, data.words) !== data.checksum)
    return undefined;
  return { text, samples: samplesOf(pcm), words: data.words };
}

/** @returns Little-endian bytes as samples, whatever the machine's order. */
export function samplesOf(pcm: Buffer): Int16Array {
  const samples = new Int16Array(pcm.length >> 1);
  for (let index = 0; index < samples.length; index += 1) samples[index] = pcm.readInt16LE(index * BYTES_PER_SAMPLE);
  return samples;
}

function checksumOf(pcm: Buffer, words: readonly SpokenWord[]): string {
  const times = JSON.stringify(words.map(({ word, endMs }) => [word, endMs]));
  return createHash('sha256').update(times).update(pcm).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
