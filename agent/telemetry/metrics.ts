import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  LATENCY_BUCKETS_SECONDS,
  type LabelsOf,
  METRICS,
  type MetricDefinition,
  type MetricName,
} from './metric-names.js';

/** Where measurements go: straight into the registry in the parent, over a socket in a call process. */
export interface Measurements {
  /** Adds one duration, in ms; it is exported in seconds. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, durationMs: number): void;
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
}

/** Different values one label of one metric may take beside those known beforehand; a further one is exported as `other`. */
const MAX_LABEL_VALUES = 32;
/** Label sets of one metric: values that are bounded each would still multiply. Above the most that calls have (8 profiles x 8 stages). */
const MAX_LABEL_SETS = 100;
/** Histograms of more label sets than this are not shown before their first event: each set is 34 lines of every scrape. */
const MAX_INITIAL_HISTOGRAM_SETS = 16;
const LABEL_VALUE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;
const OTHER = 'other';

/** The worker's metrics, as Prometheus scrapes them. */
export class Metrics implements Measurements {
  readonly #registry = new Registry();
  readonly #histograms = new Map<string, Histogram>();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  /** Values taken so far, by metric and label: label sets stay bounded whatever a call process sends. */
  readonly #labelValues = new Map<string, Set<string>>();
  readonly #labelSets = new Map<MetricName, Set<string>>();

  constructor(region: string) {
    this.#registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.#registry });
    const registers = [this.#registry];
    for (const [name, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
      const { type, help, labels } = definition;
      const labelNames = [...labels];
      if (type === 'histogram') {
        const buckets = [...LATENCY_BUCKETS_SECONDS];
        this.#histograms.set(name, new Histogram({ name, help, labelNames, buckets, registers }));
      } else if (type === 'counter') {
        this.#counters.set(name, new Counter({ name, help, labelNames, registers }));
      } else {
        this.#gauges.set(name, new Gauge({ name, help, labelNames, registers }));
      }
      const sets = knownLabelSets(definition);
      if (type === 'gauge' || (type === 'histogram' && sets.length > MAX_INITIAL_HISTOGRAM_SETS)) continue;
      for (const set of sets) this.#expect(name, set);
    }
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, durationMs: number): void {
    if (!Number.isFinite(durationMs) || durationMs < 0)
      throw new RangeError(`${name}: ${durationMs} ms is no duration.`);
    this.#histograms.get(name)?.observe(this.#bounded(name, labels), durationMs / 1_000);
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    if (!Number.isFinite(by) || by < 0) throw new RangeError(`${name}: cannot count ${by}.`);
    this.#counters.get(name)?.inc(this.#bounded(name, labels), by);
  }

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#gauges.get(name)?.set(this.#bounded(name, labels), value);
  }

  /** Shows a series at 0 before its first event: what appears with a value already has no rate to ask for. */
  expect<Name extends HistogramName | CounterName>(name: Name, labels: LabelsOf<Name>): void {
    this.#expect(name, labels);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text form. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  #expect(name: MetricName, labels: Readonly<Record<string, string>>): void {
    const setsBefore = this.#labelSets.get(name)?.size ?? 0;
    const bounded = this.#bounded(name, labels);
    this.#counters.get(name)?.inc(bounded, 0);
    // What is new has no observations that this could reset.
    if (this.#labelSets.get(name)?.size !== setsBefore) this.#histograms.get(name)?.zero(bounded);
  }

  #bounded(name: MetricName, labels: Readonly<Record<string, string>>): Record<string, string> {
    const { labels: names }: MetricDefinition = METRICS[name];
    const values = names.map((label) => this.#boundedValue(name, label, labels[label] ?? 'unknown'));
    const sets = this.#labelSets.get(name) ?? new Set<string>();
    this.#labelSets.set(name, sets);
    const set = values.join(' ');
    const isAllowed = sets.has(set) || sets.size < MAX_LABEL_SETS;
    if (isAllowed) sets.add(set);
    return Object.fromEntries(names.map((label, at) => [label, isAllowed ? (values[at] ?? OTHER) : OTHER]));
  }

  #boundedValue(name: MetricName, label: string, value: string): string {
    const { values }: MetricDefinition = METRICS[name];
    if (values?.[label]?.includes(value)) return value;
    const key = `${name} ${label}`;
    const seen = this.#labelValues.get(key) ?? new Set<string>();
    this.#labelValues.set(key, seen);
    if (!LABEL_VALUE.test(value) || (!seen.has(value) && seen.size >= MAX_LABEL_VALUES)) return OTHER;
    seen.add(value);
    return value;
  }
}

/** All label sets of known values; none where a label's values are not known beforehand. */
function knownLabelSets({ labels, values }: MetricDefinition): Record<string, string>[] {
  let sets: Record<string, string>[] = labels.length === 0 ? [] : [{}];
  for (const label of labels) {
    sets = sets.flatMap((set) => (values?.[label] ?? []).map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}
