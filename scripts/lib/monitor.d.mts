export interface Targets {
  readonly worker: string;
  readonly tokenServer: string;
  readonly sfu: string | undefined;
}
export function findTargets(
  env: Readonly<Record<string, string>>,
  running: Readonly<Record<string, unknown>> | undefined,
): Targets;
export function configureScrapes(
  text: string,
  real: { readonly targets: Targets; readonly prometheus: string; readonly region: string; readonly rules: string },
): string;
export function monitorPorts(
  env: Readonly<Record<string, string>>,
): Promise<{ PROMETHEUS_PORT: number; GRAFANA_PORT: number }>;
export function findProgram(
  env: Readonly<Record<string, string>>,
  setting: string,
  names: readonly string[],
): string | undefined;
export function harmless(env: Readonly<Record<string, string>>): Record<string, string>;
export function composeOverride(options: {
  readonly config: string;
  readonly ports: { readonly PROMETHEUS_PORT: number; readonly GRAFANA_PORT: number };
  readonly prometheusUrl: string;
}): string;
