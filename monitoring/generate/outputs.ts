/** Everything that is made from the tables: each file below `monitoring/`, and its text. */
import type { Dashboard } from '@grafana/schema';
import { calls } from './dashboards/calls.js';
import { sfu } from './dashboards/sfu.js';
import { worker } from './dashboards/worker.js';
import { ALERT_GROUPS, ALERTS } from './rules/alerts.js';
import { RECORDING } from './rules/recording.js';
import { alertRules, type Group } from './rules/rule.js';
import { ruleTests } from './rules/tests.js';
import { toYaml, type Yaml } from './yaml.js';

const MADE = 'Made by `npm run dashboards` from monitoring/generate; change it there.';

export interface Output {
  /** Below `monitoring/`. */
  readonly path: string;
  readonly text: string;
}

const asJson = (value: Dashboard): string => `${JSON.stringify(value, null, 2)}\n`;

const asGroups = (groups: readonly Group[]): Yaml => ({
  groups: groups.map(({ name, interval, rules }) => ({
    name,
    interval,
    rules: rules.map((rule) => ({ ...rule })),
  })),
});

export function outputs(): readonly Output[] {
  return [
    { path: 'grafana/dashboards/calls.json', text: asJson(calls) },
    { path: 'grafana/dashboards/worker.json', text: asJson(worker) },
    { path: 'grafana/dashboards/sfu.json', text: asJson(sfu) },
    ...Object.entries(RECORDING).map(([name, groups]) => ({
      path: `prometheus/rules/recording-${name}.yml`,
      text: toYaml(asGroups(groups), `What is computed once and kept.\n${MADE}`),
    })),
    ...ALERT_GROUPS.map((name) => ({
      path: `prometheus/rules/alerts-${name}.yml`,
      text: toYaml(
        asGroups([{ name: `turnwise-alerts-${name}`, rules: alertRules(ALERTS[name]) }]),
        `docs/runbooks.md says what to do about each.\n${MADE}`,
      ),
    })),
    ...ruleTests.map(([name, tests]) => ({
      path: `prometheus/tests/${name}.yml`,
      text: toYaml(tests, `promtool test rules: each alert fires and clears.\n${MADE}`),
    })),
  ];
}
