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

/** Different values one label of one metric may take; a further one is exported as `other`. */
const MAX_LABEL_VALUES = 32;
const LABEL_VALUE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;

/** The worker's metrics, as Prometheus scrapes them. */
export class Metrics implements Measurements {
  readonly #registry = new Registry();
  readonly #histograms = new Map<string, Histogram>();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  /** Values seen so far, by metric and label: label sets stay bounded whatever a call process sends. */
  readonly #labelValues = new Map<string, Set<string>>();

  constructor(region: string) {
    this.#registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.#registry });
    const registers = [this.#registry];
    for (const [name, { type, help, labels }] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
      const labelNames = [...labels];
      if (type === 'histogram') {
        const buckets = [...LATENCY_BUCKETS_SECONDS];
        this.#histograms.set(name, new Histogram({ name, help, labelNames, buckets, registers }));
      } else if (type === 'counter') {
        this.#counters.set(name, new Counter({ name, help, labelNames, registers }));
      } else {
        this.#gauges.set(name, new Gauge({ name, help, labelNames, registers }));
      }
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

  set(name: GaugeName, value: number): void {
    this.#gauges.get(name)?.set(value);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text form. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  #bounded(name: MetricName, labels: Readonly<Record<string, string>>): Record<string, string> {
    const bounded: Record<string, string> = {};
    for (const label of METRICS[name].labels) {
      const value = labels[label] ?? 'unknown';
      const key = `${name} ${label}`;
      const seen = this.#labelValues.get(key) ?? new Set<string>();
      this.#labelValues.set(key, seen);
      const isAllowed = LABEL_VALUE.test(value) && (seen.has(value) || seen.size < MAX_LABEL_VALUES);
      if (isAllowed) seen.add(value);
      bounded[label] = isAllowed ? value : 'other';
    }
    return bounded;
  }
}
