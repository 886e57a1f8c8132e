/** Where moments of a known recording are found in what was heard of it: tells what was lost, doubled or moved. */

/** Both at 16 kHz; the search runs at 2 kHz, which is exact to half a ms. */
const DECIMATION = 8;
const RATE_HZ = 2_000;

/** Length and distance of the moments looked for, in ms. */
const WINDOW_MS = 200;
const STEP_MS = 50;

/** How alike a moment must be to be the same, normalised cross-correlation; different moments have 0.4 at most. */
const LEAST_LIKENESS = 0.6;

/** A moment counts where the one before or after is found at the same place, to so many ms: one alone may be chance. */
const SAME_PLACE_MS = 5;

/** Root mean square of 16-bit samples from which on a moment is loud enough to be looked for. */
const LOUD_RMS = 300;

export interface FoundMoment {
  /** Middle of the moment in what was heard, in ms. */
  readonly heardAtMs: number;
  /** How much later in the recording it is, in ms. */
  readonly lagMs: number;
}

/** The loud moments of `heard` that are found in `said`, oldest first, and the share of them among all loud ones. */
export function findMoments(said: Int16Array, heard: Int16Array): { moments: FoundMoment[]; share: number } {
  const [source, target] = [decimated(said), decimated(heard)];
  const window = (WINDOW_MS * RATE_HZ) / 1_000;
  const moments: FoundMoment[] = [];
  let loud = 0;
  for (let from = 0; from + window <= target.length; from += (STEP_MS * RATE_HZ) / 1_000) {
    const moment = target.subarray(from, from + window);
    if (Math.sqrt(energyOf(moment) / window) < LOUD_RMS) continue;
    loud += 1;
    const at = bestPlace(source, moment);
    if (at === undefined) continue;
    moments.push({ heardAtMs: ((from + window / 2) * 1_000) / RATE_HZ, lagMs: ((at - from) * 1_000) / RATE_HZ });
  }
  const confirmed = moments.filter(({ lagMs }, at) =>
    [moments[at - 1], moments[at + 1]].some((beside) => beside && Math.abs(beside.lagMs - lagMs) <= SAME_PLACE_MS),
  );
  return { moments: confirmed, share: confirmed.length / Math.max(1, loud) };
}

function bestPlace(source: Float32Array, moment: Float32Array): number | undefined {
  const momentEnergy = energyOf(moment);
  let energy = energyOf(source.subarray(0, moment.length));
  let best: { at: number; likeness: number } | undefined;
  for (let at = 0; at + moment.length <= source.length; at += 1) {
    let product = 0;
    for (let index = 0; index < moment.length; index += 1) product += (moment[index] ?? 0) * (source[at + index] ?? 0);
    const likeness = product / Math.sqrt(momentEnergy * energy + 1);
    if (likeness > (best?.likeness ?? LEAST_LIKENESS)) best = { at, likeness };
    energy += (source[at + moment.length] ?? 0) ** 2 - (source[at] ?? 0) ** 2;
  }
  return best?.at;
}

function energyOf(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}

function decimated(samples: Int16Array): Float32Array {
  return Float32Array.from({ length: Math.floor(samples.length / DECIMATION) }, (_, index) => {
    const part = samples.subarray(index * DECIMATION, (index + 1) * DECIMATION);
    return part.reduce((sum, sample) => sum + sample, 0) / DECIMATION;
  });
}
