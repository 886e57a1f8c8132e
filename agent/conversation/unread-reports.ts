/** Counts reports that are refused unread, of a flood: all of them, but with one event a second for each reason. */
import type { Measurements } from '../telemetry/metrics.js';

/** As in `turnwise_heard_reports_total`. */
export type UnreadReason = 'stranger' | 'too_many';

/** How long refusals are gathered, in ms: as long as nobody who looks at a scrape would notice. */
const GATHERED_MS = 1_000;

export class UnreadReports {
  readonly #measurements: Pick<Measurements, 'count'>;
  readonly #gathered = new Map<UnreadReason, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(measurements: Pick<Measurements, 'count'>) {
    this.#measurements = measurements;
  }

  add(reason: UnreadReason): void {
    this.#gathered.set(reason, (this.#gathered.get(reason) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.close(), GATHERED_MS).unref();
  }

  /** Counts what was gathered. May be called twice, and followed by more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [result, by] of this.#gathered) {
      this.#measurements.count('turnwise_heard_reports_total', { result }, by);
    }
    this.#gathered.clear();
  }
}
