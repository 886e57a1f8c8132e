/** What a scrape says: series by name and labels, and what is computed from histograms as Prometheus does it. Pure. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** By the whole of name and labels, as it was written. */
  readonly series: ReadonlyMap<string, Series>;
  /** `counter`, `histogram`, … by the metric's name. */
  readonly types: ReadonlyMap<string, string>;
}

/** A histogram over all its label sets: how many values were at most `le`, in the metric's unit; the last `le` is infinite. */
export type Buckets = readonly { readonly le: number; readonly count: number }[];

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const SUFFIX = /_(bucket|count|sum)$/;

/** @param text - In Prometheus' text form; lines that are none are left out. */
export function parseExposition(text: string): Exposition {
  const series = new Map<string, Series>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
    series.set(`${name}{${labels}}`, { name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return { series, types };
}

/** Sum over all label sets that have these labels among theirs; 0 when there is none. */
export function sumOf({ series }: Exposition, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const one of series.values()) {
    if (one.name !== name) continue;
    if (Object.entries(labels).every(([key, value]) => one.labels[key] === value)) sum += one.value;
  }
  return sum;
}

/** @returns Ascending; none when the histogram is not there. */
export function bucketsOf({ series }: Exposition, histogram: string): Buckets {
  const counts = new Map<number, number>();
  for (const { name, labels, value } of series.values()) {
    if (name !== `${histogram}_bucket` || labels.le === undefined) continue;
    const le = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    counts.set(le, (counts.get(le) ?? 0) + value);
  }
  return [...counts].map(([le, count]) => ({ le, count })).toSorted((a, b) => a.le - b.le);
}

/** What was observed between two scrapes. */
export function bucketsBetween(before: Buckets, after: Buckets): Buckets {
  const earlier = new Map(before.map(({ le, count }) => [le, count]));
  return after.map(({ le, count }) => ({ le, count: count - (earlier.get(le) ?? 0) }));
}

/**
 * As `histogram_quantile` has it: in proportion within the bucket where the rank falls, the last finite bound above all of them.
 * @param share - 0 to 1. @returns undefined of no values.
 */
export function bucketQuantile(buckets: Buckets, share: number): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return undefined;
  const rank = share * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (bucket === undefined) return undefined;
  const below = buckets[index - 1] ?? { le: 0, count: 0 };
  if (bucket.le === Number.POSITIVE_INFINITY) return below.le;
  const within = bucket.count - below.count;
  return within === 0 ? bucket.le : below.le + ((rank - below.count) / within) * (bucket.le - below.le);
}

/** Which bucket a value falls into, from 0. */
export function bucketIndex(buckets: Buckets, value: number): number {
  const index = buckets.findIndex(({ le }) => value <= le);
  return index < 0 ? buckets.length - 1 : index;
}

/** Series of counters and histograms that are less than before, or gone. A worker that was not restarted has none. */
export function wentBack(before: Exposition, after: Exposition): string[] {
  return [...before.series].flatMap(([key, { name, value }]) => {
    const type = before.types.get(name) ?? before.types.get(name.replace(SUFFIX, ''));
    if (type !== 'counter' && type !== 'histogram') return [];
    const now = after.series.get(key)?.value;
    return now === undefined || now < value ? [key] : [];
  });
}
