/** Two runs side by side, as lines for the terminal. Pure. */
import { type ArmComparison, COST_MS, type Comparisons, LEAST } from './compare.js';
import { tidyJson, withInterval } from './report.js';

const SHARE = { runs: 10, found: 8 } as const;

/** @param earlier - Names the earlier run: its file. */
export function comparisonTable(comparisons: Readonly<Record<string, ArmComparison>>, earlier: string): string[] {
  const arms = Object.entries(comparisons);
  if (arms.length === 0) return [`compared with ${earlier}: no arm is in both`];
  return [
    `compared with ${earlier}: how much later each recording was answered at P50, in ms (95 %, whole calls drawn)`,
    ...arms.flatMap(([name, comparison]) => linesOf(name, comparison)),
  ];
}

/**
 * What the run is said to have failed for.
 * @returns One line; undefined unless an arm is slower for certain, and by 50 ms as far as can be told. Of several arms only
 *   `ours` counts where it is among them: it is what callers get.
 */
export function slowerLine(comparisons: Readonly<Record<string, ArmComparison>>): string | undefined {
  const { ours } = comparisons;
  const judged = ours === undefined ? Object.entries(comparisons) : [['ours', ours] as const];
  const slower = judged.filter(([, { verdict }]) => verdict === 'slower' || verdict === 'costly');
  if (slower.length === 0) return undefined;
  const said = slower.map(([name, { costMs, costCiMs }]) => `${name} by ${withInterval(costMs, costCiMs)} ms`);
  return `slower than before: ${said.join(', ')}`;
}

/** The document of `--json` where no run was made. @param later - File of the later run, as given. */
export function comparisonJson(comparison: Comparisons, later: string, command: string): string {
  return tidyJson({ schema: 1, command, arms: {}, later, comparison });
}

function linesOf(name: string, comparison: ArmComparison): string[] {
  const { costMs, costCiMs, unpaired, unanswered } = comparison;
  return [
    `${name}: ${withInterval(costMs, costCiMs)} ms: ${verdictText(comparison)}`,
    ...powerLines(name, comparison),
    ...(unpaired > 0 ? [`${name}: ${unpaired} turns have no counterpart that was answered, or were not answered`] : []),
    ...(unanswered.after > 0 || unanswered.before > 0
      ? [`${name}: ${unanswered.after} turns unanswered, ${unanswered.before} before; they are in no figure here`]
      : []),
  ];
}

function verdictText({ verdict, costCiMs, pairs, calls }: ArmComparison): string {
  switch (verdict) {
    case 'costly':
      return `a cost of ${COST_MS} ms or more is proven`;
    case 'slower':
      return `it costs something for certain, and ${COST_MS} ms are not excluded`;
    case 'excluded':
      return `a cost of ${COST_MS} ms is excluded`;
    case 'undecided':
      return costCiMs === null
        ? `not decided: ${pairs} pairs of ${calls} calls are too few (${LEAST.pairs} of ${LEAST.calls} at least)`
        : `not decided: neither 0 nor ${COST_MS} ms is excluded`;
  }
}

function powerLines(name: string, { pairs, calls, power, verdict }: ArmComparison): string[] {
  if (power === undefined) return [];
  const { detectableMs, at50, pairsNeeded } = power;
  const more =
    verdict === 'undecided' && pairsNeeded > pairs ? `; for ${COST_MS} ms it takes about ${pairsNeeded} pairs` : '';
  return [
    `${name}: ${pairs} pairs of ${calls} calls show a cost of ${Math.round(detectableMs)} ms in ${SHARE.found} of ` +
      `${SHARE.runs} runs, and one of ${COST_MS} ms in ${Math.round(at50 * 100)} %${more}`,
  ];
}
