/** Both workers are there and answer an order: a stock one that nobody can call would pass for one that never cuts in. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ARM_NAMES } from '../../../bench/cut-ins/figures.js';
import { runCutIns } from '../../../bench/cut-ins/suite.js';

const SPEECH = 'test/speech';
const FILE = 'orders/a7b1de7b.flac';
const Manifest = z.array(z.looseObject({ file: z.string() }));

async function folderOfOneOrder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cut-ins-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const rows = Manifest.parse(JSON.parse(await readFile(join(SPEECH, 'orders.json'), 'utf8')));
  await mkdir(join(folder, 'orders'));
  await copyFile(join(SPEECH, FILE), join(folder, FILE));
  await writeFile(join(folder, 'orders.json'), JSON.stringify(rows.filter(({ file }) => file === FILE)));
  return folder;
}

it('hears the same order in calls to both arms, and an answer in each', async ({ signal }) => {
  const folders = [await folderOfOneOrder()];
  const arms = await runCutIns({ folders, quick: true, limit: 1, seed: 1, signal, tell: () => undefined });
  for (const arm of ARM_NAMES) {
    const { each, failedCalls } = arms[arm];
    expect(failedCalls).toBe(0);
    expect(each).toMatchObject([{ file: FILE, pausesMs: [150], outcome: 'answered' }]);
    expect(each[0]?.said).toMatch(/light roast iced mocha/i);
  }
  // Ours alone tells why it waited as long as it did.
  expect(arms.ours.each[0]?.waited[0]?.waiting).toBeDefined();
  expect(arms.stock.each[0]?.waited).toEqual([]);
});
