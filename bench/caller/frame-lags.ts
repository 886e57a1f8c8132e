/** How late frames were sent, and when: a turn is disturbed by those within it alone. Pure. */

/** Remembered this long, in ms: longer than any turn is waited for. */
const REMEMBERED_MS = 120_000;
/** Less is not remembered, in ms: timers are late by as much on an idle machine. */
const ON_TIME_MS = 1;

interface LateFrame {
  readonly dueAtMs: number;
  readonly lateMs: number;
}

export class FrameLags {
  #late: LateFrame[] = [];
  #worstMs = 0;

  /** Takes note of a frame that was sent; frames come in order. */
  sent(dueAtMs: number, lateMs: number): void {
    this.#worstMs = Math.max(this.#worstMs, lateMs);
    if (lateMs <= ON_TIME_MS) return;
    this.#late.push({ dueAtMs, lateMs });
    // In large steps, or each frame would move them all.
    const [first] = this.#late;
    if (first === undefined || dueAtMs - first.dueAtMs < 2 * REMEMBERED_MS) return;
    this.#late = this.#late.filter((one) => one.dueAtMs > dueAtMs - REMEMBERED_MS);
  }

  /** Of all frames, in ms. */
  get worstMs(): number {
    return this.#worstMs;
  }

  /**
   * The longest of the frames that were due between two instants, in ms.
   * @param waiting - The frame that is not sent yet; by now it is as late as it is.
   */
  worstBetween(fromMs: number, untilMs: number, waiting?: LateFrame): number {
    return [...this.#late, ...(waiting === undefined ? [] : [waiting])]
      .filter(({ dueAtMs }) => dueAtMs >= fromMs && dueAtMs <= untilMs)
      .reduce((worst, { lateMs }) => Math.max(worst, lateMs), 0);
  }
}
