/** What sound waited in an ear's jitter buffer, from WebRTC's statistics read now and then. Pure. */

/** A track's sums as they were at one moment. */
export interface BufferReading {
  readonly atMs: number;
  /** Tells the tracks of one ear apart. */
  readonly track: string;
  /** Of all samples that left the buffer, what they had waited in it; ms. */
  readonly delayMs: number;
  readonly samples: number;
  /** Grows with what was heard, and not in silence. */
  readonly energy: number;
}

/** How often both ears are asked, in ms: a buffer deepens and drains by some 100 ms a second. */
export const READ_BUFFER_EVERY_MS = 100;
/** Of a voice, what it waited is told of its beginning: from the last reading before it to the first one so long into it, in ms. */
const BEGINNING_MS = 50;
/** Readings so far apart say nothing of a beginning, in ms. */
const FRESH_MS = 500;

/**
 * What the beginning of a voice had waited in the buffer, in ms: of the tracks that are heard, the one that sounded then.
 * @param soundedAtMs - First sound, as it left the buffer. @returns undefined where nothing was read around it.
 */
export function bufferedMs(readings: readonly BufferReading[], soundedAtMs: number): number | undefined {
  const grown = [...new Set(readings.map(({ track }) => track))].flatMap((name) => {
    const own = readings.filter(({ track }) => track === name);
    const before = own.findLast(({ atMs }) => atMs <= soundedAtMs);
    const after = own.find(({ atMs }) => atMs >= soundedAtMs + BEGINNING_MS);
    if (before === undefined || after === undefined || after.atMs - before.atMs > FRESH_MS) return [];
    const samples = after.samples - before.samples;
    const energy = after.energy - before.energy;
    return samples > 0 ? [{ energy, meanMs: (after.delayMs - before.delayMs) / samples }] : [];
  });
  return grown.toSorted((one, other) => other.energy - one.energy)[0]?.meanMs;
}
