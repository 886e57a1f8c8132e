/** Fits the weights of a wait to silences whose right answer is known. Pure, and the same for the same data. */
import type { EvidenceName } from '../../agent/turn/evidence.js';
import type { WaitWeights } from '../../agent/turn/wait.js';
import type { Silence } from './fit-data.js';
import { PRIORS } from './fit-evidence.js';

/** Chosen by cross-validation over 2, 6 and 1.5, 2.5 and 0.03, 0.2, 1: see docs/turn-taking.md. */
export const FIT = {
  /** What the share of pauses that are cut into costs, in mean waits of {@link FIT.fairWaitMs}. */
  cutInCost: 6,
  /** The same in read-outs: who is cut short in a number begins again. */
  readOutCutInCost: 30,
  /** Power of the wait in its cost: above 1, long waits cost more than many short ones. */
  waitPower: 1.5,
  fairWaitMs: 400,
  /** How strongly weights are held to their priors, per {@link FIT.priorUnitMs} squared. */
  priorCost: 0.2,
  priorUnitMs: 150,
  /** Width of "about the pause's length" in which a cut-in becomes one, in ms. */
  edgeMs: 60,
  /** Shortest wait any profile has, and the softness of that bound, in ms. */
  floorMs: 96,
  softMs: 100,
} as const;

/** Silences at which the evidence is looked at, in ms; the same silence counts once, in parts. */
const LOOKED_AT_MS = [200, 320, 500, 800];
/** Before the end of a pause the last look is this much earlier, in ms: the voice is coming back by then. */
const BEFORE_RESUMING_MS = 64;
/** Pauses below cut nobody short, whatever the weights are, in ms. */
const HARMLESS_MS = 160;
const BASE_START_MS = 500;
/** Steps of gradient descent (Adam), the last of them the smallest. */
const STEPS = 800;
const STEP = 0.06;

interface Row {
  readonly x: readonly number[];
  /** What is added to the wait by weights that are not fitted here, in ms. */
  readonly fixedMs: number;
  readonly isEnd: boolean;
  readonly lengthMs: number;
  readonly weight: number;
}

/**
 * @param names - Evidence to weigh; all other evidence counts as `fixed` has it, or nothing.
 * @param fixed - Weights that stay, the base among them, when read-outs are fitted; without them the base is fitted, too.
 */
export function fitWeights(
  silences: readonly Silence[],
  names: readonly EvidenceName[],
  fixed?: WaitWeights,
): WaitWeights {
  const cutInCost = fixed === undefined ? FIT.cutInCost : FIT.readOutCutInCost;
  const rows = silences.flatMap((silence) => rowsOf(silence, names, fixed));
  const priors = names.map((name) => PRIORS[name] ?? { ms: 0, sign: 0 });
  const start = [...priors.map(({ ms }) => ms), fixed === undefined ? BASE_START_MS : 0];
  const isFree = [...priors.map(() => true), fixed === undefined];
  const table = tableOf(rows, start.length, cutInCost);
  const weights = descend(
    start,
    (point) => gradient(table, point, start),
    (point) =>
      point.map((ms, index) => {
        const sign = priors[index]?.sign ?? 0;
        if (isFree[index] === false) return 0;
        return sign === 0 || ms * sign > 0 ? ms : 0;
      }),
  );
  const own = names.map((name, index) => [name, Math.round(weights[index] ?? 0)] as const);
  const kept = own.filter(([, ms]) => ms !== 0);
  return {
    baseMs: fixed?.baseMs ?? Math.round(weights.at(-1) ?? 0),
    perUnitMs: { ...fixed?.perUnitMs, ...Object.fromEntries(kept) },
  };
}

function rowsOf(silence: Silence, names: readonly EvidenceName[], fixed: WaitWeights | undefined): Row[] {
  const { steps, isEnd } = silence;
  const lengthMs = steps.at(-1)?.silenceMs ?? 0;
  if (!isEnd && lengthMs < HARMLESS_MS) return [];
  const latestMs = isEnd ? lengthMs : lengthMs - BEFORE_RESUMING_MS;
  const looked = LOOKED_AT_MS.map(
    (ms) => steps.findLast((step) => step.silenceMs <= Math.min(ms, latestMs)) ?? steps[0],
  );
  const distinct = [...new Set(looked)].filter((step) => step !== undefined);
  return distinct.map(({ evidence }) => ({
    x: [...names.map((name) => evidence[name]), 1],
    fixedMs: fixed === undefined ? 0 : fixed.baseMs + sumOf(fixed, evidence),
    isEnd,
    lengthMs,
    weight: 1 / distinct.length,
  }));
}

