/** The worker's own policy as an arm: its patience is swept. */
import { type PolicyWeights, weigh, weightsFor } from '../../agent/turn/wait.js';
import { type Arm, type Commits, type Hearing, steps } from './arm.js';
import { NO_LANGUAGE, type PolicyStep, type PolicySteps } from './policy-steps.js';
import type { Recording } from './recording.js';

/** Added to every wait, in ms: the setting that is swept. */
const BIASES_MS = steps(-1_500, 1_500, 25);
/** Wider than any profile's, so that the sweep is the evidence's and not the bounds', in ms. */
const BOUNDS = { minSilenceMs: 96, maxSilenceMs: 2_500 } as const;
/** The wait as the evidence has it, before patience and bounds: those only shift and clamp it. */
const UNBOUNDED = { minSilenceMs: Number.NEGATIVE_INFINITY, maxSilenceMs: Number.POSITIVE_INFINITY } as const;

export interface PolicyArmOptions {
  readonly name: string;
  /** Weights that have not seen this recording. */
  readonly weightsFor: (recording: Recording) => PolicyWeights;
  readonly hearsWords: boolean;
  /** Shared by the arms of a run. */
  readonly steps: PolicySteps;
}

export function policyArm({ name, weightsFor: weightsOf, hearsWords, steps: known }: PolicyArmOptions): Arm {
  return {
    name,
    settings: BIASES_MS.map((biasMs) => `${biasMs >= 0 ? '+' : ''}${biasMs} ms`),
    decide: async (hearing: Hearing) => {
      const { recording } = hearing.trace;
      const language = hearsWords ? recording.language : NO_LANGUAGE;
      const weights = weightsOf(recording);
      const sweep = BIASES_MS.map((biasMs) => new SweptCommits(biasMs));
      for (const step of await known.of(hearing, hearsWords)) {
        const fitted = weightsFor(step.evidence, language, weights);
        const { waitMs } = weigh(step.evidence, fitted, UNBOUNDED, step.extraMs);
        for (const setting of sweep) setting.take(step, waitMs);
      }
      return sweep;
    },
  };
}

/** When one setting would commit, each silence once. */
class SweptCommits implements Commits {
  readonly withFinal: number[] = [];
  readonly alone: number[] = [];
  readonly #biasMs: number;
  /** The silences in which it has committed, by the end of their last voice. */
  #silenceWithFinal: number | undefined;
  #silenceAlone: number | undefined;

  constructor(biasMs: number) {
    this.#biasMs = biasMs;
  }

  take({ silence, silenceMs, atMs, isFinalized }: PolicyStep, unboundedMs: number): void {
    if (this.#silenceWithFinal === silence) return;
    const { minSilenceMs, maxSilenceMs } = BOUNDS;
    if (silenceMs < Math.min(maxSilenceMs, Math.max(minSilenceMs, unboundedMs + this.#biasMs))) return;
    if (this.#silenceAlone !== silence) {
      this.#silenceAlone = silence;
      this.alone.push(atMs);
    }
    if (!isFinalized) return;
    this.#silenceWithFinal = silence;
    this.withFinal.push(atMs);
  }
}
