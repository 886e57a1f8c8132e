/** A run as one page of HTML: table, curves, and where the time of the median and of the P95 turn of each arm went. Pure. */
import { escaped } from '../svg.js';
import { ecdfSvg } from './ecdf.js';
import { isTimely } from './figures.js';
import {
  type ArmReport,
  heardOf,
  type LatencyReport,
  latencyTable,
  ms,
  ratiosOf,
  tooFew,
  withInterval,
} from './report.js';
import { turnNearest, waterfallHtml } from './turn-waterfall.js';

const MARGIN = 1.05;

export function latencyPage(report: LatencyReport, command: string): string {
  const arms = Object.entries(report.arms);
  const medians = arms.map(([name, { p50Ms, p95Ms }]) => `${name} P50 ${ms(p50Ms)} and P95 ${ms(p95Ms)} ms`);
  const curves = arms.map(([name, arm]) => ({ name, values: heardOf(arm).map((sample) => sample.ms) }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>From the last word to the first sound</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222; }
svg { width: 100%; max-width: 48rem; font-size: 12px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child { text-align: left; }
caption { text-align: left; font-weight: 600; padding: 0.4rem 0; }
.turns { display: grid; grid-template-columns: repeat(auto-fit, minmax(28rem, 1fr)); gap: 1.5rem; }
.waterfall { width: 100%; }
.waterfall .track { width: 70%; padding: 0.2rem 0; }
.bar { background: #0072b2; height: 1rem; min-width: 1px; }
.few { color: #8a3b00; }
pre { overflow-x: auto; font-size: 0.8rem; }
</style>
</head>
<body>
<h1>From the last word to the first sound</h1>
<p>In the caller's ear, from the last window of 10 ms within 30 dB of the recording's peak to the agent's first sound.
Round trip of the run ${Math.round(report.roundTripMs)} ms. Excess: what a turn took beyond its bound (round trip, recogniser, model, the tokens of
its first clause, voice). Intervals: bootstrap, whole calls drawn, 95 %. Made by <code>npm run ${escaped(command)}</code>.</p>
<p>${Object.entries(report.settings)
    .map(([name, value]) => `${escaped(name)} ${escaped(String(value))}`)
    .join(', ')}.</p>
${tooFew(report)
  .map((line) => `<p class="few">${escaped(line)}</p>`)
  .join('\n')}
${table(arms)}
${ratios(report)}
<h2>Share of turns answered by then</h2>
${ecdfSvg(curves, `First sound: ${medians.join(', ')}.`)}
<h2>Where the time went</h2>
<div class="turns">${waterfalls(arms)}</div>
<h2>As told on the terminal</h2>
<pre>${latencyTable(report).map(escaped).join('\n')}</pre>
</body>
</html>
`;
}

function table(arms: readonly (readonly [string, ArmReport])[]): string {
  const rows = arms.map(([name, arm]) => {
    const { turns, answered, cutIns, pauses, greetingP50Ms, greetingP95Ms, openings } = arm;
    const cells = [
      `${answered} of ${turns}`,
      withInterval(arm.p50Ms, arm.p50CiMs),
      withInterval(arm.p95Ms, arm.p95CiMs),
      withInterval(arm.excessP50Ms, arm.excessP50CiMs),
      withInterval(arm.excessP95Ms, arm.excessP95CiMs),
      openings === undefined ? 'the same' : `${ms(arm.answerP50Ms)}, ${ms(arm.answerP95Ms)}`,
      openings === undefined ? '-' : ms(openings.heardGapP95Ms ?? openings.gapP95Ms),
      `${cutIns} of ${pauses}`,
      `${ms(greetingP50Ms)}, ${ms(greetingP95Ms)}`,
    ];
    return `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = [
    'answered',
    'first sound P50',
    'P95',
    'excess P50',
    'excess P95',
    'the answer itself P50, P95',
    'gap before it P95',
    'cut-ins',
    'greeting P50, P95',
  ];
  return `<table>
<caption>In ms</caption>
<thead><tr><th scope="col">arm</th>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
}

function ratios(report: LatencyReport): string {
  const lines = Object.entries(ratiosOf(report.arms)).map(([name, { value, ci }]) => {
    return `<li>${escaped(name)} ${value.toFixed(2)}${ci === null ? '' : ` (${ci[0].toFixed(2)}..${ci[1].toFixed(2)})`}</li>`;
  });
  return lines.length === 0 ? '' : `<ul>${lines.join('\n')}</ul>`;
}

function waterfalls(arms: readonly (readonly [string, ArmReport])[]): string {
  const shown = arms.flatMap(([name, { each, p50Ms, p95Ms }]) => {
    const turns = each.filter(isTimely);
    const at = [
      ['median', p50Ms],
      ['P95', p95Ms],
    ] as const;
    return at.flatMap(([which, atMs]) => {
      const turn = turnNearest(turns, atMs);
      return turn === undefined ? [] : [{ title: `${name}, ${which}`, turn }];
    });
  });
  const maxMs = MARGIN * Math.max(1, ...shown.map(({ turn }) => turn.heardMs ?? 0));
  return shown.map(({ title, turn }) => waterfallHtml(title, turn, maxMs)).join('\n');
}
