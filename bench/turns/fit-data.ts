/** What a wait could be weighed by in each silence of a recording, and what the right answer was: the data of the fit. */
import { type Evidence, readEvidence } from '../../agent/turn/evidence.js';
import type { ListenerSettings } from '../../agent/turn/listener-forms.js';
import { pauseFacts } from '../../agent/turn/pending-wait.js';
import { FITTED_WEIGHTS } from '../../agent/turn/weights.js';
import type { TimedWord } from './recording.js';
import { replay } from './replay.js';
import type { Trace } from './trace.js';

/** The evidence at one instant of a silence. */
export interface SilenceStep {
  /** Since the last voiced window, in ms. */
  readonly silenceMs: number;
  readonly evidence: Evidence;
  readonly isFinalized: boolean;
}

export interface Silence {
  /** Whether the turn was over; if not, the caller went on. */
  readonly isEnd: boolean;
  /** From the label's end of speech to the last voiced window, in ms; what a commit comes later by. 0 within turns. */
  readonly lagMs: number;
  /** Oldest first; the last one is the end of the silence. */
  readonly steps: readonly SilenceStep[];
}

/** Silences shorter than this are no question: nothing commits that early, in ms. */
const SHORTEST_MS = 128;

/** All silences of a recording whose right answer is known. */
export async function silencesFor(trace: Trace, words: readonly TimedWord[], language: string): Promise<Silence[]> {
  const settings: ListenerSettings = {
    language,
    bounds: { minSilenceMs: 0, maxSilenceMs: Number.POSITIVE_INFINITY },
    biasMs: 0,
    weights: FITTED_WEIGHTS,
    isInterruptible: true,
  };
  const byVoice = new Map<number, SilenceStep[]>();
  await replay(
    trace,
    settings,
    (listener, atMs) => {
      const { turn, voice } = listener;
      if (turn === undefined || voice.lastVoicedAtMs === undefined) return;
      const evidence = readEvidence(pauseFacts(listener, turn, language), atMs);
      const steps = byVoice.get(voice.lastVoicedAtMs) ?? [];
      steps.push({ silenceMs: atMs - voice.lastVoicedAtMs, evidence, isFinalized: turn.isFinalized });
      byVoice.set(voice.lastVoicedAtMs, steps);
    },
    { words },
  );
  const { speech, isComplete } = trace.recording;
  const all = [...byVoice].filter(([, steps]) => (steps.at(-1)?.silenceMs ?? 0) >= SHORTEST_MS);
  return all.flatMap(([voicedUntilMs, steps], index) => {
    const isLast = index === all.length - 1;
    // Where a recording is cut off, nobody knows whether the caller would have gone on.
    if (isLast && isComplete !== true) return [];
    return [{ isEnd: isLast, lagMs: isLast ? voicedUntilMs - speech.endMs : 0, steps }];
  });
}
