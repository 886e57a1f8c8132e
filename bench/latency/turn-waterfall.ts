/** Where the time of one turn went, as bars of HTML one after the other. Pure. */
import { STAGE_NAMES } from '../../wire/turn.js';
import { escaped } from '../svg.js';
import type { MeasuredTurn } from './figures.js';

export interface Bar {
  readonly name: string;
  readonly fromMs: number;
  readonly durationMs: number;
}

/** The stages that our worker tells, and the rest: the ways over the network. Of others there is only the whole. */
export function barsOf({ heardMs = 0, document }: Pick<MeasuredTurn, 'heardMs' | 'document'>): Bar[] {
  const { stages } = document ?? {};
  if (stages === undefined) return [{ name: 'total', fromMs: 0, durationMs: heardMs }];
  const durations = STAGE_NAMES.map(([key, name]) => ({ name, durationMs: stages[key] }));
  const told = durations.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (heardMs > told) durations.push({ name: 'to the ear and back', durationMs: heardMs - told });
  let beforeMs = 0;
  return durations.map(({ name, durationMs }) => {
    const bar = { name, fromMs: beforeMs, durationMs };
    beforeMs += durationMs;
    return bar;
  });
}

/** The turn at a percentile: the one whose first sound came nearest to it. @returns undefined of no answered turns. */
export function turnNearest(turns: readonly MeasuredTurn[], atMs: number | null): MeasuredTurn | undefined {
  if (atMs === null) return undefined;
  const distance = ({ heardMs = Number.POSITIVE_INFINITY }: MeasuredTurn): number => Math.abs(heardMs - atMs);
  return turns.toSorted((a, b) => distance(a) - distance(b)).find(({ heardMs }) => heardMs !== undefined);
}

/** @param maxMs - Right edge, so that turns beside each other have one scale. */
export function waterfallHtml(title: string, turn: MeasuredTurn, maxMs: number): string {
  const percent = (ms: number): string => `${((ms / maxMs) * 100).toFixed(2)}%`;
  const rows = barsOf(turn).map(
    ({ name, fromMs, durationMs }) =>
      `<tr><th scope="row">${name}</th><td>${Math.round(durationMs)}</td><td class="track">` +
      `<div class="bar" style="margin-left:${percent(fromMs)};width:${percent(durationMs)}"></div></td></tr>`,
  );
  const bound = Math.round(turn.boundMs);
  return `<table class="waterfall"><caption>${escaped(title)}: ${Math.round(turn.heardMs ?? 0)} ms, bound ${bound} ms
(${escaped(turn.file)})</caption>
<tbody>${rows.join('\n')}</tbody></table>`;
}
