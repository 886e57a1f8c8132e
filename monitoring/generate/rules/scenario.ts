/** Time series of a rule test, in the short form of promtool: what a metric does minute by minute. */
import { COMMON_LABELS, KNOWN, type KnownName } from '../metrics.js';

/** For `minutes`, one sample a minute: a counter grows by `perMinute`, a gauge stands at `at`. */
export interface Phase {
  readonly minutes: number;
  readonly value: number;
}

/** One series and its samples. */
export interface Input {
  readonly series: string;
  readonly values: string;
}

type Labels = Readonly<Record<string, string>>;

/** @throws Error when the metric has no such label: a test of what cannot be would prove nothing. */
function selector(name: KnownName, suffix: string, labels: Labels): string {
  const known: readonly string[] = [...KNOWN[name].labels, ...COMMON_LABELS, 'le'];
  for (const label of Object.keys(labels)) {
    if (!known.includes(label)) throw new Error(`${name} has no label ${label}.`);
  }
  const inner = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}${suffix}{${inner.join(',')}}`;
}

export function gauge(name: KnownName, labels: Labels, phases: readonly Phase[]): Input {
  const values = phases.map(({ minutes, value }) => `${value}x${minutes - 1}`).join(' ');
  return { series: selector(name, '', labels), values };
}

/** A gauge that climbs by `perMinute`, then stands at `then`. */
export function climbing(
  name: KnownName,
  labels: Labels,
  up: { readonly from: number; readonly perMinute: number; readonly minutes: number },
  then: Phase,
): Input {
  const values = `${up.from}+${up.perMinute}x${up.minutes - 1} ${then.value}x${then.minutes - 1}`;
  return { series: selector(name, '', labels), values };
}

/** A counter from 0 on; each phase's value is what it grows by in a minute. */
export function counter(name: KnownName, labels: Labels, phases: readonly Phase[], suffix = ''): Input {
  let total = 0;
  const parts = phases.map(({ minutes, value }) => {
    const first = total + value;
    total += minutes * value;
    return `${first}+${value}x${minutes - 1}`;
  });
  return { series: selector(name, suffix, labels), values: ['0', ...parts].join(' ') };
}

/** The same twice, as of a process that is started anew after a missed scrape: counters begin at 0 again. */
export function restarted({ series, values }: Input): Input {
  return { series, values: `${values} _ ${values}` };
}

/** What a histogram saw: `perMinute` observations of about `value`, for a while. */
export interface Seen extends Phase {
  readonly perMinute: number;
}

/** Bounds that rules ask for or that give their quantiles a shape. */
const LATENCY_BOUNDS = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.2, 2, 2.5, 3, 4, 6, 10];

export function histogram(name: KnownName, labels: Labels, seen: readonly Seen[], bounds = LATENCY_BOUNDS): Input[] {
  const grow = (isIn: (value: number) => boolean) =>
    seen.map(({ minutes, value, perMinute }) => ({ minutes, value: isIn(value) ? perMinute : 0 }));
  return [
    ...bounds.map((le) =>
      counter(
        name,
        { ...labels, le: String(le) },
        grow((value) => value <= le),
        '_bucket',
      ),
    ),
    counter(
      name,
      { ...labels, le: '+Inf' },
      grow(() => true),
      '_bucket',
    ),
    counter(
      name,
      labels,
      grow(() => true),
      '_count',
    ),
  ];
}
