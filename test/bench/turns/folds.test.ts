import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FITTED_WEIGHTS } from '../../../agent/turn/weights.js';
import { projectRoot } from '../../../bench/installed.js';
import { readFittedArms } from '../../../bench/turns/folds.js';

const weights = (baseMs: number) => {
  const wait = { baseMs, perUnitMs: {} };
  return { withText: wait, withoutText: wait };
};

const FOLDS = {
  schema: 1,
  foldOf: { known: 1 },
  foldOfName: { order_7: 1 },
  arms: {
    policy: { folds: [weights(100), weights(200)], all: weights(300) },
    'policy-without-pitch': { folds: [weights(110), weights(210)], all: weights(310) },
  },
};

describe('weights that a recording is judged by', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turnwise-folds-'));
    await writeFile(join(folder, 'folds.json'), JSON.stringify(FOLDS));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const judge = async (originalFingerprint: string, file: string) => {
    const { arms, isLeftOut } = await readFittedArms(join(folder, 'folds.json'));
    const recording = { originalFingerprint, file };
    return { weights: arms.map(({ weightsFor }) => weightsFor(recording)), isLeftOut: isLeftOut(recording) };
  };

  it('are those of the fold that it was left out of', async () => {
    expect(await judge('known', 'a.flac')).toEqual({ weights: [weights(200), weights(210)], isLeftOut: true });
  });

  it('are these as well for another file of it', async () => {
    const twin = await judge('resampled', 'clips/order_7.wav');
    expect(twin).toEqual({ weights: [weights(200), weights(210)], isLeftOut: true });
  });

  it('are the shipped ones where nobody was fitted to it, which is told', async () => {
    const stranger = await judge('stranger', 'clips/order_70.wav');
    expect(stranger).toEqual({ weights: [FITTED_WEIGHTS, weights(310)], isLeftOut: false });
  });

  it('are the shipped ones where nothing was fitted', async () => {
    const { arms, isLeftOut } = await readFittedArms(join(folder, 'none.json'));
    const recording = { originalFingerprint: 'known', file: 'order_7.wav' };
    expect(arms.map(({ weightsFor }) => weightsFor(recording))).toEqual([FITTED_WEIGHTS]);
    expect(isLeftOut(recording)).toBe(false);
  });

  it('are of a fold by fingerprint and by name for whatever was fitted', async () => {
    const shipped = JSON.parse(await readFile(join(projectRoot(), 'bench/turns/folds.json'), 'utf8'));
    expect(Object.values(shipped.foldOfName).toSorted()).toEqual(Object.values(shipped.foldOf).toSorted());
  });
});
