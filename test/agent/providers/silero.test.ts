import { initializeLogger } from '@livekit/agents';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Silero } from '../../../agent/providers/silero.js';
import { readAudioFile } from '../../../bench/audio-file.js';
import orders from '../../speech/orders.json' with { type: 'json' };

let silero: Silero;

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'error' });
  silero = await Silero.load();
});

/** Pushes samples in pieces of one size and collects a probability per window. */
async function windowsOf(samples: Int16Array, pieceSamples: number): Promise<number[]> {
  const windows: number[] = [];
  const stream = silero.open(
    (_endSample, probability) => windows.push(probability),
    (error) => {
      throw error;
    },
  );
  for (let at = 0; at < samples.length; at += pieceSamples) stream.push(samples.subarray(at, at + pieceSamples));
  await vi.waitFor(() => expect(windows).toHaveLength(Math.floor(samples.length / 512)), { timeout: 8_000 });
  stream.close();
  return windows;
}

describe('Silero', () => {
  it('hears a person where the label says one speaks, and nobody in silence', async () => {
    const [order] = orders;
    if (order === undefined) throw new Error('There is no recording.');
    const { samples } = await readAudioFile(new URL(`../../speech/${order.file}`, import.meta.url).pathname);
    const padded = new Int16Array(samples.length + 32_000);
    padded.set(samples, 16_000);
    const windows = await windowsOf(padded, 160);
    const startWindow = Math.ceil((1_000 + order.speechStartMs) / 32);
    const endWindow = Math.floor((1_000 + order.speechEndMs) / 32);
    const spoken = windows.slice(startWindow, endWindow);
    expect(spoken.filter((p) => p > 0.5).length / spoken.length).toBeGreaterThan(0.8);
    expect(Math.max(...windows.slice(0, 20))).toBeLessThan(0.3);
  });

  it('gives the same windows however the audio is cut', async () => {
    const [order] = orders;
    if (order === undefined) throw new Error('There is no recording.');
    const { samples } = await readAudioFile(new URL(`../../speech/${order.file}`, import.meta.url).pathname);
    const [short, odd] = await Promise.all([windowsOf(samples, 160), windowsOf(samples, 777)]);
    expect(odd.every((p, i) => Math.abs(p - (short[i] ?? 0)) < 1e-3)).toBe(true);
  });
});
