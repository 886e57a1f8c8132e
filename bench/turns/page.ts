/** A run as one page of HTML: plots, and the same figures as tables beside them. Pure. */

import { escaped } from '../svg.js';
import type { WaitsAt } from './curve.js';
import { svgOf } from './plot.js';
import type { OperatingPoint, SetReport, TurnsReport } from './report.js';
import { ratioLine } from './table.js';

/** Arms with a curve of their own; those without one piece of evidence stand in the tables alone. */
const PLOTTED = ['policy', 'policy-no-text', 'v1-mini', 'v1-mini-tuned', 'vad-silero', 'vad-webrtc'];
const MAX_RATE = 0.25;
const MEASURES = [
  { measure: 'meanWaitMs', name: 'Mean wait', maxWaitMs: 1_500 },
  { measure: 'p95WaitMs', name: 'P95 wait', maxWaitMs: 3_000 },
] as const;

export interface PageFacts {
  readonly command: string;
  /** Sections of other measurements, as HTML. */
  readonly more?: readonly string[];
}

export function turnsPage(report: TurnsReport, { command, more = [] }: PageFacts): string {
  const sets = Object.entries(report.sets);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Turn-taking: cut-ins against wait</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
svg { width: 100%; max-width: 40rem; font-size: 12px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem; }
pre { overflow-x: auto; font-size: 0.8rem; }
.few { color: #8a3b00; }
</style>
</head>
<body>
<h1>Turn-taking: cut-ins against wait</h1>
<p>Wait: end of speech to commit, the recogniser's final included. A cut-in: a commit in a natural pause of 100 ms or more.
Lower and further left is better. Made by <code>npm run ${escaped(command)}</code>.</p>
${sets.map(([name, set]) => section(name, set)).join('\n')}
${more.join('\n')}
</body>
</html>
`;
}

/** A section of lines that stand as they are. */
export function preformatted(title: string, lines: readonly string[]): string {
  return `<h2>${escaped(title)}</h2>\n<pre>${lines.map(escaped).join('\n')}</pre>`;
}

function section(name: string, set: SetReport): string {
  const few = set.isEnough ? '' : '<p class="few">Too few pauses or turns for a claim.</p>';
  const counts = `${set.recordings} recordings, ${set.pauses} pauses, ${set.turns} complete turns`;
  return `<h2>${escaped(name)}</h2>
<p>${counts}.</p>
${few}
<div class="plots">${MEASURES.map((measure) => plot(name, set, measure)).join('\n')}</div>
${table(set)}
${ratios(set)}`;
}

function plot(name: string, set: SetReport, { measure, name: title, maxWaitMs }: (typeof MEASURES)[number]): string {
  const curves = PLOTTED.flatMap((arm) => {
    const points = set.arms[arm]?.curve ?? [];
    return points.length === 0 ? [] : [{ name: arm, points }];
  });
  if (curves.length === 0) return '';
  const at5 = curves.map((curve) => `${curve.name} ${ms(set.arms[curve.name]?.at5[measure] ?? null)}`).join(', ');
  return svgOf({
    id: `${name}-${measure}`,
    title: `${title} against cut-ins, ${name}`,
    description: `${title} in ms at 5 % cut-ins: ${at5}. All figures stand in the table below.`,
    measure,
    curves,
    maxRate: MAX_RATE,
    maxWaitMs,
  });
}

function table(set: SetReport): string {
  const rows = Object.entries(set.arms).map(([arm, { at5, at10 }]) => {
    const cells = [...waits(at5), ...waits(at10), operating(set.operating[arm]?.at5 ?? null)];
    return `<tr><th scope="row">${escaped(arm)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<table>
<thead><tr><th scope="col" rowspan="2">arm</th><th scope="colgroup" colspan="3">wait in ms at 5 % cut-ins</th>
<th scope="colgroup" colspan="3">at 10 %</th><th scope="col" rowspan="2">cut-ins here at the setting of 5 % in human-natural</th></tr>
<tr>${'<th scope="col">mean</th><th scope="col">P50</th><th scope="col">P95</th>'.repeat(2)}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
}

function ratios({ ratios: list }: SetReport): string {
  if (list.length === 0) return '';
  return `<ul>${list.map((ratio) => `<li>${escaped(ratioLine(ratio))}</li>`).join('\n')}</ul>`;
}

function waits({ meanWaitMs, p50WaitMs, p95WaitMs }: WaitsAt): string[] {
  return [meanWaitMs, p50WaitMs, p95WaitMs].map(ms);
}

function operating(point: OperatingPoint | null): string {
  return point === null ? '-' : `${point.cutIns} (${(point.cutInRate * 100).toFixed(1)} %)`;
}

function ms(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}
