/** What the profile table promises, in seconds, for lines, thresholds and objectives. */
import { type LatencyBudget, PROFILES } from '../../agent/config/profiles.js';
import { PROFILE_NAMES, type ProfileName } from '../../wire/profile.js';

export interface Target {
  readonly profile: ProfileName;
  readonly budget: LatencyBudget;
  readonly responseSeconds: number;
}

/** All profiles that promise something: the control arm does not. */
export const TARGETS: readonly Target[] = PROFILE_NAMES.flatMap((profile) => {
  const { budget } = PROFILES[profile];
  return budget === undefined ? [] : [{ profile, budget, responseSeconds: budget.responseMs / 1_000 }];
});

/** Targets of one duration, as a regular expression's alternatives, each with its profiles. */
export const profilesOf = (targets: readonly Target[]): string => targets.map(({ profile }) => profile).join('|');

/** Tiers of source 001 in s: an answer within the first is excellent, and so on; later ones are slow. */
export const TIERS = [
  { name: 'excellent', withinSeconds: seconds('excellent'), colour: 'green' },
  { name: 'good', withinSeconds: seconds('good'), colour: 'light-green' },
  { name: 'acceptable', withinSeconds: seconds('acceptable'), colour: 'yellow' },
] as const;

function seconds(profile: 'excellent' | 'good' | 'acceptable'): number {
  const target = TARGETS.find((each) => each.profile === profile);
  if (target === undefined) throw new Error(`The profile ${profile} has no target; the tiers are made from it.`);
  return target.responseSeconds;
}

/** A duration of the default profile's budget and of the most patient of source 001's, in s: where green and orange end. */
export function stageSteps(stage: keyof LatencyBudget): readonly [string, [number, string], [number, string]] {
  const good = PROFILES.good.budget?.[stage] ?? 0;
  const acceptable = PROFILES.acceptable.budget?.[stage] ?? 0;
  return ['green', [good / 1_000, 'orange'], [acceptable / 1_000, 'red']];
}
