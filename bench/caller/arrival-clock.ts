/**
 * Gives sound its instant by counting samples. A frame that arrives late because this program was busy still gets the
 * instant at which it would have been played, so that a stalled loop cannot make the other side look slow or fast.
 *
 * Where sound was missed, because the native stream was not pulled in time, all that follows is later by the length of what is
 * missing: counted from an anchor before the gap it would have come too early. So the anchor is let go once a whole second has
 * been late, and afterwards the arrivals around a sample tell its instant, and how sure that is.
 */

/** How long an arrival counts for the anchor, in ms: long against any stall, short against the drift of two clocks. */
const ANCHOR_WINDOW_MS = 10_000;
/**
 * In so much time around a sample some frame arrives without delay, in ms: frames that are all later than this were not stalled,
 * but come after a gap.
 */
const AROUND_MS = 1_000;
/** Arrivals must have been spread over all of that, or they are one stall that ended: what is left for the first of them, in ms. */
const SPREAD_MS = 100;
/** Timers and threads are late by as much on an idle machine, in ms: no gap, which are whole frames of 10 ms. */
const JITTER_MS = 5;
/** Arrivals are kept this long, in ms: longer than any turn is waited for. */
const KEPT_MS = 120_000;

interface Arrival {
  readonly atMs: number;
  /** Arrival less the length of all sound before it. */
  readonly originMs: number;
}

interface KeptArrival extends Arrival {
  readonly firstSample: number;
}

/** Where the instant of a sample lies. */
export interface InstantBounds {
  readonly earliestMs: number;
  readonly latestMs: number;
}

export class ArrivalClock {
  readonly #sampleRateHz: number;
  #samples = 0;
  /** Ascending in both fields, so that the first is the lowest origin of the window. */
  #arrivals: Arrival[] = [];
  #kept: KeptArrival[] = [];
  #lagMs = 0;
  #missedMs = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** Takes note of a frame that arrived at `arrivedAtMs` and can be played from then on. */
  arrived(samples: number, arrivedAtMs: number): void {
    const originMs = arrivedAtMs - this.#durationMs(this.#samples);
    this.#keep({ firstSample: this.#samples, atMs: arrivedAtMs, originMs });
    this.#samples += samples;
    // What was late for a second and is in time again was no gap.
    const anchor = this.#arrivals[0];
    if (anchor !== undefined) this.#missedMs = Math.max(0, this.#missedMs - Math.max(0, anchor.originMs - originMs));
    this.#arrivals = this.#arrivals.filter(
      (one) => one.originMs < originMs && one.atMs > arrivedAtMs - ANCHOR_WINDOW_MS,
    );
    this.#arrivals.push({ atMs: arrivedAtMs, originMs });
    this.#letGoOfGap(arrivedAtMs);
    this.#lagMs = originMs - this.#originMs();
  }

  /** Instant at which the sample of that index is heard. @throws RangeError before anything arrived. */
  instantMs(sampleIndex: number): number {
    return this.#originMs() + this.#durationMs(sampleIndex);
  }

  /**
   * The same as the arrivals around the sample tell it; better when a second of sound has come after it.
   *
   * What came after it was no sooner, so that the sample is no later than the least delayed of that; what came before it was no
   * later. The two differ where sound was missed near it, or where a whole second of it came late.
   * @returns undefined for a sample that has not arrived, or of which nothing is kept any more.
   */
  boundsMs(sampleIndex: number): InstantBounds | undefined {
    const own = this.#kept.findLastIndex(({ firstSample }) => firstSample <= sampleIndex);
    if (own === -1 || sampleIndex >= this.#samples) return undefined;
    const reach = (AROUND_MS / 1_000) * this.#sampleRateHz;
    let [beforeMs, afterMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let at = own; at >= 0; at -= 1) {
      const { firstSample, originMs } = this.#kept[at] as KeptArrival;
      if (firstSample < sampleIndex - reach) break;
      beforeMs = Math.min(beforeMs, originMs);
    }
    for (const { firstSample, originMs } of this.#kept.slice(own)) {
      if (firstSample > sampleIndex + reach) break;
      afterMs = Math.min(afterMs, originMs);
    }
    const offsetMs = this.#durationMs(sampleIndex);
    return { earliestMs: Math.min(beforeMs, afterMs) + offsetMs, latestMs: afterMs + offsetMs };
  }

  /** Samples that arrived so far. */
  get samples(): number {
    return this.#samples;
  }

  /** How late the last frame was, in ms: what this program, not the other side, added. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Sound that never came, in ms: known a second after the gap. */
  get missedMs(): number {
    return this.#missedMs;
  }

  #keep(arrival: KeptArrival): void {
    this.#kept.push(arrival);
    // In large steps, or each frame would move them all.
    const first = this.#kept[0];
    if (first === undefined || arrival.atMs - first.atMs < 2 * KEPT_MS) return;
    this.#kept = this.#kept.filter(({ atMs }) => atMs > arrival.atMs - KEPT_MS);
  }

  #letGoOfGap(nowMs: number): void {
    const first = this.#arrivals[0];
    if (first === undefined || first.atMs > nowMs - AROUND_MS) return;
    const since = this.#arrivals.findIndex(({ atMs }) => atMs > nowMs - AROUND_MS);
    const anew = this.#arrivals[since];
    if (anew === undefined || anew.originMs - first.originMs <= JITTER_MS) return;
    if (!this.#isSpread(nowMs)) return;
    this.#arrivals = this.#arrivals.slice(since);
    this.#missedMs += anew.originMs - first.originMs;
  }

  /** Whether frames came all through the last second. */
  #isSpread(nowMs: number): boolean {
    let firstAtMs = nowMs;
    for (let at = this.#kept.length - 1; at >= 0; at -= 1) {
      const { atMs } = this.#kept[at] as KeptArrival;
      if (atMs <= nowMs - AROUND_MS) break;
      firstAtMs = atMs;
    }
    return firstAtMs <= nowMs - AROUND_MS + SPREAD_MS;
  }

  #originMs(): number {
    const first = this.#arrivals[0];
    if (first === undefined) throw new RangeError('No sound has arrived yet, so there is no instant to count from.');
    return first.originMs;
  }

  #durationMs(samples: number): number {
    return (samples / this.#sampleRateHz) * 1000;
  }
}
