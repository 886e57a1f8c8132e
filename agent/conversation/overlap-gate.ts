/** Longest wait for a verdict, in ms: above the longest overlap that is judged (turn/overlap.ts). */
const JUDGED_WITHIN_MS = 2_000;

/** Closed while somebody speaks over a reply and nobody knows yet whether that takes it back. */
export class OverlapGate {
  #opened: (() => void) | undefined;
  #opening: Promise<void> | undefined;

  get isClosed(): boolean {
    return this.#opening !== undefined;
  }

  close(): void {
    this.#opening ??= new Promise((resolve) => {
      this.#opened = resolve;
    });
  }

  open(): void {
    this.#opened?.();
    this.#opened = undefined;
    this.#opening = undefined;
  }

  /** Resolves once it is open, when the signal aborts, and after {@link JUDGED_WITHIN_MS} at the latest. */
  async passed(signal: AbortSignal): Promise<void> {
    if (this.#opening === undefined || signal.aborted) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(JUDGED_WITHIN_MS)]);
    const given = new Promise<void>((resolve) => {
      limit.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#opening, given]);
  }
}
