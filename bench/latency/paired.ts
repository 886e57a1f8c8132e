/**
 * Ours against each other arm over the turns that both answered. Where the providers' times are drawn, both arms find the same
 * ones at the same turn (`paired` of a script), so that what is left between them is their own doing. Pure.
 */
import type { Latency, PresetName, Timing } from '../../local-providers/scripted/latency.js';
import { PRESETS } from '../../local-providers/scripted/latency.js';
import { isTimely, type MeasuredTurn } from './figures.js';
import { type Comparison, ratioOf, type Sample } from './samples.js';

/** Ours against one other arm. */
export interface PairedComparison {
  /** Turns that both answered and that this program disturbed in neither. */
  readonly turns: number;
  /** Turns of either that have no counterpart: unanswered, cut into, or disturbed in one of the two. */
  readonly without: { readonly ours: number; readonly other: number };
  /** Ours to the other's, of the answer's own first sound: below 1 ours is the sooner. By the name of the percentile. */
  readonly answer: Readonly<Record<string, Comparison>>;
}

const PERCENTILES = [
  ['P50', 0.5],
  ['P95', 0.95],
  ['P99', 0.99],
] as const;

/** Whether any time of the providers' differs from request to request. */
export function isDrawn(preset: PresetName, timing: Partial<Timing> = {}): boolean {
  const { sttLatency, llmTtft, llmPerToken, ttsTtfb } = { ...PRESETS[preset], ...timing };
  return [sttLatency, llmTtft, llmPerToken, ttsTtfb].some(
    (latency: Latency) => latency.kind !== 'fixed' || latency.jitterMs > 0,
  );
}

/** By the name of the other arm; without `ours` among them there is nothing to compare. */
export function pairedComparisons(
  arms: Readonly<Record<string, { readonly each: readonly MeasuredTurn[] }>>,
): Readonly<Record<string, PairedComparison>> {
  const { ours, ...others } = arms;
  if (ours === undefined) return {};
  return Object.fromEntries(Object.entries(others).map(([name, arm]) => [name, comparePaired(ours.each, arm.each)]));
}

/** Turns of one call share its process and its moment: both arms' of it are drawn together. */
export function comparePaired(ours: readonly MeasuredTurn[], other: readonly MeasuredTurn[]): PairedComparison {
  const theirs = new Map(answeredTurns(other).map((turn) => [turn.key, turn]));
  const mine = answeredTurns(ours);
  const pairs = mine.flatMap((turn) => {
    const counterpart = theirs.get(turn.key);
    return counterpart === undefined ? [] : [[turn.sample, counterpart.sample] as const];
  });
  const [left, right] = [pairs.map(([sample]) => sample), pairs.map(([, sample]) => sample)];
  const answer = PERCENTILES.flatMap(([name, share]) => {
    const ratio = ratioOf(left, right, share);
    return ratio === undefined ? [] : [[name, ratio] as const];
  });
  return {
    turns: pairs.length,
    without: { ours: ours.length - pairs.length, other: other.length - pairs.length },
    answer: Object.fromEntries(answer),
  };
}

/** As lines for the terminal. */
export function pairedLines(comparisons: Readonly<Record<string, PairedComparison>>): string[] {
  return Object.entries(comparisons).flatMap(([name, { turns, without, answer }]) => {
    if (turns === 0) return [];
    const said = Object.entries(answer).map(([percentile, ratio]) => `${percentile} ${ratioText(ratio)}`);
    const missing =
      without.ours + without.other === 0 ? '' : ` (without counterpart: ${without.ours} and ${without.other})`;
    return [`ours to ${name}, the answer itself over the same ${turns} turns${missing}: ${said.join(', ')}`];
  });
}

function ratioText({ value, ci }: Comparison): string {
  return `${value.toFixed(2)}${ci === null ? '' : ` (${ci[0].toFixed(2)}..${ci[1].toFixed(2)})`}`;
}

/** A turn's place in the run, which all arms share: its call, the place in it, and what was said. */
function answeredTurns(turns: readonly MeasuredTurn[]): { readonly key: string; readonly sample: Sample }[] {
  return turns.flatMap((turn) => {
    const { call, index, file, heardMs } = turn;
    const ms = turn.answerMs ?? heardMs;
    if (ms === undefined || turn.outcome !== 'answered' || !isTimely(turn)) return [];
    return [{ key: `${call} ${index} ${file}`, sample: { call, ms } }];
  });
}
