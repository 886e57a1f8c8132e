/** Weights that have not seen the recording they are judged by: written by the fit, read here. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { PolicyWeights } from '../../agent/turn/wait.js';
import { FITTED_WEIGHTS } from '../../agent/turn/weights.js';
import { projectRoot } from '../installed.js';
import { nameOf, type Recording } from './recording.js';

const WaitWeights = z.object({ baseMs: z.number(), perUnitMs: z.record(z.string(), z.number()) });
const Weights = z.object({ withText: WaitWeights, withoutText: WaitWeights });
const Arm = z.object({
  /** By fold: fitted without the recordings of that fold. */
  folds: z.array(Weights).min(1),
  /** Fitted to all of them, for recordings in none. */
  all: Weights,
});
const Folds = z.object({
  schema: z.literal(1),
  /** The fold that each recording was left out in, by fingerprint. */
  foldOf: z.record(z.string(), z.int().min(0)),
  /** The same by the file's name: of two files of one recording only one was fitted to, and other data may hold the other. */
  foldOfName: z.record(z.string(), z.int().min(0)),
  /** `policy`, and `policy-without-…` for each group of evidence. */
  arms: z.record(z.string(), Arm),
});

export interface FittedArm {
  readonly name: string;
  readonly weightsFor: (recording: FoldKeys) => PolicyWeights;
}

export interface FittedArms {
  /** `policy` first; alone, with the shipped weights, where nothing was fitted yet. */
  readonly arms: readonly FittedArm[];
  /** Whether there are weights that have not seen this recording because it was left out; all others are judged by the shipped ones. */
  readonly isLeftOut: (recording: FoldKeys) => boolean;
}

/** What a recording is known by. */
type FoldKeys = Pick<Recording, 'originalFingerprint' | 'file'>;

export async function readFittedArms(path = join(projectRoot(), 'bench/turns/folds.json')): Promise<FittedArms> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const shipped: FittedArm = { name: 'policy', weightsFor: () => FITTED_WEIGHTS };
  if (text === undefined) return { arms: [shipped], isLeftOut: () => false };
  const { foldOf, foldOfName, arms } = Folds.parse(JSON.parse(text));
  const foldFor = (recording: FoldKeys): number | undefined =>
    // Whoever else has such a name loses nothing: no fold's weights have seen it.
    foldOf[recording.originalFingerprint] ?? foldOfName[nameOf(recording)];
  const fitted = Object.entries(arms).map(([name, { folds, all }]) => ({
    name,
    weightsFor: (recording: FoldKeys): PolicyWeights => {
      const fold = foldFor(recording);
      const leftOut = fold === undefined ? undefined : folds[fold];
      if (leftOut !== undefined) return leftOut;
      // What nobody was fitted to is judged by what is shipped.
      return name === 'policy' ? FITTED_WEIGHTS : all;
    },
  }));
  return {
    arms: fitted.some(({ name }) => name === 'policy') ? fitted : [shipped, ...fitted],
    isLeftOut: (recording) => arms.policy?.folds[foldFor(recording) ?? -1] !== undefined,
  };
}
