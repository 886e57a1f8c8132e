/** Rules as Prometheus reads them, and what an alert of ours always carries. */

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** `critical`: callers are hit now, wake someone. `warning`: look today. `info`: worth knowing. */
export type Severity = 'critical' | 'warning' | 'info';

export type Component =
  | 'response'
  | 'conversation'
  | 'stt'
  | 'llm'
  | 'tts'
  | 'providers'
  | 'network'
  | 'worker'
  | 'metrics'
  | 'call-log'
  | 'sfu'
  | 'token-server'
  | 'prometheus'
  /** That of the series: two of them at once must stay two alerts. */
  | typeof OF_SERIES;

export const OF_SERIES = '{{ $labels.component }}';

export interface Alert {
  /** PromQL; true as long as it has a result. */
  readonly expr: string;
  /** How long it must have been true, such as `2m`; at once when absent. */
  readonly for?: string;
  readonly severity: Severity;
  readonly component: Component;
  /** One line, with `{{ $labels.x }}`. */
  readonly summary: string;
  /** What is measured, with `{{ $value | … }}`. */
  readonly description: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: Severity; readonly component: Component };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

export interface Group {
  readonly name: string;
  /** Between two evaluations; Prometheus' `evaluation_interval` when absent. */
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

/** Relative to the repository, so that it is right in every copy of it. */
export const RUNBOOKS = 'docs/runbooks.md';

export function alertRules(alerts: Readonly<Record<string, Alert>>): AlertRule[] {
  return Object.entries(alerts).map(([alert, { expr, severity, component, summary, description, ...rest }]) => ({
    alert,
    expr,
    ...(rest.for !== undefined && { for: rest.for }),
    labels: { severity, component },
    annotations: { summary, description, runbook_url: `${RUNBOOKS}#${alert.toLowerCase()}` },
  }));
}
