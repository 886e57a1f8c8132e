import { describe, expect, it } from 'vitest';
import { type BufferReading, bufferedMs } from '../../../bench/interruptions/jitter-buffers.js';

/** Sums after each 100 ms from instant 0 on, of samples that waited so long in turn; undefined: none came out. */
function readings(track: string, waitedMs: readonly (number | undefined)[], energyEach = 1): BufferReading[] {
  const sums: BufferReading[] = [{ atMs: 0, track, delayMs: 0, samples: 0, energy: 0 }];
  for (const [index, waited] of waitedMs.entries()) {
    const { delayMs = 0, samples = 0, energy = 0 } = sums.at(-1) ?? {};
    const more = waited === undefined ? 0 : 4_800;
    const heard = waited === undefined ? 0 : energyEach;
    sums.push({
      ...{ atMs: (index + 1) * 100, track },
      ...{ delayMs: delayMs + more * (waited ?? 0), samples: samples + more, energy: energy + heard },
    });
  }
  return sums;
}

describe('what the beginning of a voice waited in a jitter buffer', () => {
  it('is what its first samples did, whatever those before or after it waited', () => {
    expect(bufferedMs(readings('a', [20, 20, undefined, 70, 40, 40]), 310)).toBe(70);
    expect(bufferedMs(readings('a', [20, 20, undefined, 70, 40, 40]), 390)).toBeCloseTo(55);
  });

  it('is told of the track that sounded then, by any name', () => {
    const silent = readings('a', [undefined, 90, 90, 90], 0);
    const sounding = readings('b', [undefined, undefined, 30, 30]);
    expect(bufferedMs([...silent, ...sounding], 210)).toBe(30);
    expect(bufferedMs([...sounding, ...silent], 210)).toBe(30);
  });

  it('is unknown where nothing was read around it, or nothing came out', () => {
    expect(bufferedMs([], 100)).toBeUndefined();
    expect(bufferedMs(readings('a', [20, 20]), 500)).toBeUndefined();
    expect(bufferedMs(readings('a', [20, undefined, undefined, 20]), 110)).toBeUndefined();
    const far = [readings('a', [20])[0], { atMs: 2_000, track: 'a', delayMs: 9, samples: 9, energy: 9 }];
    expect(
      bufferedMs(
        far.flatMap((one) => one ?? []),
        100,
      ),
    ).toBeUndefined();
  });
});