function sumOf({ perUnitMs }: WaitWeights, evidence: Readonly<Record<EvidenceName, number>>): number {
  return Object.entries(perUnitMs).reduce((sum, [name, ms]) => sum + (ms ?? 0) * evidence[name as EvidenceName], 0);
}

/** Rows side by side in one array: the fit looks at each of them thousands of times. */
interface Table {
  readonly rows: readonly Row[];
  /** Row after row, `width` values each. */
  readonly x: Float64Array;
  readonly width: number;
  readonly cutInCost: number;
  /** Weight of all ends, and of all pauses. */
  readonly ends: number;
  readonly pauses: number;
}

function tableOf(rows: readonly Row[], width: number, cutInCost: number): Table {
  const x = Float64Array.from(rows.flatMap((row) => row.x));
  const total = (isEnd: boolean): number => rows.reduce((sum, row) => sum + (row.isEnd === isEnd ? row.weight : 0), 0);
  return { rows, x, width, cutInCost, ends: Math.max(1, total(true)), pauses: Math.max(1, total(false)) };
}

/** Slope of the cost: waits at ends, cut-ins in pauses, and distance from what was believed before. */
function gradient(
  { rows, x, width, cutInCost, ends, pauses }: Table,
  point: readonly number[],
  prior: readonly number[],
): number[] {
  const slope = point.map((ms, index) => {
    const isBase = index === width - 1;
    return isBase ? 0 : (2 * FIT.priorCost * (ms - (prior[index] ?? 0))) / FIT.priorUnitMs ** 2 / (width - 1);
  });
  const at = Float64Array.from(point);
  const sums = new Float64Array(width);
  for (const [row, { fixedMs, isEnd, weight, lengthMs }] of rows.entries()) {
    const from = row * width;
    let waitMs = fixedMs;
    for (let i = 0; i < width; i++) waitMs += (x[from + i] ?? 0) * (at[i] ?? 0);
    const perMs = isEnd
      ? (weight / ends) * waitSlope(waitMs)
      : -(weight / pauses) * cutInCost * cutInSlope(waitMs, lengthMs);
    for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + perMs * (x[from + i] ?? 0);
  }
  return slope.map((value, index) => value + (sums[index] ?? 0));
}

function waitSlope(waitMs: number): number {
  const over = (waitMs - FIT.floorMs) / FIT.softMs;
  const softMs = FIT.floorMs + FIT.softMs * (over > 30 ? over : Math.log1p(Math.exp(over)));
  return ((FIT.waitPower * (softMs / FIT.fairWaitMs) ** (FIT.waitPower - 1)) / FIT.fairWaitMs) * sigmoid(over);
}

function cutInSlope(waitMs: number, lengthMs: number): number {
  const share = sigmoid((lengthMs - waitMs) / FIT.edgeMs);
  return (share * (1 - share)) / FIT.edgeMs;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-Math.min(50, Math.max(-50, value))));
}

/** Adam (Kingma and Ba 2015) with its usual constants, in steps of {@link FIT.priorUnitMs}, kept to what is allowed. */
function descend(
  start: readonly number[],
  slopeAt: (point: readonly number[]) => readonly number[],
  allowed: (point: readonly number[]) => number[],
): number[] {
  let point = [...start];
  const mean = start.map(() => 0);
  const square = start.map(() => 0);
  for (let step = 1; step <= STEPS; step++) {
    const slope = slopeAt(point);
    const rate = STEP * FIT.priorUnitMs * (1 - step / (STEPS + 1));
    point = allowed(
      point.map((ms, index) => {
        const s = (slope[index] ?? 0) * FIT.priorUnitMs;
        mean[index] = 0.9 * (mean[index] ?? 0) + 0.1 * s;
        square[index] = 0.999 * (square[index] ?? 0) + 0.001 * s * s;
        const unbiased = (mean[index] ?? 0) / (1 - 0.9 ** step);
        return ms - (rate * unbiased) / (Math.sqrt((square[index] ?? 0) / (1 - 0.999 ** step)) + 1e-8);
      }),
    );
  }
  return point;
}
