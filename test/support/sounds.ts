/** Sounds that are known exactly: 16 bit mono. */

/** A sine, a quarter of full scale unless said otherwise. */
export function sine(
  durationMs: number,
  { frequencyHz = 440, sampleRateHz = 48_000, amplitude = 0.25 }: SoundOptions & { frequencyHz?: number } = {},
): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: lengthOf(durationMs, sampleRateHz) }, (_, index) =>
    Math.round(0x7fff * amplitude * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz)),
  );
}

export function silence(durationMs: number, sampleRateHz = 48_000): Int16Array<ArrayBuffer> {
  return new Int16Array(lengthOf(durationMs, sampleRateHz));
}

/** White noise, the same for the same seed. */
export function noise(
  durationMs: number,
  { sampleRateHz = 48_000, amplitude = 0.25, seed = 1 }: SoundOptions & { seed?: number } = {},
): Int16Array<ArrayBuffer> {
  let state = seed;
  return Int16Array.from({ length: lengthOf(durationMs, sampleRateHz) }, () => {
    // The generator of Park and Miller.
    state = (state * 48_271) % 0x7fff_ffff;
    return Math.round(0x7fff * amplitude * ((2 * state) / 0x7fff_ffff - 1));
  });
}

export function joinSounds(...parts: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

interface SoundOptions {
  readonly sampleRateHz?: number | undefined;
  /** Of full scale, 0 to 1. */
  readonly amplitude?: number | undefined;
}

function lengthOf(durationMs: number, sampleRateHz: number): number {
  return Math.round((durationMs * sampleRateHz) / 1000);
}
