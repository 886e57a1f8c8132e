/** A report as rows for a spreadsheet, one of percentiles each. Pure. */
import { STAGE_NAMES } from '../../wire/turn.js';
import type { Quantiles } from './figures.js';
import type { Report } from './report.js';
import type { Cell } from './table.js';
import type { Figures } from './tally.js';

/**
 * `figure` is what was measured, `of` the stage, provider or profile it is of; without a `day` it is of all of them. In ms.
 * `drift_ms` is the median less what is expected of a provider.
 */
const HEADER = ['day', 'figure', 'of', 'turns', 'p50_ms', 'p90_ms', 'p95_ms', 'p99_ms', 'expected_ms', 'drift_ms'];

export function reportRows({ all, days, profiles, ear }: Report): Cell[][] {
  return [
    HEADER,
    ...figureRows('', all),
    ...profiles.map(({ profile, response }) => row('', 'response by profile', profile, response)),
    ...Object.entries(ear).flatMap(([name, found]) => (found === undefined ? [] : [row('', 'ear', name, found)])),
    ...days.flatMap(({ day, ...figures }) => figureRows(day, figures)),
  ];
}

function figureRows(day: string, { response, heard, stages, providers }: Figures): Cell[][] {
  return [
    ...(response === undefined ? [] : [row(day, 'response', '', response)]),
    ...(heard === undefined ? [] : [row(day, 'heard', '', heard)]),
    ...stages.map(({ stage, waited }) => row(day, 'stage', NAMES.get(stage) ?? stage, waited)),
    ...providers.map(({ figure, provider, model, took, expectedMs, driftMs }) =>
      row(day, figure, `${provider}/${model}`, took, [expectedMs, driftMs]),
    ),
  ];
}

const NAMES = new Map(STAGE_NAMES);

function row(
  day: string,
  figure: string,
  of: string,
  { turns, p50, p90, p95, p99 }: Quantiles,
  expected: readonly (number | undefined)[] = [undefined, undefined],
): Cell[] {
  return [day, figure, of, turns, ...[p50, p90, p95, p99, ...expected].map(tenths)];
}

function tenths(ms: number | undefined): Cell {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
