/** Runs every arm over every recording. */
import { seededRandom } from '../statistics.js';
import type { Arm, Hearing } from './arm.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { type ErrorRates, withErrors } from './recogniser.js';
import { clusterOf, type Recording } from './recording.js';
import { silencesOf } from './silences.js';
import { type Counted, Sweep } from './sweep.js';
import { seedOf, TAIL_MS, type Trace, type Tracer } from './trace.js';

/** Two models run in threads of their own; two recordings at a time keep both cores of a small machine busy. */
const AT_ONCE = 2;
/** A detector that hears voice this long after the last audible window, or loses it that long before, in ms, disputes the label. */
const DISPUTED_MS = 300;
/** Traces are kept on disk every so many recordings. */
const SAVE_EVERY = 20;

export interface MeasureOptions {
  readonly tracer: Tracer;
  readonly arms: readonly Arm[];
  readonly errorRates: ErrorRates;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
}

/** All arms' outcomes over the recordings of one set. */
export interface MeasuredSet {
  readonly name: string;
  readonly recordings: readonly Recording[];
  readonly clusters: readonly string[];
  readonly pauses: number;
  /** Complete turns whose wait counts. */
  readonly turns: number;
  /**
   * Recordings whose end the worker's detector puts elsewhere than their level does: there is background within 30 dB of the
   * voice, and what is a pause, or the end, cannot be told by level. They count for nothing.
   */
  readonly disputed: readonly string[];
  readonly arms: ReadonlyMap<string, MeasuredArm>;
}

export interface MeasuredArm {
  readonly withFinal: Sweep;
  readonly alone: Sweep;
}

/** One recording's outcomes, by arm and setting. */
interface Measured {
  readonly recording: Recording;
  readonly isDisputed: boolean;
  readonly withFinal: readonly (readonly Outcome[])[];
  readonly alone: readonly (readonly Outcome[])[];
}

/** @throws the reason of `signal` once it aborts; what was traced by then is kept. */
export async function measure(recordings: readonly Recording[], options: MeasureOptions): Promise<MeasuredSet[]> {
  const corpus = recordings.flatMap(({ words }) => words?.map(({ text }) => text) ?? []);
  const measured: (Measured | undefined)[] = recordings.map(() => undefined);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < recordings.length; index = next++) {
      options.signal.throwIfAborted();
      const recording = recordings[index];
      if (recording !== undefined) measured[index] = await measureOne(recording, corpus, options);
      done += 1;
      options.onProgress(done, recordings.length);
      if (done % SAVE_EVERY === 0) await options.tracer.save();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await options.tracer.save();
  }
  return intoSets(
    measured.filter((one) => one !== undefined),
    options.arms,
  );
}

async function measureOne(
  recording: Recording,
  corpus: readonly string[],
  { tracer, arms, errorRates, seed }: MeasureOptions,
): Promise<Measured> {
  const trace = await tracer.traceOf(recording);
  const wordSeed = Math.floor(seededRandom(seed ^ seedOf(recording.originalFingerprint))() * 1e9);
  const words = withErrors(recording.words ?? [], corpus, wordSeed, errorRates);
  const hearing: Hearing = { trace, words };
  const decided = await Promise.all(arms.map((arm) => arm.decide(hearing)));
  return {
    recording,
    isDisputed: isDisputed(trace),
    withFinal: decided.map((settings) => settings.map(({ withFinal }) => outcomeOf(recording, withFinal))),
    alone: decided.map((settings) => settings.map(({ alone }) => outcomeOf(recording, alone))),
  };
}

/** Only recordings as they are: in noise and echo voice is heard where there is none, which is what these sets measure. */
function isDisputed({ recording, windows }: Trace): boolean {
  if (recording.fingerprint !== recording.originalFingerprint) return false;
  const last = silencesOf(windows).at(-1);
  const endsAtMs = last?.resumedAtMs === Number.POSITIVE_INFINITY ? last.fromMs : Number.POSITIVE_INFINITY;
  return Math.abs(endsAtMs - recording.speech.endMs) > DISPUTED_MS;
}

function intoSets(measured: readonly Measured[], arms: readonly Arm[]): MeasuredSet[] {
  const names = [...new Set(measured.map(({ recording }) => recording.set))];
  return names.map((name) => {
    const all = measured.filter(({ recording }) => recording.set === name);
    // A disputed recording stays in the list of its set, and out of its figures.
    const outcomesOf = (one: Measured, index: number, kind: 'withFinal' | 'alone'): readonly Outcome[] =>
      one.isDisputed ? [] : (one[kind][index] ?? []);
    const counted: Counted[] = all.map(({ recording, isDisputed }) => ({
      pauses: isDisputed ? 0 : recording.pauses.length,
      countsWait: recording.isComplete === true && !isDisputed,
    }));
    const sweep = (arm: Arm, index: number, kind: 'withFinal' | 'alone'): Sweep =>
      new Sweep(
        arm.settings,
        counted,
        all.map((one) => outcomesOf(one, index, kind)),
        TAIL_MS,
      );
    return {
      name,
      recordings: all.map(({ recording }) => recording),
      clusters: all.map(({ recording }) => clusterOf(recording)),
      pauses: counted.reduce((sum, { pauses }) => sum + pauses, 0),
      turns: counted.filter(({ countsWait }) => countsWait).length,
      disputed: all.filter(({ isDisputed }) => isDisputed).map(({ recording }) => recording.file),
      arms: new Map(
        arms.map((arm, index) => [
          arm.name,
          { withFinal: sweep(arm, index, 'withFinal'), alone: sweep(arm, index, 'alone') },
        ]),
      ),
    };
  });
}
