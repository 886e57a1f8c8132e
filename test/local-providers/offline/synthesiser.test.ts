import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SynthesisChunk } from '../../../local-providers/engine.js';
import { createSynthesiser, type OfflineSynthesiser } from '../../../local-providers/offline/synthesiser.js';
import { bundle } from '../../support/bundle.js';

let built: { file: string; folder: string };
let synthesiser: OfflineSynthesiser;
beforeAll(async () => {
  built = await bundle(new URL('../../../local-providers/offline/synthesis/worker.ts', import.meta.url));
  synthesiser = createSynthesiser({ workerUrl: pathToFileURL(built.file) });
  await synthesiser.ready();
}, 30_000);
afterAll(async () => {
  await synthesiser.close();
  await synthesiser.close();
  rmSync(built.folder, { recursive: true, force: true });
});

const SENTENCE = "Got it, a large latte with oat milk. That's $5.70, ready in about 5 minutes. Anything else?";

function speak(text: string, options: { voiceId?: string; sampleRateHz?: number; signal?: AbortSignal } = {}) {
  const { voiceId = 'slt', sampleRateHz = 16_000, signal = new AbortController().signal } = options;
  return synthesiser.speak({ text, voiceId, language: 'en', sampleRateHz }, signal);
}

async function collect(chunks: AsyncIterable<SynthesisChunk>) {
  const audio: number[] = [];
  const words: { word: string; startMs: number; endMs: number }[] = [];
  for await (const chunk of chunks) {
    if (chunk.kind === 'audio') for (const sample of chunk.samples) audio.push(sample);
    else words.push({ word: chunk.word, startMs: chunk.startMs, endMs: chunk.endMs });
  }
  return { audio, words };
}

describe('the offline synthesiser', () => {
  it.each(['kal', 'awb', 'rms', 'slt'])('speaks audibly, at a human pace, as %s', async (voiceId) => {
    const { audio } = await collect(speak(SENTENCE, { voiceId }));
    const seconds = audio.length / 16_000;
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(11);
    expect(loudness(audio)).toBeGreaterThan(500);
    // The first sound comes at once: nobody waits for silence.
    expect(loudness(audio.slice(0, 2_400))).toBeGreaterThan(200);
  });

  it('speaks with different voices, and with one of its own for an id of another vendor', async () => {
    const [awb, slt, foreign] = await Promise.all(
      ['awb', 'slt', 'f786b574-daa5-4673-aa0c-cbe3e8534c02'].map((voiceId) =>
        collect(speak('Hello there.', { voiceId })),
      ),
    );
    expect(awb?.audio).not.toEqual(slt?.audio);
    expect(foreign?.audio).toEqual(slt?.audio);
  });

  it.each([8_000, 22_050, 24_000, 44_100, 48_000])(
    'lasts as long at %i Hz as at its own rate',
    async (sampleRateHz) => {
      const [own, other] = await Promise.all([
        collect(speak('A small latte.')),
        collect(speak('A small latte.', { sampleRateHz })),
      ]);
      expect(other.audio.length / sampleRateHz).toBeCloseTo(own.audio.length / 16_000, 2);
      expect(loudness(other.audio) / loudness(own.audio)).toBeGreaterThan(0.7);
    },
  );

  it('tells when each word is spoken, as it was written', async () => {
    const { audio, words } = await collect(speak(SENTENCE));
    expect(words.map(({ word }) => word)).toEqual(SENTENCE.split(' '));
    const durationMs = audio.length / 16;
    let lastEndMs = 0;
    for (const { startMs, endMs } of words) {
      expect(startMs).toBeGreaterThanOrEqual(lastEndMs - 1);
      expect(endMs).toBeGreaterThan(startMs);
      lastEndMs = endMs;
    }
    expect(lastEndMs).toBeLessThanOrEqual(durationMs + 1);
    expect(lastEndMs).toBeGreaterThan(durationMs - 100);
  });

  it('gives the first sound before the rest is synthesised', async () => {
    const long = Array.from({ length: 30 }, (_, index) => `This is sentence number ${index}.`).join(' ');
    const startedAtMs = performance.now();
    let firstAtMs: number | undefined;
    for await (const chunk of speak(long)) if (chunk.kind === 'audio') firstAtMs ??= performance.now();
    const allMs = performance.now() - startedAtMs;
    expect((firstAtMs ?? Number.POSITIVE_INFINITY) - startedAtMs).toBeLessThan(allMs / 4);
  });

  it('lets the event loop run while it synthesises', async () => {
    let loops = 0;
    const counting = new AbortController();
    const count = (): void => {
      loops++;
      if (!counting.signal.aborted) setImmediate(count);
    };
    setImmediate(count);
    let phrases = 0;
    for await (const chunk of speak(SENTENCE.repeat(3), { voiceId: 'awb' })) if (chunk.kind === 'audio') phrases++;
    counting.abort();
    // On this thread the loop would turn a few times per phrase; beside it, it turns thousands of times.
    expect(loops).toBeGreaterThan(phrases * 5);
  });

  it('stops when nobody wants to hear it any more', async () => {
    const abort = new AbortController();
    let chunks = 0;
    for await (const chunk of speak(SENTENCE.repeat(20), { signal: abort.signal })) {
      if (chunk.kind === 'audio' && ++chunks === 3) abort.abort();
    }
    expect(chunks).toBe(3);
    expect((await collect(speak('hello', { signal: AbortSignal.abort() }))).audio).toEqual([]);
  });

  it('is silent where there is nothing to say', async () => {
    expect(await collect(speak(' ... * \u{1F600} '))).toEqual({ audio: [], words: [] });
  });

  it('does not keep what it no longer needs', async () => {
    for (let round = 0; round < 5; round++) await collect(speak('One two three.'));
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 40; round++) await collect(speak('One two three.'));
    // One instance takes 20 MB; forty that stay would take 800.
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(200);
  });

  it('says that it is closed, and ends what it was saying', async () => {
    const other = createSynthesiser({ workerUrl: pathToFileURL(built.file) });
    const speaking = collect(
      other.speak(
        { text: SENTENCE, voiceId: 'slt', language: 'en', sampleRateHz: 16_000 },
        new AbortController().signal,
      ),
    );
    await Promise.all([expect(speaking).rejects.toThrow('closed'), other.close()]);
    await expect(other.ready()).rejects.toThrow('closed');
  });

  it('says what failed when its thread does', async () => {
    const broken = createSynthesiser({ workerUrl: pathToFileURL(`${built.file}.missing`) });
    await expect(broken.ready()).rejects.toThrow('synthesis thread');
    await broken.close();
  });
});

/** Root mean square of 16-bit samples. */
function loudness(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}
