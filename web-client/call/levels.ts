/** How loud both sides are right now: written many times a second by one place, read by whatever shows it. */

export interface Levels {
  /** RMS of full scale, 0 to 1. */
  readonly youRms: number;
  readonly agentRms: number;
}

export const SILENT: Levels = { youRms: 0, agentRms: 0 };

export interface LevelStore {
  set(levels: Levels): void;
  get(): Levels;
  /** @returns a function that ends it. */
  subscribe(changed: () => void): () => void;
}

export function createLevelStore(): LevelStore {
  let current = SILENT;
  const listeners = new Set<() => void>();
  return {
    set(levels) {
      current = levels;
      for (const changed of listeners) changed();
    },
    get: () => current,
    subscribe(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
  };
}

/** The span of a level shown, in dB of full scale: quiet breath to loud speech near the microphone. */
const FLOOR_DB = -60;
const CEILING_DB = -12;

/** A level as a share of what is shown, 0 to 1, even to the ear. */
export function shownLevel(rms: number): number {
  if (rms <= 0) return 0;
  const shown = (20 * Math.log10(rms) - FLOOR_DB) / (CEILING_DB - FLOOR_DB);
  return Math.min(1, Math.max(0, shown));
}

/** Root mean square of samples of full scale 1. */
export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}
