/** Both workers are there and answer an order: a stock one that nobody can call would pass for one that never cuts in. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ARM_NAMES, type ArmName } from '../../../bench/cut-ins/figures.js';
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
  // What this program was too busy to say in time is said once more: the last time counts.
  const last = (arm: ArmName) => arms[arm].each.at(-1);
  for (const arm of ARM_NAMES) {
    expect(arms[arm].failedCalls).toBe(0);
    expect(last(arm)).toMatchObject({ file: FILE, pausesMs: [150], outcome: 'answered' });
    expect(last(arm)?.said).toMatch(/light roast iced mocha/i);
  }
  // Ours alone tells why it waited as long as it did.
  expect(last('ours')?.waited[0]?.waiting).toBeDefined();
  expect(last('stock')?.waited).toEqual([]);
});
