/** Chance that comes out the same on every machine, so that the data set can be made again. */

/** @param seed - Any text. @returns Numbers in [0, 1), always the same ones for the same seed (mulberry32). */
export function randomOf(seed) {
  let state = 2166136261;
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const between = (random, low, high) => low + (high - low) * random();

export const wholeBetween = (random, low, high) => Math.floor(between(random, low, high + 1));

export const oneOf = (random, values) => values[Math.floor(random() * values.length)];
