/** Tells a caller who is owed sound and hears none to wait a little longer. */
import type { Measurements } from '../telemetry/metrics.js';
import { SilenceWatch } from './silence-watch.js';

export interface WaitingCallerOptions {
  /** How long a caller may hear nothing, in ms. */
  readonly afterMs: number;
  readonly measurements: Measurements;
  /** Whether anything is owed that can still be filled. */
  readonly isOwed: () => boolean;
  /** Whether it is not known yet if the caller speaks over the reply: then nothing is said. */
  readonly isJudging: () => boolean;
  /** Fills the reply that is awaited. @returns What was waited for; `undefined` where no reply could say it. */
  readonly fillReply: () => string | undefined;
  /** What is said while a tool is slow, and says it; `undefined` when nothing is ready to be said. */
  readonly sayWhileToolRuns: () => boolean;
}

export class WaitingCaller {
  readonly #options: WaitingCallerOptions;
  readonly #silence: SilenceWatch;
  #runningTools = 0;

  constructor(options: WaitingCallerOptions) {
    this.#options = options;
    this.#silence = new SilenceWatch({ afterMs: options.afterMs, onSilence: () => this.#fill() });
  }

  /** From now on sound is owed. @param goneByMs - How long the caller has waited already. */
  begin(goneByMs = 0): void {
    this.#silence.begin(goneByMs);
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
    const { isOwed, isJudging, fillReply, measurements } = this.#options;
    if (!isOwed()) return;
    if (isJudging()) {
      this.#silence.begin();
      return;
    }
    const reason = fillReply() ?? this.#fillWithTool();
    if (reason !== undefined) measurements.count('turnwise_fillers_total', { reason });
  }

  #fillWithTool(): 'tool' | undefined {
    // Behind a reply that is only late it would be heard after it.
    if (this.#runningTools === 0) return undefined;
    return this.#options.sayWhileToolRuns() ? 'tool' : undefined;
  }
}
