/** Tells a caller who is owed sound and hears none to wait a little longer. */
import type { Measurements } from '../telemetry/metrics.js';
import { FILLER_LATEST_MS } from '../turn/filler.js';
import type { Told } from './fillers.js';
import { SilenceWatch } from './silence-watch.js';

export interface WaitingCallerOptions {
  /** How long a caller may hear nothing, in ms. */
  readonly afterMs: number;
  readonly measurements: Measurements;
  /** The call's clock. */
  readonly nowMs: () => number;
  /** Whether anything is owed that can still be filled. */
  readonly isOwed: () => boolean;
  /** Whether it is not known yet if the caller speaks over the reply: then nothing is said. */
  readonly isJudging: () => boolean;
  /**
   * Fills the reply that is awaited, unless it is due in no time.
   * @param latestAtMs - After this nothing is held back. @returns `undefined` where no reply could say it.
   */
  readonly fillReply: (latestAtMs: number) => Told | undefined;
  /** What is said while a tool is slow, and says it; `undefined` when nothing is ready to be said. */
  readonly sayWhileToolRuns: () => boolean;
}

/** A reply that was just asked for can say nothing yet, in ms: the framework takes 3 to 32 to begin it. */
const RETRY_AFTER_MS = 100;
/**
 * Who was told to wait waits longer, in ms: of 2,000 simulated turns with slow and stalling providers, one in a hundred had its
 * answer held up by a second phrase where that came after 1,500.
 */
const TOLD_AFTER_MS = 2_000;
/** Who is told nothing by then will not be, in ms: no caller hears silence for longer (docs/sources.md). */
const GIVEN_UP_AFTER_MS = 4_000;

export class WaitingCaller {
  readonly #options: WaitingCallerOptions;
  readonly #silence: SilenceWatch;
  #sinceMs = 0;
  #hasBeenTold = false;
  #runningTools = 0;

  constructor(options: WaitingCallerOptions) {
    this.#options = options;
    this.#silence = new SilenceWatch({ onSilence: () => this.#fill() });
  }

  /** A reply is owed from now on. @param goneByMs - How long the caller has waited already. */
  begin(goneByMs = 0): void {
    this.#hasBeenTold = false;
    this.#wait(goneByMs);
  }

  /** What sounded is over, and what is owed has not come. */
  goOn(): void {
    this.#wait(0);
  }

  /** There is sound, or none is owed any more. */
  end(): void {
    this.#silence.end();
  }

  /** A tool has begun (1), or ended (-1). */
  noteTool(change: 1 | -1): void {
    this.#runningTools += change;
  }

  #fill(): void {
    const { isOwed, isJudging, fillReply, measurements, nowMs } = this.#options;
    if (!isOwed()) return;
    if (isJudging()) {
      this.#wait(0);
      return;
    }
    const told = fillReply(this.#sinceMs + FILLER_LATEST_MS);
    if (told?.kind === 'held') {
      this.#silence.begin(told.untilMs - nowMs());
      return;
    }
    const reason = told?.reason ?? this.#fillWithTool();
    if (reason !== undefined) {
      this.#hasBeenTold = true;
      measurements.count('turnwise_fillers_total', { reason });
    } else if (nowMs() - this.#sinceMs < GIVEN_UP_AFTER_MS) {
      this.#silence.begin(RETRY_AFTER_MS);
    }
  }

  #wait(goneByMs: number): void {
    const { nowMs, afterMs } = this.#options;
    this.#sinceMs = nowMs() - goneByMs;
    this.#silence.begin((this.#hasBeenTold ? Math.max(afterMs, TOLD_AFTER_MS) : afterMs) - goneByMs);
  }

  #fillWithTool(): 'tool' | undefined {
    // Behind a reply that is only late it would be heard after it.
    if (this.#runningTools === 0) return undefined;
    return this.#options.sayWhileToolRuns() ? 'tool' : undefined;
  }
}
