/** Parts of SVG that the plots of the benches share. */

/** Told apart without colours by their dashes and their key (Okabe and Ito's colours). */
const STYLES = [
  { colour: '#0072b2', dash: '' },
  { colour: '#d55e00', dash: '7 3' },
  { colour: '#009e73', dash: '2 3' },
  { colour: '#cc79a7', dash: '9 3 2 3' },
  { colour: '#555555', dash: '4 4' },
  { colour: '#e69f00', dash: '12 4' },
  { colour: '#56b4e9', dash: '1 2' },
] as const;

/** Height of one line of the key. */
const KEY_LINE = 18;

export interface CurvePlace {
  /** Points as `x,y`, with spaces between. */
  readonly path: string;
  /** Where the key's first line begins. */
  readonly keyX: number;
  readonly keyTop: number;
  /** Id of the clip path that cuts the curve off; absent: nothing does. */
  readonly clipId?: string;
}

/** A curve and its line in the key. @param index - Decides its style and its place in the key. */
export function keyedCurve(name: string, index: number, { path, keyX, keyTop, clipId }: CurvePlace): string {
  const { colour, dash } = STYLES[index % STYLES.length] ?? STYLES[0];
  const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" fill="none"`;
  const y = keyTop + index * KEY_LINE;
  const clip = clipId === undefined ? '' : ` clip-path="url(#${clipId})"`;
  return `<polyline${clip} points="${path}" ${stroke}/>
<line x1="${keyX}" x2="${keyX + 28}" y1="${y}" y2="${y}" ${stroke}/>
<text x="${keyX + 34}" y="${y + 4}">${escaped(name)}</text>`;
}

/** For text and attributes of HTML and SVG. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
