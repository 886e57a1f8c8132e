/** What the dashboards' choices select, and queries that most panels share. */
import type { KnownCounter, KnownHistogram, LabelOf, Where } from '../metrics.js';
import { lines, type PanelSpec, type Query, type Unplaced } from '../panels.js';
import { quantile, rate } from '../promql.js';

/** The regions that are chosen. */
export const HERE = { region: { like: '$region' } } as const;
/** The profiles and regions that are chosen. */
export const CHOSEN = { profile: { like: '$profile' }, ...HERE } as const;

/** Line names begin with `prefix` and end in P50, P95, ... */
export function percentile<Name extends KnownHistogram>(
  q: 0.5 | 0.9 | 0.95 | 0.99,
  name: Name,
  options: Parameters<typeof quantile<Name>>[2],
  prefix = '',
): Query {
  return { expr: quantile(q, name, options), legend: `${prefix}${prefix === '' ? '' : ' '}P${q * 100}` };
}

export function percentiles<Name extends KnownHistogram>(
  qs: readonly (0.5 | 0.9 | 0.95 | 0.99)[],
  name: Name,
  options: Parameters<typeof quantile<Name>>[2],
  prefix = '',
): [Query, ...Query[]] {
  const [first, ...others] = qs.map((q) => percentile(q, name, options, prefix));
  if (first === undefined) throw new RangeError('A panel shows at least one percentile.');
  return [first, ...others];
}

/** Events a minute: what people can imagine. */
export const perMinute = (perSecond: string): string => `60 * ${perSecond}`;

/** A panel of events a minute, with a line for each value of the labels. */
export function counts<Name extends KnownCounter>(
  name: Name,
  by: readonly LabelOf<Name>[],
  where: Where<Name>,
  spec: Omit<PanelSpec, 'queries' | 'unit'> & Partial<Pick<PanelSpec, 'unit'>>,
): Unplaced {
  const legend = by.map((label) => `{{${label}}}`).join(' ');
  const expr = perMinute(rate(name, { by, where }));
  return lines({ unit: 'cpm', ...spec, queries: [{ expr, legend: legend === '' ? spec.title : legend }] });
}
