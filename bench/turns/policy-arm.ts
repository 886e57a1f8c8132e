/** The worker's own policy as an arm: its patience is swept. */
import { FINALIZE_TIMEOUT_MS, type Listener } from '../../agent/turn/listener.js';
import type { ListenerSettings } from '../../agent/turn/listener-forms.js';
import { pendingWait } from '../../agent/turn/pending-wait.js';
import type { PolicyWeights } from '../../agent/turn/wait.js';
import { type Arm, type Commits, type Hearing, steps } from './arm.js';
import type { Recording } from './recording.js';
import { type OnStep, replay } from './replay.js';

/** Added to every wait, in ms: the setting that is swept. */
const BIASES_MS = steps(-1_500, 1_500, 25);
/** Wider than any profile's, so that the sweep is the evidence's and not the bounds', in ms. */
const BOUNDS = { minSilenceMs: 96, maxSilenceMs: 2_500 } as const;
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
        bounds: BOUNDS,
        biasMs: 0,
        weights: weightsFor(trace.recording),
        isInterruptible: true,
      };
      const sweep = BIASES_MS.map((biasMs) => new SweptCommits({ ...settings, biasMs }));
      const look: OnStep = (listener, atMs) => {
        for (const setting of sweep) setting.look(listener, atMs);
      };
      await replay(trace, settings, look, { words: hearsWords ? words : [] });
      return sweep;
    },
  };
}

/** When one setting would commit, each silence once. */
class SweptCommits implements Commits {
  readonly withFinal: number[] = [];
  readonly alone: number[] = [];
  readonly #settings: ListenerSettings;
  /** The silences in which it has committed, by the end of their last voice. */
  #silenceWithFinal: number | undefined;
  #silenceAlone: number | undefined;

  constructor(settings: ListenerSettings) {
    this.#settings = settings;
  }

  look(listener: Listener, atMs: number): void {
    const silence = listener.voice.lastVoicedAtMs ?? 0;
    if (this.#silenceWithFinal === silence) return;
    const pending = pendingWait(listener, atMs, this.#settings);
    if (pending === undefined || pending.silenceMs < pending.waitMs) return;
    if (this.#silenceAlone !== silence) {
      this.#silenceAlone = silence;
      this.alone.push(atMs);
    }
    const askedAtMs = listener.turn?.finalizeAskedAtMs;
    const hasTimedOut = askedAtMs !== undefined && atMs - askedAtMs >= FINALIZE_TIMEOUT_MS;
    if (!pending.isFinalized && !hasTimedOut) return;
    this.#silenceWithFinal = silence;
    this.withFinal.push(atMs);
  }
}
