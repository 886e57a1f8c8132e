/** PromQL from the tables of metrics: what asks for a metric, a label or a bucket that does not exist does not compile, or throws. */
import { LATENCY_BUCKETS_SECONDS } from '../../agent/telemetry/metric-names.js';
import type { KnownCounter, KnownGauge, KnownHistogram, KnownName, LabelOf, Match, Where } from './metrics.js';

export interface Aggregation<Name extends KnownName> {
  /** Labels that are kept; the others are added up. */
  readonly by?: readonly LabelOf<Name>[];
  readonly where?: Where<Name>;
  /** A range such as `5m`; Grafana's own interval by default. */
  readonly over?: string;
}

/** Grafana's: at least four scrapes, and as long as a pixel. */
export const INTERVAL = '$__rate_interval';
/** The whole time that a dashboard shows. */
export const RANGE = '$__range';

/** `name{label="value"}`. */
export function series<Name extends KnownName>(name: Name, where: Where<Name> = {}, suffix = '', more = ''): string {
  const matchers = Object.entries<Match | undefined>(where).flatMap(([label, match]) =>
    match === undefined ? [] : [matcher(label, match)],
  );
  if (more !== '') matchers.push(more);
  return `${name}${suffix}${matchers.length === 0 ? '' : `{${matchers.join(',')}}`}`;
}

function matcher(label: string, match: Match): string {
  if (typeof match === 'string') return `${label}="${match}"`;
  return 'like' in match ? `${label}=~"${match.like}"` : `${label}!~"${match.unlike}"`;
}

/** `sum by (a, b) (inner)`. */
export function sumBy(labels: readonly string[], inner: string, how: 'sum' | 'max' | 'min' | 'avg' = 'sum'): string {
  return labels.length === 0 ? `${how}(${inner})` : `${how} by (${labels.join(', ')}) (${inner})`;
}

/** Events a second. */
export function rate<Name extends KnownCounter>(
  name: Name,
  { by = [], where, over = INTERVAL }: Aggregation<Name> = {},
) {
  return sumBy(by, `rate(${series(name, where)}[${over}])`);
}

/** Events in a range. */
export function increase<Name extends KnownCounter>(name: Name, options: Aggregation<Name> = {}): string {
  const { by = [], where, over = INTERVAL } = options;
  return sumBy(by, `increase(${series(name, where)}[${over}])`);
}

/** The `q` quantile of what a histogram saw in a range. */
export function quantile<Name extends KnownHistogram>(q: number, name: Name, options: Aggregation<Name> = {}): string {
  const { by = [], where, over = INTERVAL } = options;
  return `histogram_quantile(${q}, ${sumBy(['le', ...by], `rate(${series(name, where, '_bucket')}[${over}])`)})`;
}

/** How many observations a histogram saw in a range. */
export function observations<Name extends KnownHistogram>(name: Name, options: Aggregation<Name> = {}): string {
  const { by = [], where, over = INTERVAL } = options;
  return sumBy(by, `increase(${series(name, where, '_count')}[${over}])`);
}

/** The sum of what a histogram saw in a range, in its unit a second. */
export function totalRate<Name extends KnownHistogram>(name: Name, options: Aggregation<Name> = {}): string {
  const { by = [], where, over = INTERVAL } = options;
  return sumBy(by, `rate(${series(name, where, '_sum')}[${over}])`);
}

/** How many observations a second a histogram saw in a range. */
export function countRate<Name extends KnownHistogram>(name: Name, options: Aggregation<Name> = {}): string {
  const { by = [], where, over = INTERVAL } = options;
  return sumBy(by, `rate(${series(name, where, '_count')}[${over}])`);
}

/**
 * How many observations a second were at most `seconds`.
 * @throws RangeError when a latency histogram has no bucket that ends there: the answer would be empty.
 */
export function rateWithin<Name extends KnownHistogram>(
  name: Name,
  seconds: number,
  options: Aggregation<Name> = {},
): string {
  if (!LATENCY_BUCKETS_SECONDS.includes(seconds))
    throw new RangeError(`${name} has no bucket that ends at ${seconds} s.`);
  const { by = [], where, over = INTERVAL } = options;
  // Prometheus 3 writes whole bounds as 1.0, Prometheus 2 leaves them as they are exported.
  const bound = Number.isInteger(seconds) ? `le=~"${seconds}(\\\\.0)?"` : `le="${seconds}"`;
  return sumBy(by, `rate(${series(name, where, '_bucket', bound)}[${over}])`);
}

export function gauge<Name extends KnownGauge>(
  how: 'sum' | 'max' | 'min' | 'avg',
  name: Name,
  { by = [], where }: Omit<Aggregation<Name>, 'over'> = {},
): string {
  return sumBy(by, series(name, where), how);
}

/**
 * Something that has no series before its first event, and 0 instead of nothing until then.
 * @param known - Has the same labels, and series from the start: for each of them there is a 0.
 */
export function orZero(expr: string, known: string): string {
  return `${expr} or 0 * ${known}`;
}
