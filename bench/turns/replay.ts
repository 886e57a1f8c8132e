/**
 * Plays a trace to the worker's own listener, as the worker would hear it, and lets the caller look at each step. The listener
 * goes on through every pause without committing: each pause is judged on its own.
 */

import { listen } from '../../agent/turn/listener.js';
import type { ListenerAction, ListenerInput, ListenerSettings } from '../../agent/turn/listener-forms.js';
import { IDLE, type Listener } from '../../agent/turn/listener-state.js';
import type { HeardWord } from '../../agent/turn/words.js';
import { SCORE_LATENCY_MS } from './binary-arms.js';
import { finalAtMs, shownAtMs } from './recogniser.js';
import type { TimedWord } from './recording.js';
import type { Trace } from './trace.js';

/** Called after every input while a turn is open and nobody speaks. `pendingWait(listener, atMs, …)` says what would be waited. */
export type OnStep = (listener: Listener, atMs: number) => void;

export interface ReplayOptions {
  /** Words as the recogniser hears them; default: none, so that every final is empty. */
  readonly words?: readonly TimedWord[];
}

/** Confidence of every final, 0 to 1: labels have none. */
const CONFIDENCE = 0.9;
const NEVER = { minSilenceMs: Number.POSITIVE_INFINITY, maxSilenceMs: Number.POSITIVE_INFINITY } as const;

/**
 * @param settings - Language, weights and whatever else the evidence is weighed by; its bounds are not used.
 * @returns The listener after the last window.
 */
export async function replay(
  trace: Trace,
  settings: ListenerSettings,
  onStep: OnStep,
  { words = [] }: ReplayOptions = {},
): Promise<Listener> {
  const neverCommits = { ...settings, bounds: NEVER };
  const recogniser = new SimulatedRecogniser(words);
  const pending: ListenerInput[] = [
    { kind: 'asked', atMs: 0, question: trace.recording.asked },
    ...recogniser.interims,
  ];
  let listener = IDLE;
  const take = async (input: ListenerInput): Promise<void> => {
    const step = listen(listener, input, neverCommits);
    listener = step.listener;
    for (const action of step.actions) pending.push(...(await answersTo(action, input.atMs, trace, recogniser)));
    if (listener.turn !== undefined && !listener.voice.isSpeaking) onStep(listener, input.atMs);
  };
  for (const { atMs, probability, levelDb, pitchHz } of trace.windows) {
    for (let input = takeDue(pending, atMs); input !== undefined; input = takeDue(pending, atMs)) {
      const current = input.kind === 'interim' ? recogniser.interimAt(input.atMs) : input;
      await take(current);
    }
    await take({ kind: 'window', atMs, probability, levelDb, ...(pitchHz !== undefined && { pitchHz }) });
  }
  return listener;
}

/** The earliest input before `beforeMs`; of two at one instant the one that was known of first. */
function takeDue(pending: ListenerInput[], beforeMs: number): ListenerInput | undefined {
  let next = -1;
  for (const [index, { atMs }] of pending.entries()) {
    if (atMs <= beforeMs && (next < 0 || atMs < (pending[next]?.atMs ?? 0))) next = index;
  }
  return next < 0 ? undefined : pending.splice(next, 1)[0];
}

async function answersTo(
  action: ListenerAction,
  atMs: number,
  trace: Trace,
  recogniser: SimulatedRecogniser,
): Promise<ListenerInput[]> {
  if (action.kind === 'finalize') return [recogniser.finalize(atMs)];
  if (action.kind !== 'score') return [];
  const probability = await trace.score(atMs);
  return [{ kind: 'score', atMs: atMs + SCORE_LATENCY_MS, pauseAtMs: action.pauseAtMs, probability }];
}

/** Shows each word at its latency, and gives its finals when asked. */
class SimulatedRecogniser {
  readonly #words: readonly TimedWord[];
  /** Words that ended by then are final. */
  #finalUntilMs = Number.NEGATIVE_INFINITY;

  constructor(words: readonly TimedWord[]) {
    this.#words = words.toSorted((a, b) => a.endMs - b.endMs);
  }

  /** When something new is shown; what, says `interimAt` when it is due. */
  get interims(): ListenerInput[] {
    return this.#words.map((word) => ({ kind: 'interim', atMs: shownAtMs(word), words: [] }));
  }

  interimAt(atMs: number): ListenerInput {
    const shown = this.#words.filter((word) => word.endMs > this.#finalUntilMs && shownAtMs(word) <= atMs);
    return { kind: 'interim', atMs, words: shown.map(heard) };
  }

  finalize(askedAtMs: number): ListenerInput {
    const covered = this.#words.filter((word) => word.endMs > this.#finalUntilMs && word.endMs <= askedAtMs);
    const atMs = finalAtMs(this.#words, askedAtMs);
    this.#finalUntilMs = askedAtMs;
    return {
      kind: 'final',
      atMs,
      words: covered.map(heard),
      confidence: CONFIDENCE,
      isAnswer: true,
      coveredUntilMs: askedAtMs,
    };
  }
}

function heard({ text, startMs, endMs }: TimedWord): HeardWord {
  return { text, fromMs: startMs, untilMs: endMs };
}
