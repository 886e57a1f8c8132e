/** How soon turns are seen in scrapes, when only their number is. Pure. */

/** One scrape: when it was asked for, and how many turns it counted. */
export interface CountedScrape {
  readonly atMs: number;
  readonly count: number;
}

/**
 * From the first sound of each turn to the first scrape that counts it, in ms. Turns are counted without a name: the first one
 * counted is taken for the first one heard, and so on. If any other pairing kept a limit for every turn, this one does, too.
 * @param soundsAtMs - First sounds, on the clock of the scrapes. @param before - What was counted before the first of them.
 * @returns In the order of the sounds; undefined for a turn that no scrape counted.
 */
export function visibleAfterMs(
  soundsAtMs: readonly number[],
  scrapes: readonly CountedScrape[],
  before: number,
): (number | undefined)[] {
  return soundsAtMs
    .toSorted((a, b) => a - b)
    .map((atMs, index) => {
      const seen = scrapes.find(({ count }) => count >= before + index + 1);
      return seen === undefined ? undefined : seen.atMs - atMs;
    });
}
