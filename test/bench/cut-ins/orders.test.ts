import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatWav } from '../../../bench/audio/wav.js';
import { isPausedOrder, readPausedOrders, withoutCopies } from '../../../bench/cut-ins/orders.js';
import type { Recording } from '../../../bench/turns/recording.js';

const recording = (pauseLengthsMs: readonly number[], more: Partial<Recording> = {}): Recording => ({
  fingerprint: 'a',
  originalFingerprint: 'a',
  file: 'orders/a.flac',
  set: 'human-natural',
  speaker: undefined,
  isHuman: true,
  asked: 'none',
  isComplete: true,
  language: 'en',
  samples: new Int16Array(16),
  words: [{ text: 'latte', startMs: 0, endMs: 400 }],
  droppedWords: [],
  speech: { startMs: 0, endMs: 4_000 },
  pauses: pauseLengthsMs.map((lengthMs, index) => ({ startMs: index * 900, endMs: index * 900 + lengthMs })),
  ...more,
});

describe('an order with natural pauses', () => {
  it('has one of 150 to 500 ms', () => {
    expect(isPausedOrder(recording([120, 150]))).toBe(true);
    expect(isPausedOrder(recording([500]))).toBe(true);
    expect(isPausedOrder(recording([140]))).toBe(false);
    expect(isPausedOrder(recording([]))).toBe(false);
  });

  it('has none above, where an answer would be no cut-in', () => {
    expect(isPausedOrder(recording([300, 510]))).toBe(false);
  });

  it('is whole, an order, transcribed, and said by a person', () => {
    expect(isPausedOrder(recording([300], { isComplete: false }))).toBe(false);
    expect(isPausedOrder(recording([300], { isComplete: undefined }))).toBe(false);
    expect(isPausedOrder(recording([300], { isHuman: false }))).toBe(false);
    expect(isPausedOrder(recording([300], { words: undefined }))).toBe(false);
    expect(isPausedOrder(recording([300], { file: 'clips/a.wav' }))).toBe(false);
  });
});

describe('a recording that is there twice', () => {
  it('counts once, though its noise is another', () => {
    const first = recording([300]);
    const copy = recording([300], { fingerprint: 'b', file: 'orders/b.flac', samples: new Int16Array(16).fill(1) });
    const other = recording([310], { fingerprint: 'c', file: 'orders/c.flac' });
    expect(withoutCopies([first, copy, other])).toEqual([first, other]);
  });
});

/** A folder of orders, each two tones with a silence of so many ms between. */
async function folderOf(pausesMs: readonly number[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cut-ins-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'orders'));
  const rows = pausesMs.map((pauseMs, index) => ({ file: `orders/${index}.wav`, complete: true, pauseMs }));
  for (const { file, pauseMs } of rows) {
    const samples = Int16Array.from({ length: 16 * (800 + pauseMs) }, (_, index) =>
      index >= 16 * 400 && index < 16 * (400 + pauseMs) ? 0 : 9_000 * Math.sin(index / 9 + pauseMs),
    );
    await writeFile(join(folder, file), formatWav({ samples, sampleRateHz: 16_000 }));
  }
  const words = [
    { word: 'latte', startMs: 0, endMs: 400 },
    { word: 'and', startMs: 900, endMs: 1_000 },
  ];
  await writeFile(join(folder, 'orders.json'), JSON.stringify(rows.map((row) => ({ ...row, words }))));
  return folder;
}

describe('the orders of a run', () => {
  it('come in the same order for the same seed, and again where there are too few', async () => {
    const folder = await folderOf([160, 200, 300, 700]);
    const filesOf = async (limit: number, seed: number): Promise<string[]> =>
      (await readPausedOrders([folder], { limit, seed })).map(({ file }) => file);
    const all = await filesOf(7, 2);
    expect(all).toHaveLength(7);
    expect(new Set(all).size).toBe(3);
    expect(await filesOf(2, 2)).toEqual(all.slice(0, 2));
  });

  it('have their pauses by their sound, an envelope as long as it, and no word at the end that nobody said', async () => {
    const [order] = await readPausedOrders([await folderOf([200])], { limit: 1, seed: 1 });
    expect(order).toMatchObject({ speech: { startMs: 0, endMs: 1_000 }, pauses: [{ startMs: 400, endMs: 600 }] });
    expect(order?.envelopeDbfs).toHaveLength(100);
    expect(order?.words.map(({ word }) => word)).toEqual(['latte']);
  });

  it('are asked for by name when a folder has none', async () => {
    await expect(readPausedOrders([await folderOf([700])], { limit: 3, seed: 1 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('inner pause of 150 to 500 ms'),
    });
  });
});
