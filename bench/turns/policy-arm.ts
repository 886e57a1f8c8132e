/** The worker's own policy as an arm: its patience is swept. */
import { FINALIZE_TIMEOUT_MS } from '../../agent/turn/listener.js';
import type { ListenerSettings } from '../../agent/turn/listener-forms.js';
import { pendingWait } from '../../agent/turn/pending-wait.js';
import type { PolicyWeights } from '../../agent/turn/wait.js';
import { type Arm, type Hearing, steps } from './arm.js';
import type { Gate } from './binary-arms.js';
import type { Recording } from './recording.js';
import { replay } from './replay.js';

/** Added to every wait, in ms: the setting that is swept. */
const BIASES_MS = steps(-1_500, 1_500, 25);
/** Wider than any profile's, so that the sweep is the evidence's and not the bounds', in ms. */
const BOUNDS = { minSilenceMs: 96, maxSilenceMs: 2_500 } as const;
/** A language of which nothing is known: the evidence left is that of the sound. */
const NO_LANGUAGE = 'und';

export interface PolicyArmOptions extends Gate {
  readonly name: string;
  /** Weights that have not seen this recording. */
  readonly weightsFor: (recording: Recording) => PolicyWeights;
  /** Without them the recogniser shows nothing, and no rule about words is used. */
  readonly hearsWords: boolean;
}

export function policyArm({ name, weightsFor, hearsWords, waitsForFinal }: PolicyArmOptions): Arm {
  return {
    name,
    settings: BIASES_MS.map((biasMs) => `${biasMs >= 0 ? '+' : ''}${biasMs} ms`),
    commits: async ({ trace, words }: Hearing) => {
      const settings: ListenerSettings = {
        language: hearsWords ? trace.recording.language : NO_LANGUAGE,
        bounds: BOUNDS,
        biasMs: 0,
        weights: weightsFor(trace.recording),
        isInterruptible: true,
      };
      const commits: number[][] = BIASES_MS.map(() => []);
      /** The silence in which each setting has committed already, by the end of its last voice. */
      const done: (number | undefined)[] = BIASES_MS.map(() => undefined);
      await replay(
        trace,
        settings,
        (listener, atMs) => {
          const lastVoicedAtMs = listener.voice.lastVoicedAtMs ?? 0;
          const asked = listener.turn?.finalizeAskedAtMs;
          const hasTimedOut = asked !== undefined && atMs - asked >= FINALIZE_TIMEOUT_MS;
          for (const [index, biasMs] of BIASES_MS.entries()) {
            if (done[index] === lastVoicedAtMs) continue;
            const pending = pendingWait(listener, atMs, { ...settings, biasMs });
            if (pending === undefined || pending.silenceMs < pending.waitMs) continue;
            if (waitsForFinal && !pending.isFinalized && !hasTimedOut) continue;
            done[index] = lastVoicedAtMs;
            commits[index]?.push(atMs);
          }
        },
        { words: hearsWords ? words : [] },
      );
      return commits;
    },
  };
}
