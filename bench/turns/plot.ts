/** Curves as SVG: cut-ins against wait. Pure, no resources from elsewhere. */
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

/** Told apart without colours by their dashes and their labels at the end (Okabe and Ito's colours). */
const STYLES = [
  { colour: '#0072b2', dash: '' },
  { colour: '#d55e00', dash: '7 3' },
  { colour: '#009e73', dash: '2 3' },
  { colour: '#cc79a7', dash: '9 3 2 3' },
  { colour: '#555555', dash: '4 4' },
  { colour: '#e69f00', dash: '12 4' },
  { colour: '#56b4e9', dash: '1 2' },
] as const;

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
    const { colour, dash } = STYLES[index % STYLES.length] ?? STYLES[0];
    const envelope = lowerEnvelope(points, measure);
    const path = envelope.map(({ rate, waitMs }) => `${x(rate).toFixed(1)},${y(waitMs).toFixed(1)}`).join(' ');
    const keyY = TOP + 10 + index * 18;
    const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" fill="none"`;
    return `<polyline clip-path="url(#${id}-area)" points="${path}" ${stroke}/>
<line x1="${WIDTH - RIGHT + 10}" x2="${WIDTH - RIGHT + 38}" y1="${keyY}" y2="${keyY}" ${stroke}/>
<text x="${WIDTH - RIGHT + 44}" y="${keyY + 4}">${escaped(name)}</text>`;
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

/** For text and attributes of HTML and SVG. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
