/**
 * `npm run fit`: fits the policy's weights to the labelled recordings and writes `agent/turn/weights.ts`, what the worker runs
 * by, and `bench/turns/folds.json`, weights that have not seen the recordings they are judged by. Seeded: twice the same.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceName } from '../../agent/turn/evidence.js';
import type { PolicyWeights } from '../../agent/turn/wait.js';
import { projectRoot } from '../installed.js';
import { shuffled } from '../statistics.js';
import { calibrated } from './fit-calibration.js';
import { type Silence, silencesFor } from './fit-data.js';
import { GROUPS, READ_OUT_NAMES, SOUND_NAMES, WORD_NAMES } from './fit-evidence.js';
import { fitWeights } from './fit-weights.js';
import { withErrors } from './recogniser.js';
import { nameOf, type Recording } from './recording.js';
import { loadRecordings } from './recordings.js';
import { seedOf, Tracer } from './trace.js';

const FOLDS = 5;
const SEED = 1;
/** Times each recording is heard with other recognition errors. */
const HEARINGS = 3;
/** A language of which nothing is known. */
const NO_LANGUAGE = 'und';

interface Sample {
  readonly recording: Recording;
  readonly group: string;
  /** With its words, once a hearing; empty where no words are known. */
  readonly worded: readonly Silence[];
  readonly wordless: readonly Silence[];
}

async function main(): Promise<void> {
  const recordings = await loadRecordings();
  const samples = await hear(recordings);
  const foldOf = foldsOf(samples);
  const arms: Record<string, { folds: PolicyWeights[]; all: PolicyWeights }> = {};
  for (const [name, left] of [['policy', []] as const, ...leftOut()]) {
    const folds = Array.from({ length: FOLDS }, (_, fold) =>
      fitPolicy(
        samples.filter((sample) => foldOf.get(sample.group) !== fold),
        left,
      ),
    );
    arms[name] = { folds, all: fitPolicy(samples, left) };
    process.stdout.write(
      `${name}: fitted to ${samples.length} recordings, and ${FOLDS} times to four fifths of them\n`,
    );
  }
  const foldsBy = (keyOf: (recording: Recording) => string): Record<string, number> =>
    Object.fromEntries(samples.map(({ recording, group }) => [keyOf(recording), foldOf.get(group) ?? 0]));
  const policy = arms.policy;
  if (policy === undefined) throw new Error('The policy itself was not fitted.');
  await writeFile(join(projectRoot(), 'agent/turn/weights.ts'), weightsModule(policy.all));
  const byFingerprint = foldsBy(({ fingerprint }) => fingerprint);
  const folds = { schema: 1, seed: SEED, foldOf: byFingerprint, foldOfName: foldsBy(nameOf), arms };
  await writeFile(join(projectRoot(), 'bench/turns/folds.json'), `${JSON.stringify(folds, null, 1)}\n`);
  process.stdout.write(`${JSON.stringify(policy.all, null, 1)}\n`);
}

async function hear(recordings: readonly Recording[]): Promise<Sample[]> {
  const tracer = new Tracer();
  const corpus = recordings.flatMap(({ words }) => words?.map(({ text }) => text) ?? []);
  const groupOf = grouping(recordings);
  const samples: Sample[] = [];
  for (const recording of recordings) {
    const trace = await tracer.traceOf(recording);
    const worded: Silence[] = [];
    for (let hearing = 0; recording.words !== undefined && hearing < HEARINGS; hearing++) {
      const words = withErrors(recording.words, corpus, seedOf(recording.fingerprint) + hearing);
      worded.push(...(await silencesFor(trace, words, recording.language)));
    }
    const wordless = await silencesFor(trace, [], NO_LANGUAGE);
    samples.push({ recording, group: groupOf(recording), worded, wordless });
    if (samples.length % 50 === 0) {
      process.stdout.write(`heard ${samples.length} of ${recordings.length} recordings\n`);
      await tracer.save();
    }
  }
  await tracer.save();
  return samples;
}

/** What must not be split between folds: a speaker, and the same recording in two files. */
function grouping(recordings: readonly Recording[]): (recording: Recording) => string {
  const speakers = new Map(recordings.flatMap((one) => (one.speaker ? [[nameOf(one), one.speaker] as const] : [])));
  return (recording) => recording.speaker ?? speakers.get(nameOf(recording)) ?? nameOf(recording);
}

function foldsOf(samples: readonly Sample[]): Map<string, number> {
  const groups = shuffled([...new Set(samples.map(({ group }) => group))].sort(), SEED);
  return new Map(groups.map((group, index) => [group, index % FOLDS]));
}

function leftOut(): (readonly [string, readonly EvidenceName[]])[] {
  return Object.entries(GROUPS).map(([group, names]) => [`policy-without-${group}`, names] as const);
}

/** Pauses that were put in carry no final lengthening: only what read-outs say is fitted to them. */
function fitPolicy(samples: readonly Sample[], without: readonly EvidenceName[]): PolicyWeights {
  const kept = (names: readonly EvidenceName[]): EvidenceName[] => names.filter((name) => !without.includes(name));
  const human = samples.filter(({ recording }) => recording.isHuman && recording.set !== 'inserted');
  const heard = human.filter(({ recording }) => recording.words !== undefined);
  const readOuts = samples.filter(({ recording }) => recording.set.endsWith('readout') || recording.set === 'inserted');
  const worded = heard.flatMap((sample) => sample.worded);
  const wordless = human.flatMap((sample) => sample.wordless);
  const withText = fitWeights(worded, kept([...SOUND_NAMES, ...WORD_NAMES]));
  const withoutText = fitWeights(wordless, kept(SOUND_NAMES));
  return {
    withText: fitWeights(
      readOuts.flatMap((sample) => sample.worded),
      kept(READ_OUT_NAMES),
      // What was heard several times has each of its pauses as often.
      calibrated(withText, worded, pausesOf(heard) * HEARINGS),
    ),
    withoutText: calibrated(withoutText, wordless, pausesOf(human)),
  };
}

function pausesOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { recording }) => sum + recording.pauses.length, 0);
}

function weightsModule(weights: PolicyWeights): string {
  const table = JSON.stringify(weights, null, 2)
    .replaceAll(/"([a-zA-Z]+)":/g, '$1:')
    .replaceAll(/(\d|\})\n/g, '$1,\n');
  return `/** What each piece of evidence adds to a wait. Written by \`npm run fit\`; see docs/turn-taking.md. */
import type { PolicyWeights } from './wait.js';

export const FITTED_WEIGHTS: PolicyWeights = ${table.replace(/,\n?$/, '')};
`;
}

await main();
