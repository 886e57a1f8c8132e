/** How far each reply of a call is, and how long its last ones took from one step to the next. */
import { type AnswerProgress, NO_TIMES, noteTime, type UsualTimes } from '../turn/filler.js';

/** First sounds that the soonest next one is judged by. */
const LAST_SOUNDS = 3;

export class ReplyTimes {
  readonly #nowMs: () => number;
  #usual = NO_TIMES;

  /** @param nowMs - The call's clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get usual(): UsualTimes {
    return this.#usual;
  }

  /** The least that the synthesiser took for its last first sounds, in ms; `undefined` before the first. */
  get leastSoundMs(): number | undefined {
    const last = this.#usual.soundMs.slice(-LAST_SOUNDS);
    return last.length === 0 ? undefined : Math.min(...last);
  }

  /** A reply is asked for. @param mayBeVoiced - Whether its first clause may go to the synthesiser before it is wanted. */
  begin(mayBeVoiced: boolean): ReplyProgress {
    return new ReplyProgress(this.#nowMs, mayBeVoiced, (leg, ms) => {
      this.#usual = noteTime(this.#usual, leg, ms);
    });
  }
}

/** One reply on its way. */
export class ReplyProgress implements AnswerProgress {
  readonly #nowMs: () => number;
  readonly #onTime: (leg: keyof UsualTimes, ms: number) => void;
  readonly askedAtMs: number;
  /** From when on its first clause is not held back. */
  #voicedFromMs: number | undefined;
  #firstTokenAtMs: number | undefined;
  #voiceAskedAtMs: number | undefined;

  constructor(nowMs: () => number, mayBeVoiced: boolean, onTime: (leg: keyof UsualTimes, ms: number) => void) {
    this.#nowMs = nowMs;
    this.#onTime = onTime;
    this.askedAtMs = nowMs();
    if (mayBeVoiced) this.#voicedFromMs = this.askedAtMs;
  }

  get firstTokenAtMs(): number | undefined {
    return this.#firstTokenAtMs;
  }

  get voiceAskedAtMs(): number | undefined {
    return this.#voiceAskedAtMs;
  }

  noteToken(): void {
    if (this.#firstTokenAtMs !== undefined) return;
    this.#firstTokenAtMs = this.#nowMs();
    this.#onTime('tokenMs', this.#firstTokenAtMs - this.askedAtMs);
  }

  noteWanted(): void {
    this.#voicedFromMs ??= this.#nowMs();
  }

  noteVoiceAsked(): void {
    if (this.#voiceAskedAtMs !== undefined) return;
    const nowMs = this.#nowMs();
    this.#voiceAskedAtMs = nowMs;
    // What is said in the place of an answer that failed had no token.
    if (this.#firstTokenAtMs === undefined) return;
    this.#onTime('clauseMs', nowMs - Math.max(this.#firstTokenAtMs, this.#voicedFromMs ?? 0));
  }

  /** Its first sound is there. @returns How long that took from its request on, in ms. */
  noteSound(): number {
    const nowMs = this.#nowMs();
    if (this.#voiceAskedAtMs !== undefined) this.#onTime('soundMs', nowMs - this.#voiceAskedAtMs);
    return nowMs - this.askedAtMs;
  }
}
