/** A listener with a clock that goes on by its windows, for tests. */
import { PROFILES } from '../../../agent/config/profiles.js';
import { listen } from '../../../agent/turn/listener.js';
import type {
  AgentPhase,
  ListenerAction,
  ListenerInput,
  ListenerSettings,
  WindowInput,
} from '../../../agent/turn/listener-forms.js';
import { IDLE, type Listener } from '../../../agent/turn/listener-state.js';
import { WINDOW_MS } from '../../../agent/turn/voice-activity.js';
import type { PolicyWeights } from '../../../agent/turn/wait.js';

/** Plain ones: what the listener does must not hang on what was fitted last. */
export const WEIGHTS: PolicyWeights = {
  withText: { baseMs: 600, perUnitMs: { turnModel: -200, functionWordEnd: 500 } },
  withoutText: { baseMs: 700, perUnitMs: { turnModel: -200 } },
};

export class Session {
  nowMs = 0;
  listener: Listener = IDLE;
  readonly actions: ListenerAction[] = [];
  readonly #isInterruptible: boolean;
  readonly #drafts: boolean;

  constructor(isInterruptible = true, { drafts = false }: { readonly drafts?: boolean } = {}) {
    this.#isInterruptible = isInterruptible;
    this.#drafts = drafts;
  }

  take(input: ListenerInput): void {
    const settings: ListenerSettings = {
      language: 'en-US',
      bounds: PROFILES.good.endpointing,
      biasMs: 0,
      weights: WEIGHTS,
      isInterruptible: this.#isInterruptible,
      drafts: this.#drafts,
    };
    const step = listen(this.listener, input, settings);
    this.listener = step.listener;
    this.actions.push(...step.actions);
  }

  /** @param sound - What was measured of each window. */
  hear(probability: number, ms: number, sound: Pick<WindowInput, 'levelsDb' | 'echo'> = {}): void {
    for (let heardMs = 0; heardMs < ms; heardMs += WINDOW_MS) {
      this.nowMs += WINDOW_MS;
      this.take({ kind: 'window', atMs: this.nowMs, probability, ...sound });
    }
  }

  speak(ms: number): void {
    this.hear(0.95, ms);
  }

  pause(ms: number): void {
    this.hear(0.02, ms);
  }

  interim(text: string): void {
    this.take({ kind: 'interim', atMs: this.nowMs, words: this.words(text) });
  }

  /** A final of everything spoken until now, or, with `untilMs`, of what was spoken until then. */
  final(text: string, { confidence = 0.95, isAnswer = true, untilMs = this.nowMs } = {}): void {
    const words = this.words(text, untilMs);
    this.take({ kind: 'final', atMs: this.nowMs, words, confidence, isAnswer, coveredUntilMs: untilMs });
  }

  words(text: string, untilMs = this.nowMs) {
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => ({ text: word, untilMs }));
  }

  score(probability: number): void {
    const asked = this.actions.filter((action) => action.kind === 'score').at(-1);
    if (asked?.kind !== 'score') throw new Error('Nobody asked for a score.');
    this.take({ kind: 'score', atMs: this.nowMs, pauseAtMs: asked.pauseAtMs, probability });
  }

  agent(phase: AgentPhase, text?: string): void {
    this.take({ kind: 'agent', atMs: this.nowMs, phase, ...(text !== undefined && { text }) });
  }

  kinds(): string[] {
    return this.actions.map((action) => action.kind);
  }

  committed() {
    return this.actions.flatMap((action) => (action.kind === 'commit' ? [action.turn] : []));
  }
}
