/** Words that a recogniser heard, and when. */

/** A word and the span of its sound, on the call's clock. */
export interface HeardWord {
  readonly text: string;
  /** Absent where the recogniser times only ends. */
  readonly fromMs?: number;
  readonly untilMs: number;
}

export function textOf(words: readonly HeardWord[]): string {
  return words
    .map((word) => word.text.trim())
    .filter((text) => text !== '')
    .join(' ');
}

/** Words that a recogniser timed with no number end when they came. */
export function timed(words: readonly HeardWord[], atMs: number): readonly HeardWord[] {
  return words.every((word) => Number.isFinite(word.untilMs))
    ? words
    : words.map((word) => ({ ...word, untilMs: Number.isFinite(word.untilMs) ? word.untilMs : atMs }));
}
