/** What becomes of the agent's voice while somebody speaks over it. */
import type { OverlapName } from '../../wire/turn.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { Mouth } from './mouth.js';
import { OverlapGate } from './overlap-gate.js';
import type { Turn } from './turn.js';

export interface OverlapsOptions {
  readonly mouth: Mouth;
  readonly measurements: Measurements;
  readonly nowMs: () => number;
  /** The turn that is answered. */
  readonly latestTurn: () => Turn | undefined;
  /**
   * Stops every reply that is on its way or being spoken.
   * @param mayContinue - What stops them may go on with the turn that they answer, which was answered too soon then.
   */
  readonly interrupt: (mayContinue: boolean) => void;
}

export class Overlaps {
  readonly #options: OverlapsOptions;
  readonly #gate = new OverlapGate();
  #startedAtMs: number | undefined;
  /** The speech that is being judged may be a second half: the ear knows by when it began. */
  #isSecondHalf = false;

  constructor(options: OverlapsOptions) {
    this.#options = options;
  }

  /** Somebody speaks over a reply, and nobody knows yet whether that takes it back. */
  get isJudging(): boolean {
    return this.#gate.isClosed;
  }

  /** Whether speech is being judged that may go on with the turn that is answered. */
  get mayContinue(): boolean {
    return this.#gate.isClosed && this.#isSecondHalf;
  }

  duck(mayContinue: boolean): void {
    this.#isSecondHalf = mayContinue;
    this.#options.mouth.duck();
    this.#gate.close();
  }

  hush(): void {
    this.#options.mouth.hush();
  }

  unduck(): void {
    this.#options.mouth.unduck();
    this.#gate.open();
  }

  judged(verdict: OverlapName, overlapMs: number): void {
    const { mouth, measurements, nowMs, latestTurn, interrupt } = this.#options;
    measurements.count('turnwise_interruptions_total', { verdict });
    latestTurn()?.addOverlap(verdict);
    if (verdict === 'interruption') {
      if (mouth.isSpeaking) {
        this.#startedAtMs = nowMs() - overlapMs;
        // Silent now; the framework takes some ms to cut the reply.
        mouth.hush();
      }
      interrupt(this.#isSecondHalf);
    }
    // Last: a tool that waits for this must find the reply cut.
    this.#gate.open();
  }

  /** The voice has stopped. */
  noteStopped(atMs: number, isInterrupted: boolean): void {
    if (isInterrupted && this.#startedAtMs !== undefined) {
      this.#options.measurements.observe('turnwise_bargein_stop_seconds', {}, atMs - this.#startedAtMs);
    }
    this.#startedAtMs = undefined;
  }

  /** Resolves once nobody speaks over a reply, or what is spoken has been judged. */
  passed(signal: AbortSignal): Promise<void> {
    return this.#gate.passed(signal);
  }
}
