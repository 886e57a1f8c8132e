/** Whether what is heard is what the agent itself plays, come back through the caller's loudspeaker and microphone. */

/** The level of a stretch of sound. */
export interface LevelAt {
  /** When the stretch ended, in ms on the call's clock. */
  readonly atMs: number;
  /** RMS of the stretch, in dB below full scale. */
  readonly levelDb: number;
}

/** Longest way of an echo in ms: out through the room, both jitter buffers, and back. */
const MAX_LAG_MS = 400;
/** Step of the lags tried, in ms: the length of a played stretch. */
const STEP_MS = 10;
/** Length of a heard stretch (a Silero window of 32 ms) in steps. */
const HEARD_STEPS = 3;
/** Levels more than this below the loudest say nothing of a voice: they are the room's noise. In dB. */
const RANGE_DB = 35;
/** Fewer heard stretches than this tell nothing: 8 of 32 ms are a syllable. */
const MIN_HEARD = 8;
/**
 * The best of 41 delays fits something in any two voices: two different ones reach a correlation of this over the root of the
 * number of stretches (medians of 300 pairs of human recordings: 0.80 of 8 stretches, 0.62 of 15, 0.50 of 20, 0.40 of 31).
 */
const CHANCE = 2.3;
/** An envelope that varies less than this has no shape to be recognised by, in dB (standard deviation). */
const MIN_VARIATION_DB = 1;
/** Level of what was not played, in dB. */
const SILENCE_DB = -96;
/** No level is above it, in dB: what is was not measured. */
const LOUDEST_DB = 20;

/**
 * How alike the course of what is heard is to the course of what was played, at the best delay an echo may have. The gain
 * does not matter: levels are compared around their means.
 * @param heard - Stretches of 32 ms, oldest first, without gaps. A second of them tells an echo from another voice, half a
 *   second hardly does; give those before the onset too, for an echo begins with the agent's voice and a caller does not.
 * @param played - Stretches of 10 ms, oldest first; where there is none, nothing was played.
 * @returns 0 (no more alike than two different voices, or too little to tell) to 1 (the same course).
 */
export function echoLikeness(heard: readonly LevelAt[], played: readonly LevelAt[]): number {
  const voiced = heard.filter(isNumeric);
  const powers = powersOf(played.filter(isNumeric));
  if (voiced.length < MIN_HEARD || powers.size === 0) return 0;
  const heardDb = aboveFloor(voiced.map(({ levelDb }) => levelDb));
  let best = 0;
  for (let lag = 0; lag <= MAX_LAG_MS / STEP_MS; lag++) {
    const playedDb = voiced.map(({ atMs }) => levelUntil(powers, Math.round(atMs / STEP_MS) - lag));
    if (playedDb.every((levelDb) => levelDb === SILENCE_DB)) continue;
    best = Math.max(best, correlation(heardDb, aboveFloor(playedDb)));
  }
  const chance = Math.min(0.99, CHANCE / Math.sqrt(voiced.length));
  return Math.max(0, (best - chance) / (1 - chance));
}

function isNumeric({ atMs, levelDb }: LevelAt): boolean {
  return Number.isFinite(atMs) && levelDb >= SILENCE_DB && levelDb <= LOUDEST_DB;
}

/** Power of what was played, by the step of 10 ms in which it ended. */
function powersOf(played: readonly LevelAt[]): ReadonlyMap<number, number> {
  return new Map(played.map(({ atMs, levelDb }) => [Math.round(atMs / STEP_MS), 10 ** (levelDb / 10)]));
}

function aboveFloor(levelsDb: readonly number[]): number[] {
  const floorDb = Math.max(SILENCE_DB, Math.max(...levelsDb) - RANGE_DB);
  return levelsDb.map((levelDb) => Math.max(floorDb, levelDb));
}

/** Mean level of what was played in as long as a heard stretch, up to a step. */
function levelUntil(powers: ReadonlyMap<number, number>, step: number): number {
  let power = 0;
  for (let back = 0; back < HEARD_STEPS; back++) power += powers.get(step - back) ?? 0;
  return power === 0 ? SILENCE_DB : Math.max(SILENCE_DB, 10 * Math.log10(power / HEARD_STEPS));
}

/** Pearson's, at least 0; 0 where one of the two has no shape. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (const [i, valueA] of a.entries()) {
    const offA = valueA - meanA;
    const offB = (b[i] ?? meanB) - meanB;
    ab += offA * offB;
    aa += offA * offA;
    bb += offB * offB;
  }
  const leastVariation = a.length * MIN_VARIATION_DB ** 2;
  if (aa < leastVariation || bb < leastVariation) return 0;
  return Math.min(1, Math.max(0, ab / Math.sqrt(aa * bb)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
