/** Figures over many turns, and choices that a seed repeats. Pure. */

/**
 * The value below which `share` of all values lie, between neighbours in proportion.
 * @param share - 0 to 1. @returns undefined of no values.
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (position - Math.floor(position));
}

/** A number from 0 to below 1, the same sequence for the same seed (the generator of Park and Miller). */
export function seededRandom(seed: number): () => number {
  const modulus = 0x7fff_ffff;
  let state = (Math.abs(Math.trunc(seed)) % (modulus - 1)) + 1;
  return () => {
    state = (state * 48_271) % modulus;
    return (state - 1) / (modulus - 1);
  };
}

/** A new array in an order that the seed decides (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const result = [...values];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const kept = result[index] as T;
    result[index] = result[other] as T;
    result[other] = kept;
  }
  return result;
}

/**
 * Interval of a share by Wilson's score: right for few trials, and for shares near 0 and 1.
 * @param z - Width in standard deviations; 1.96 for 95 %. @returns 0 and 1 of no trials.
 */
export function wilsonInterval(successes: number, trials: number, z = 1.96): readonly [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))) / scale;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Resamples for a bootstrap over clusters: what belongs to one speaker is drawn, or not, as a whole.
 * @param clusters - The cluster of each item. @returns For each round how often each item was drawn.
 */
export function clusterResamples(clusters: readonly string[], rounds: number, seed: number): Uint16Array[] {
  const names = [...new Set(clusters)];
  const numbers = clusters.map((cluster) => names.indexOf(cluster));
  const random = seededRandom(seed);
  return Array.from({ length: rounds }, () => {
    const drawn = new Uint16Array(names.length);
    for (let draw = 0; draw < names.length; draw += 1) {
      const name = Math.floor(random() * names.length);
      drawn[name] = (drawn[name] ?? 0) + 1;
    }
    const counts = new Uint16Array(numbers.length);
    for (const [at, number] of numbers.entries()) counts[at] = drawn[number] ?? 0;
    return counts;
  });
}

/** The middle 95 % of a bootstrap's values. @returns undefined of no values. */
export function middle95(values: readonly number[]): readonly [number, number] | undefined {
  const low = percentile(values, 0.025);
  const high = percentile(values, 0.975);
  return low === undefined || high === undefined ? undefined : [low, high];
}
