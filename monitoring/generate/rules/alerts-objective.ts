/** Alerts on each profile's objective: that nine turns of ten are answered within what it promises. */
import { type BurnWindow, recorded } from './recorded.js';
import { OBJECTIVE } from './recording.js';
import type { Alert } from './rule.js';

/**
 * Both windows must burn: the long one so that a moment wakes nobody, the short one so that the alert ends when the fault does.
 * With a tenth of the turns allowed to be slow, ten is the most there can be: the usual 14.4 would never come.
 */
function burn(long: BurnWindow, short: BurnWindow, factor: number, turns: number, severity: Alert['severity']): Alert {
  const share = Math.round(factor * (1 - OBJECTIVE) * 100);
  return {
    expr: `${recorded.burn(long)} > ${factor} and ${recorded.burn(short)} > ${factor} and ${recorded.responses(long)} >= ${turns}`,
    severity,
    component: 'response',
    summary: `Too many answers miss their target: profile {{ $labels.profile }}, region {{ $labels.region }}`,
    description: `More than ${share} % of turns over ${long} and ${short} took longer than the profile promises: {{ $value | printf "%.1f" }} times what the objective (${OBJECTIVE * 100} % within the target) allows.`,
  };
}

export const objectiveAlerts = {
  ResponseBudgetBurnFast: burn('1h', '5m', 5, 30, 'critical'),
  ResponseBudgetBurnSteady: burn('6h', '30m', 3, 60, 'warning'),
  ResponseBudgetBurnSlow: burn('3d', '6h', 1.5, 200, 'info'),
} as const satisfies Record<string, Alert>;
