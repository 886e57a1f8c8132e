/** A pause in arrivals from this long on may be silence that the client did not send (its energy filter), in ms. */
const GAP_MS = 250;
/** Lag that counts as skipped silence and not as jitter, in ms. */
const MIN_SKIP_MS = 200;
/** Audio to wait for before the verdict: a late burst catches up within it, in ms; less than any recogniser's latency. */
const VERDICT_AFTER_MS = 80;
/** More skipped silence changes nothing: every utterance is over by then, in ms. */
const MAX_SKIP_MS = 10_000;

/**
 * Tells silence that a client left out from audio that is merely late. Both make a pause in arrivals; but late audio
 * catches up in a burst, left-out silence never does. Call {@link note} for each chunk.
 */
export class SkippedSilence {
  #lastArrivedAtMs: number | undefined;
  #streamMs = 0;
  #baseLagMs = 0;
  #pending: { readonly frame: number; readonly streamMs: number; minLagMs: number } | undefined;

  /**
   * @param chunkMs - Audio in the chunk. @param firstFrame - Number of its first frame.
   * @returns silence to put in, once it is certain.
   */
  note(arrivedAtMs: number, chunkMs: number, firstFrame: number): { frame: number; skippedMs: number } | undefined {
    const lagMs = arrivedAtMs - (this.#streamMs + chunkMs);
    const gapMs = this.#lastArrivedAtMs === undefined ? 0 : arrivedAtMs - this.#lastArrivedAtMs - chunkMs;
    if (this.#lastArrivedAtMs === undefined) this.#baseLagMs = lagMs;
    if (gapMs >= GAP_MS && this.#pending === undefined) {
      this.#pending = { frame: firstFrame, streamMs: this.#streamMs, minLagMs: lagMs };
    }
    this.#lastArrivedAtMs = arrivedAtMs;
    this.#streamMs += chunkMs;
    const pending = this.#pending;
    if (pending === undefined) {
      this.#baseLagMs = Math.min(this.#baseLagMs, lagMs);
      return undefined;
    }
    pending.minLagMs = Math.min(pending.minLagMs, lagMs);
    if (this.#streamMs - pending.streamMs < VERDICT_AFTER_MS) return undefined;
    this.#pending = undefined;
    const skippedMs = pending.minLagMs - this.#baseLagMs;
    if (skippedMs < MIN_SKIP_MS) return undefined;
    this.#baseLagMs = pending.minLagMs;
    return { frame: pending.frame, skippedMs: Math.min(skippedMs, MAX_SKIP_MS) };
  }
}
