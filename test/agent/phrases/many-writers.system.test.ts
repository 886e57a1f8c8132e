import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { phraseFileName } from '../../../agent/phrases/phrase-file.js';
import { bundle } from '../../support/bundle.js';
import { KEY, SHARED_TEXTS } from './shared-texts.js';
import { temporaryFolder } from './support.js';

const WRITERS = [1, 2, 3];
const ROUNDS = 20;

it('finds whole phrases or none while several processes write and spoil them in one folder', async () => {
  const built = await bundle(new URL('./writer-program.ts', import.meta.url));
  const folder = await temporaryFolder();
  const writers = WRITERS.map((writer) =>
    spawn(process.execPath, [built.file, folder, String(writer), String(ROUNDS)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  try {
    let left = writers.length;
    const ended = writers.map(async (child) => {
      const [code] = await once(child, 'exit');
      left -= 1;
      return code;
    });
    const writtenBy = new Set<number>();
    while (left > 0) {
      const cache = await PhraseCache.open(folder, KEY, SHARED_TEXTS);
      for (const text of SHARED_TEXTS) {
        const samples = cache.get(text)?.samples;
        if (samples === undefined) continue;
        expect(samples.length).toBe(20_000);
        const [writer = 0] = samples;
        expect(samples.every((sample) => sample === writer)).toBe(true);
        writtenBy.add(writer);
      }
    }
    expect(await Promise.all(ended)).toEqual(WRITERS.map(() => 0));
    expect(writtenBy.size).toBeGreaterThan(0);
    expect((await readdir(folder)).sort()).toEqual(SHARED_TEXTS.map((text) => phraseFileName(KEY, text)).sort());
  } finally {
    for (const child of writers) child.kill('SIGKILL');
    rmSync(built.folder, { recursive: true, force: true });
  }
});
