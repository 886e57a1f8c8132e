/**
 * What is given up, step by step, while replies take longer than the profile allows, and taken up again once they are fast for
 * long. Pure: turns go in, a step comes out.
 */

/** In the order in which they are climbed; each holds together with those before it. */
export const BUDGET_STEPS = [
  'none',
  'shorterAnswers',
  'skipSummary',
  'fasterModel',
  'openings',
  'refuseCalls',
] as const;
export type BudgetStep = (typeof BUDGET_STEPS)[number];

export interface BudgetLadder {
  /** Index of the step in {@link LadderSettings.steps}. */
  readonly at: number;
  /** Response latencies since the last change, in ms, the last {@link WINDOW_TURNS} at most. */
  readonly latenciesMs: readonly number[];
  /** Turns in a row at which the P95 was above what is allowed, and at which it was clearly below. */
  readonly turnsOver: number;
  readonly turnsUnder: number;
  readonly lastChange: 'up' | 'down' | undefined;
  /** Doubles, within bounds, each time that a step down had to be taken back. */
  readonly patience: number;
  readonly lastTurnAtMs: number;
}

export interface LadderSettings {
  /** The profile's response target (P50), in ms. */
  readonly responseMs: number;
  /** Steps that can be taken here, in the order of {@link BUDGET_STEPS} and beginning with `none`. Default: all. */
  readonly steps?: readonly BudgetStep[];
}

export interface LadderStep {
  readonly ladder: BudgetLadder;
  /** Present when the step has changed. */
  readonly changed?: { readonly step: BudgetStep; readonly direction: 'up' | 'down' };
}

export const GROUND: BudgetLadder = Object.freeze({
  at: 0,
  latenciesMs: [],
  turnsOver: 0,
  turnsUnder: 0,
  lastChange: undefined,
  patience: 1,
  lastTurnAtMs: 0,
});

/** Times the target at which the P95 burns the budget: the same share that makes a turn a violation (source 003). */
export const BURN_FACTOR = 1.5;
/** Share of that below which there is room to come down: between the two nothing changes. */
export const ROOM_SHARE = 0.8;
/** Turns that the P95 is taken of, at most and at least: of fewer than twenty it is the slowest, and one slow turn is chance. */
const WINDOW_TURNS = 50;
const LEAST_TURNS = 20;
/** Times what is allowed above which calls are refused: below, it is not the number of calls that makes turns slow. */
const REFUSE_FACTOR = 2;
/** Turns in a row that must burn the budget before a step up, and that must be below it before a step down. */
const UP_TURNS = 10;
const DOWN_TURNS = 40;
const MOST_PATIENCE = 8;
/** Time without a turn after which one step is taken back, in ms: where calls are refused, no turn would ever tell. */
const REST_MS = 60_000;

export function stepOf({ at }: BudgetLadder, { steps = BUDGET_STEPS }: LadderSettings): BudgetStep {
  return steps[at] ?? 'none';
}

/** Whether a step is in force: the one that was climbed to, or one before it. */
export function isInForce(step: BudgetStep, ladder: BudgetLadder, { steps = BUDGET_STEPS }: LadderSettings): boolean {
  const index = steps.indexOf(step);
  return index !== -1 && index <= ladder.at;
}

/** Takes in the response latency of a turn, in ms; what is no duration is ignored. */
export function noteTurn(
  ladder: BudgetLadder,
  responseMs: number,
  settings: LadderSettings,
  nowMs: number,
): LadderStep {
  if (!Number.isFinite(responseMs) || responseMs < 0) return { ladder };
  const latenciesMs = [...ladder.latenciesMs, responseMs].slice(-WINDOW_TURNS);
  const allowedMs = settings.responseMs * BURN_FACTOR;
  const p95 = latenciesMs.length < LEAST_TURNS ? undefined : p95Ms(latenciesMs);
  const { steps = BUDGET_STEPS } = settings;
  const isRefusing = steps[ladder.at] === 'refuseCalls';
  const refusedAboveMs = allowedMs * REFUSE_FACTOR;
  const isAboutRefusing = isRefusing || steps[ladder.at + 1] === 'refuseCalls';
  const burntAboveMs = isAboutRefusing ? refusedAboveMs : allowedMs;
  const isBurnt = p95 !== undefined && p95 > burntAboveMs;
  // Calls that are refused for turns that are merely slow again would be refused for as long as the provider is.
  const hasRoom = p95 !== undefined && (isRefusing ? p95 <= refusedAboveMs : p95 < allowedMs * ROOM_SHARE);
  const turnsOver = isBurnt ? ladder.turnsOver + 1 : 0;
  const turnsUnder = hasRoom ? ladder.turnsUnder + 1 : 0;
  const noted: BudgetLadder = { ...ladder, latenciesMs, turnsOver, turnsUnder, lastTurnAtMs: nowMs };
  if (turnsOver >= UP_TURNS) return climbed(noted, settings);
  const enough = (isRefusing ? UP_TURNS : DOWN_TURNS) * ladder.patience;
  return turnsUnder >= enough ? descended(noted, settings) : { ladder: noted };
}

/** Comes down a step when no turn has been for long; to be called now and then. */
export function noteRest(ladder: BudgetLadder, settings: LadderSettings, nowMs: number): LadderStep {
  if (ladder.at === 0 || nowMs - ladder.lastTurnAtMs < REST_MS) return { ladder };
  return descended({ ...ladder, lastTurnAtMs: nowMs }, settings);
}

function climbed(ladder: BudgetLadder, settings: LadderSettings): LadderStep {
  const { steps = BUDGET_STEPS } = settings;
  // At the top the count stays where it is, so that it cannot grow without a bound.
  if (ladder.at >= steps.length - 1) return { ladder: { ...ladder, turnsOver: UP_TURNS } };
  const patience = ladder.lastChange === 'down' ? Math.min(MOST_PATIENCE, ladder.patience * 2) : ladder.patience;
  return changed({ ...ladder, at: ladder.at + 1, patience }, settings, 'up');
}

function descended(ladder: BudgetLadder, settings: LadderSettings): LadderStep {
  if (ladder.at === 0) return { ladder: { ...ladder, turnsUnder: DOWN_TURNS * ladder.patience } };
  // Two steps down in a row: the first one has held.
  const patience = ladder.lastChange === 'down' ? Math.max(1, ladder.patience / 2) : ladder.patience;
  return changed({ ...ladder, at: ladder.at - 1, patience }, settings, 'down');
}

/** What was measured on the step before says nothing about this one. */
function changed(ladder: BudgetLadder, settings: LadderSettings, direction: 'up' | 'down'): LadderStep {
  const next: BudgetLadder = { ...ladder, latenciesMs: [], turnsOver: 0, turnsUnder: 0, lastChange: direction };
  return { ladder: next, changed: { step: stepOf(next, settings), direction } };
}

/** The nearest-rank P95. */
function p95Ms(latenciesMs: readonly number[]): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
