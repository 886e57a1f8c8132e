/** A recording through the worker's listener, step by step: what every policy of the benchmark weighs, computed once. */
import { type Evidence, readEvidence, speakerMs } from '../../agent/turn/evidence.js';
import { FINALIZE_TIMEOUT_MS } from '../../agent/turn/listener.js';
import type { ListenerSettings } from '../../agent/turn/listener-forms.js';
import { pauseFacts, silenceAt } from '../../agent/turn/pending-wait.js';
import { FITTED_WEIGHTS } from '../../agent/turn/weights.js';
import type { Hearing } from './arm.js';
import { replay } from './replay.js';

/** An instant at which nobody speaks and the worker decides: the parts of its `pendingWait`, before they are weighed. */
export interface PolicyStep {
  readonly atMs: number;
  /** End of the last voice, in ms: names the silence. */
  readonly silence: number;
  readonly silenceMs: number;
  readonly evidence: Evidence;
  readonly extraMs: Readonly<Record<string, number>>;
  /** The recogniser has given its words, or has had its time. */
  readonly isFinalized: boolean;
}

/** A language of which nothing is known: the evidence left is that of the sound. */
export const NO_LANGUAGE = 'und';

/** Steps of hearings that several arms decide about. */
export class PolicySteps {
  readonly #known = new WeakMap<Hearing, { worded?: Promise<PolicyStep[]>; wordless?: Promise<PolicyStep[]> }>();

  /** @param hearsWords - Without them the recogniser shows nothing, and no rule about words is used. */
  of(hearing: Hearing, hearsWords: boolean): Promise<readonly PolicyStep[]> {
    const known = this.#known.get(hearing) ?? {};
    this.#known.set(hearing, known);
    const key = hearsWords ? 'worded' : 'wordless';
    known[key] ??= stepsOf(hearing, hearsWords);
    return known[key];
  }
}

async function stepsOf({ trace, words }: Hearing, hearsWords: boolean): Promise<PolicyStep[]> {
  const language = hearsWords ? trace.recording.language : NO_LANGUAGE;
  const settings: ListenerSettings = {
    language,
    // Of no effect: the listener commits nothing here, and weighs nothing else.
    ...{ bounds: { minSilenceMs: 0, maxSilenceMs: 0 }, biasMs: 0, weights: FITTED_WEIGHTS },
    isInterruptible: true,
  };
  const steps: PolicyStep[] = [];
  await replay(
    trace,
    settings,
    (listener, atMs) => {
      const { turn, speaker } = listener;
      if (turn === undefined) return;
      const asked = turn.finalizeAskedAtMs;
      const hasTimedOut = asked !== undefined && atMs - asked >= FINALIZE_TIMEOUT_MS;
      steps.push({
        atMs,
        silence: listener.voice.lastVoicedAtMs ?? turn.startedAtMs,
        silenceMs: silenceAt(listener, turn, atMs),
        evidence: readEvidence(pauseFacts(listener, turn, language), atMs),
        extraMs: speakerMs(speaker),
        isFinalized: turn.isFinalized || hasTimedOut,
      });
    },
    { words: hearsWords ? words : [] },
  );
  return steps;
}
