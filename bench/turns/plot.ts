/** Curves as SVG: cut-ins against wait. Pure, no resources from elsewhere. */

import { escaped, keyedCurve } from '../svg.js';
import type { CurvePoint } from './curve.js';
import { lowerEnvelope, type WaitMeasure } from './curve.js';

const AXIS_NAMES: Readonly<Record<WaitMeasure, string>> = {
  meanWaitMs: 'mean wait in ms',
  p50WaitMs: 'P50 wait in ms',
  p95WaitMs: 'P95 wait in ms',
};
const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 60;
const RIGHT = 170;
const TOP = 16;
const BOTTOM = 44;
const INNER_WIDTH = WIDTH - LEFT - RIGHT;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;

export interface Plot {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly measure: WaitMeasure;
  readonly curves: readonly { readonly name: string; readonly points: readonly CurvePoint[] }[];
  /** Upper ends of the axes. */
  readonly maxRate: number;
  readonly maxWaitMs: number;
}

/** Each curve is the lower envelope of its points; what lies beyond the axes is cut off. */
export function svgOf({ id, title, description, measure, curves, maxRate, maxWaitMs }: Plot): string {
  const x = (rate: number): number => LEFT + (rate / maxRate) * INNER_WIDTH;
  const y = (waitMs: number): number => TOP + (1 - waitMs / maxWaitMs) * INNER_HEIGHT;
  const lines = curves.map(({ name, points }, index) => {
    const envelope = lowerEnvelope(points, measure);
    const path = envelope.map(({ rate, waitMs }) => `${x(rate).toFixed(1)},${y(waitMs).toFixed(1)}`).join(' ');
    return keyedCurve(name, index, { path, clipId: `${id}-area`, keyX: WIDTH - RIGHT + 10, keyTop: TOP + 10 });
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${escaped(title)}</title>
<desc id="${id}-desc">${escaped(description)}</desc>
<clipPath id="${id}-area"><rect x="${LEFT}" y="${TOP}" width="${INNER_WIDTH}" height="${INNER_HEIGHT}"/></clipPath>
${axes(x, y, { maxRate, maxWaitMs, measure })}
${lines.join('\n')}
</svg>`;
}

function axes(
  x: (rate: number) => number,
  y: (waitMs: number) => number,
  { maxRate, maxWaitMs, measure }: Pick<Plot, 'maxRate' | 'maxWaitMs' | 'measure'>,
): string {
  const rates = Array.from({ length: 6 }, (_, index) => (index / 5) * maxRate);
  const waits = Array.from({ length: 6 }, (_, index) => (index / 5) * maxWaitMs);
  const grid = 'stroke="#ddd" stroke-width="1"';
  return [
    ...rates.map(
      (rate) =>
        `<line x1="${x(rate)}" x2="${x(rate)}" y1="${TOP}" y2="${TOP + INNER_HEIGHT}" ${grid}/>` +
        `<text x="${x(rate)}" y="${HEIGHT - 26}" text-anchor="middle">${Math.round(rate * 100)} %</text>`,
    ),
    ...waits.map(
      (waitMs) =>
        `<line x1="${LEFT}" x2="${LEFT + INNER_WIDTH}" y1="${y(waitMs)}" y2="${y(waitMs)}" ${grid}/>` +
        `<text x="${LEFT - 6}" y="${y(waitMs) + 4}" text-anchor="end">${Math.round(waitMs)}</text>`,
    ),
    `<text x="${LEFT + INNER_WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">pauses cut into</text>`,
    `<text transform="translate(14 ${TOP + INNER_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${AXIS_NAMES[measure]}</text>`,
  ].join('\n');
}
