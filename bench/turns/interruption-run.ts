/** One scene through the worker's own reducer: what it does, and when. */
import { EchoWatch } from '../../agent/conversation/echo-watch.js';
import { listen } from '../../agent/turn/listener.js';
import type { ListenerAction, ListenerInput, ListenerSettings, WindowInput } from '../../agent/turn/listener-forms.js';
import { IDLE, type Listener } from '../../agent/turn/listener-state.js';
import type { OverlapVerdict } from '../../agent/turn/overlap.js';
import { measureWindow } from '../../agent/turn/prosody.js';
import { hearWindow, SILENT } from '../../agent/turn/voice-activity.js';
import { FITTED_WEIGHTS } from '../../agent/turn/weights.js';
import type { HeardSpeech } from './interruption-recogniser.js';
import type { OverlapScene } from './interruption-scenes.js';
import { WINDOW_SAMPLES } from './models.js';
import { SAMPLE_RATE_HZ } from './recording.js';

/** Times are ms since the clip's first audible sample; undefined for what never came. */
export interface OverlapOutcome {
  /** `interruption` if the agent was stopped, else the first verdict; `none` where nothing was heard at all. */
  readonly verdict: Exclude<OverlapVerdict, 'undecided'> | 'none';
  readonly verdictMs: number | undefined;
  /** Since when the agent is silent for good: paused while it was judged, or stopped by the verdict; of interruptions only. */
  readonly silencedMs: number | undefined;
  readonly duckedMs: number | undefined;
  readonly hushedMs: number | undefined;
}

const WINDOW_MS = (WINDOW_SAMPLES * 1000) / SAMPLE_RATE_HZ;
/** What was played is remembered for so long, in ms (`played-levels.ts`). */
const PLAYED_MS = 3_000;

const SETTINGS: ListenerSettings = {
  language: 'en',
  bounds: { minSilenceMs: 300, maxSilenceMs: 2_500 },
  biasMs: 0,
  weights: FITTED_WEIGHTS,
  isInterruptible: true,
};

/**
 * A scene as the worker's ear measures it.
 * @param probabilities - Silero's, of each window of the scene.
 */
export function windowsOf(scene: OverlapScene, probabilities: readonly number[]): WindowInput[] {
  const watch = new EchoWatch();
  return probabilities.map((probability, index) => {
    const atMs = (index + 1) * WINDOW_MS;
    const sound = measureWindow(scene.samples.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES));
    const played = scene.played.filter((level) => level.atMs <= atMs && level.atMs > atMs - PLAYED_MS);
    const echo = watch.hear(atMs, probability, sound.levelDb, played);
    return { kind: 'window', atMs, probability, ...sound, ...(echo !== undefined && { echo }) };
  });
}

export function overlapOutcome(
  scene: OverlapScene,
  windows: readonly WindowInput[],
  speech: HeardSpeech,
): OverlapOutcome {
  const call = new OverlappedCall(scene, speech);
  for (const window of windows) {
    call.hearWordsUntil(window.atMs);
    call.take(window);
    if (call.isStopped) break;
  }
  return call.outcome();
}

class OverlappedCall {
  #listener: Listener = IDLE;
  readonly #startMs: number;
  readonly #speech: HeardSpeech;
  #finalizeAskedAtMs: number | undefined;
  #shown = 0;
  #finished = 0;
  readonly #firsts = new Map<ListenerAction['kind'], number>();
  #verdict: OverlapOutcome['verdict'] = 'none';
  #verdictAtMs: number | undefined;
  #hushedAtMs: number | undefined;
  #silencedAtMs: number | undefined;

  constructor(scene: OverlapScene, speech: HeardSpeech) {
    this.#startMs = scene.startMs;
    this.#speech = speech;
    this.take({ kind: 'agent', atMs: 0, phase: 'speaking', text: scene.agentText });
  }

  get isStopped(): boolean {
    return this.#verdict === 'interruption';
  }

  /** Interims of all words shown by now that are not final yet, and the final that was asked for. */
  hearWordsUntil(atMs: number): void {
    const { words, finalizeMs } = this.#speech;
    const shown = words.filter((word) => word.shownAtMs <= atMs).length;
    if (shown > this.#shown) {
      this.#shown = shown;
      const heard = words.slice(this.#finished, shown).map(({ text, startMs, endMs }) => ({
        ...{ text, fromMs: startMs, untilMs: endMs },
      }));
      this.take({ kind: 'interim', atMs, words: heard });
    }
    const askedAtMs = this.#finalizeAskedAtMs;
    if (askedAtMs === undefined) return;
    const spoken = words.filter((word) => word.endMs <= askedAtMs);
    const dueAtMs = Math.max(askedAtMs + finalizeMs, ...spoken.map((word) => word.shownAtMs));
    if (dueAtMs > atMs) return;
    this.#finalizeAskedAtMs = undefined;
    const finals = spoken
      .slice(this.#finished)
      .map(({ text, startMs, endMs }) => ({ text, fromMs: startMs, untilMs: endMs }));
    this.#finished = Math.max(this.#finished, spoken.length);
    const coveredUntilMs = askedAtMs;
    this.take({ kind: 'final', atMs, words: finals, confidence: 0.9, isAnswer: true, coveredUntilMs });
  }

  take(input: ListenerInput): void {
    const { listener, actions } = listen(this.#listener, input, SETTINGS);
    this.#listener = listener;
    for (const action of actions) this.#note(action, input.atMs);
  }

  #note(action: ListenerAction, atMs: number): void {
    if (!this.#firsts.has(action.kind)) this.#firsts.set(action.kind, atMs);
    if (action.kind === 'finalize') this.#finalizeAskedAtMs = atMs;
    if (action.kind === 'hush') this.#hushedAtMs ??= atMs;
    // An interruption before any sound raises the voice, too: nothing of it is left to be heard.
    if (action.kind === 'unduck' && !this.isStopped) this.#hushedAtMs = undefined;
    if (action.kind !== 'judged') return;
    if (this.#verdict !== 'none' && action.verdict !== 'interruption') return;
    this.#verdict = action.verdict;
    this.#verdictAtMs = atMs;
    if (action.verdict === 'interruption') this.#silencedAtMs = this.#hushedAtMs ?? atMs;
  }

  outcome(): OverlapOutcome {
    const since = (atMs: number | undefined) => (atMs === undefined ? undefined : atMs - this.#startMs);
    return {
      verdict: this.#verdict,
      verdictMs: since(this.#verdictAtMs),
      silencedMs: since(this.#silencedAtMs),
      duckedMs: since(this.#firsts.get('duck')),
      hushedMs: since(this.#firsts.get('hush')),
    };
  }
}

/**
 * When a rule that stops after so much of Silero's voice in one stretch would stop the agent.
 * @returns For each duration of voice in ms the time since the clip's first audible sample; undefined where it goes on.
 */
export function voiceReachedMs(
  scene: OverlapScene,
  probabilities: readonly number[],
  durationsMs: readonly number[],
): (number | undefined)[] {
  const reached: (number | undefined)[] = durationsMs.map(() => undefined);
  let voice = SILENT;
  for (const [index, probability] of probabilities.entries()) {
    const atMs = (index + 1) * WINDOW_MS;
    voice = hearWindow(voice, atMs, probability);
    if (!voice.isSpeaking) continue;
    for (const [position, durationMs] of durationsMs.entries()) {
      if (voice.voicedMs >= durationMs) reached[position] ??= atMs - scene.startMs;
    }
  }
  return reached;
}
