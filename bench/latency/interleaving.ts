/** Who is called when: the arms take turns, and each comes early and late alike. Pure. */

/** Cuts a list into batches, of one call each. */
export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += size) batches.push(items.slice(start, start + size));
  return batches;
}

/**
 * The order of the arms in one batch: another begins each time, and every other round they go backwards, so that none
 * always finds the machine as the same other one left it.
 */
export function inTurn<T>(arms: readonly T[], batch: number): T[] {
  if (arms.length === 0) return [];
  const start = batch % arms.length;
  const rotated = [...arms.slice(start), ...arms.slice(0, start)];
  return Math.floor(batch / arms.length) % 2 === 0 ? rotated : rotated.toReversed();
}

/** Whether something that is done `times` times over a run is done before this batch: before the first, then evenly. */
export function isDue(batch: number, batches: number, times: number): boolean {
  const before = Math.floor(((batch - 1) * times) / batches);
  return batch === 0 || Math.floor((batch * times) / batches) > before;
}
