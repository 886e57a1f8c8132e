/** The worker's own policy as an arm: its patience is swept. */
import { FINALIZE_TIMEOUT_MS } from '../../agent/turn/listener.js';
import type { ListenerSettings } from '../../agent/turn/listener-forms.js';
import { type PendingWait, pendingWait } from '../../agent/turn/pending-wait.js';
import type { PolicyWeights } from '../../agent/turn/wait.js';
import { type Arm, type Commits, type Hearing, steps } from './arm.js';
import type { Recording } from './recording.js';
import { type OnStep, replay } from './replay.js';

/** Added to every wait, in ms: the setting that is swept. */
const BIASES_MS = steps(-1_500, 1_500, 25);
/** Wider than any profile's, so that the sweep is the evidence's and not the bounds', in ms. */
const BOUNDS = { minSilenceMs: 96, maxSilenceMs: 2_500 } as const;
/** The wait as the evidence has it, before patience and bounds: those only shift and clamp it (`weigh` of agent/turn/wait.ts). */
const UNBOUNDED = { minSilenceMs: Number.NEGATIVE_INFINITY, maxSilenceMs: Number.POSITIVE_INFINITY } as const;
/** A language of which nothing is known: the evidence left is that of the sound. */
const NO_LANGUAGE = 'und';

export interface PolicyArmOptions {
  readonly name: string;
  /** Weights that have not seen this recording. */
  readonly weightsFor: (recording: Recording) => PolicyWeights;
  /** Without them the recogniser shows nothing, and no rule about words is used. */
  readonly hearsWords: boolean;
}

export function policyArm({ name, weightsFor, hearsWords }: PolicyArmOptions): Arm {
  return {
    name,
    settings: BIASES_MS.map((biasMs) => `${biasMs >= 0 ? '+' : ''}${biasMs} ms`),
    decide: async ({ trace, words }: Hearing) => {
      const settings: ListenerSettings = {
        language: hearsWords ? trace.recording.language : NO_LANGUAGE,
        bounds: UNBOUNDED,
        biasMs: 0,
        weights: weightsFor(trace.recording),
        isInterruptible: true,
      };
      const sweep = BIASES_MS.map((biasMs) => new SweptCommits(biasMs));
      const look: OnStep = (listener, atMs) => {
        const silence = listener.voice.lastVoicedAtMs ?? 0;
        const open = sweep.filter((setting) => !setting.hasCommittedIn(silence));
        if (open.length === 0) return;
        const pending = pendingWait(listener, atMs, settings);
        if (pending === undefined) return;
        const askedAtMs = listener.turn?.finalizeAskedAtMs;
        const hasTimedOut = askedAtMs !== undefined && atMs - askedAtMs >= FINALIZE_TIMEOUT_MS;
        for (const setting of open) setting.look(silence, atMs, pending, pending.isFinalized || hasTimedOut);
      };
      await replay(trace, settings, look, { words: hearsWords ? words : [] });
      return sweep;
    },
  };
}

/** When one setting would commit, each silence once. */
export class SweptCommits implements Commits {
  readonly withFinal: number[] = [];
  readonly alone: number[] = [];
  readonly #biasMs: number;
  /** The silences in which it has committed, by the end of their last voice. */
  #silenceWithFinal: number | undefined;
  #silenceAlone: number | undefined;

  constructor(biasMs: number) {
    this.#biasMs = biasMs;
  }

  hasCommittedIn(silence: number): boolean {
    return this.#silenceWithFinal === silence;
  }

  look(silence: number, atMs: number, pending: Pick<PendingWait, 'waitMs' | 'silenceMs'>, isFinalized: boolean): void {
    const { minSilenceMs, maxSilenceMs } = BOUNDS;
    const waitMs = Math.min(maxSilenceMs, Math.max(minSilenceMs, pending.waitMs + this.#biasMs));
    if (pending.silenceMs < waitMs) return;
    if (this.#silenceAlone !== silence) {
      this.#silenceAlone = silence;
      this.alone.push(atMs);
    }
    if (!isFinalized) return;
    this.#silenceWithFinal = silence;
    this.withFinal.push(atMs);
  }
}
