import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SynthesisedPhrase } from '../../../agent/phrases/phrase.js';
import { RATE_HZ } from './shared-texts.js';

export { KEY, RATE_HZ } from './shared-texts.js';

/** A folder of its own below a temporary one; not made yet. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-phrases-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'phrases');
}

/** A sound that differs with its text. */
export function soundOf(text: string): SynthesisedPhrase {
  const samples = Int16Array.from({ length: 96 * text.length }, (_, index) =>
    Math.round(20_000 * Math.sin((index * (text.charCodeAt(0) + text.length)) / 997)),
  );
  return { samples, words: text.split(' ').map((word, index) => ({ word, endMs: (index + 1) * 100.5 })) };
}

/** A tone with silence around it. */
export function toneAmid(beforeMs: number, toneMs: number, behindMs: number): Int16Array {
  const samplesIn = (ms: number) => (ms * RATE_HZ) / 1_000;
  const samples = new Int16Array(samplesIn(beforeMs + toneMs + behindMs));
  for (let index = 0; index < samplesIn(toneMs); index += 1) {
    samples[samplesIn(beforeMs) + index] = Math.round(8_000 * Math.cos((2 * Math.PI * 200 * index) / RATE_HZ));
  }
  return samples;
}
