/** How many turns had been answered by when, a curve an arm, as SVG. Pure, no resources from elsewhere. */
import { escaped, keyedCurve } from '../svg.js';

const WIDTH = 760;
const HEIGHT = 380;
const LEFT = 56;
const RIGHT = 180;
const TOP = 16;
const BOTTOM = 44;
const INNER_WIDTH = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const TICKS = 6;
const STEP_MS = 500;

export interface EcdfCurve {
  readonly name: string;
  /** In ms, in any order. */
  readonly values: readonly number[];
}

/** @param description - What the plot shows, in words. */
export function ecdfSvg(curves: readonly EcdfCurve[], description: string): string {
  const longest = Math.max(STEP_MS, ...curves.flatMap(({ values }) => values));
  const maxMs = Math.ceil(longest / STEP_MS) * STEP_MS;
  const x = (ms: number): number => LEFT + (ms / maxMs) * INNER_WIDTH;
  const y = (share: number): number => TOP + (1 - share) * INNER_HEIGHT;
  const lines = curves.map(({ name, values }, index) => {
    const path = steps(values, maxMs)
      .map(([ms, share]) => `${x(ms).toFixed(1)},${y(share).toFixed(1)}`)
      .join(' ');
    return keyedCurve(name, index, { path, keyX: WIDTH - RIGHT + 10, keyTop: TOP + 10 });
  });
  const grid = 'stroke="#ddd" stroke-width="1"';
  const ticks = Array.from({ length: TICKS }, (_, index) => index / (TICKS - 1));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="ecdf-title ecdf-desc">
<title id="ecdf-title">Share of turns answered by then</title>
<desc id="ecdf-desc">${escaped(description)}</desc>
${ticks
  .map(
    (share) => `<line x1="${x(share * maxMs)}" x2="${x(share * maxMs)}" y1="${TOP}" y2="${TOP + INNER_HEIGHT}" ${grid}/>
<text x="${x(share * maxMs)}" y="${HEIGHT - 26}" text-anchor="middle">${Math.round(share * maxMs)}</text>
<line x1="${LEFT}" x2="${LEFT + INNER_WIDTH}" y1="${y(share)}" y2="${y(share)}" ${grid}/>
<text x="${LEFT - 6}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)} %</text>`,
  )
  .join('\n')}
<text x="${LEFT + INNER_WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">first sound in ms after the caller's last</text>
${lines.join('\n')}
</svg>`;
}

/** Corners of the curve, from nobody answered to the right edge. */
export function steps(values: readonly number[], maxMs: number): (readonly [ms: number, share: number])[] {
  const sorted = values.toSorted((a, b) => a - b);
  const corners = sorted.flatMap((ms, index): (readonly [number, number])[] => [
    [ms, index / sorted.length],
    [ms, (index + 1) / sorted.length],
  ]);
  return sorted.length === 0 ? [] : [[0, 0], ...corners, [maxMs, 1]];
}
