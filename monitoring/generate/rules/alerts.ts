/** All alerts, by file and name: each has a section in docs/runbooks.md and a scenario in which it fires and clears. */
import { callAlerts } from './alerts-calls.js';
import { latencyAlerts } from './alerts-latency.js';
import { objectiveAlerts } from './alerts-objective.js';
import { operationAlerts } from './alerts-operation.js';
import type { Alert } from './rule.js';

/** Each is a file of rules and a file of tests. */
export const ALERTS = {
  latency: latencyAlerts,
  objective: objectiveAlerts,
  calls: callAlerts,
  operation: operationAlerts,
} as const satisfies Record<string, Record<string, Alert>>;

export type AlertGroup = keyof typeof ALERTS;
export type AlertName = { [G in AlertGroup]: keyof (typeof ALERTS)[G] }[AlertGroup];

export const ALERT_GROUPS = Object.keys(ALERTS) as AlertGroup[];
