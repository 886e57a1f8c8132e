/** Which arms the suite has, and how each is set. Pure. */
import { type ProfileName, TECHNIQUES, type Technique } from '../../wire/profile.js';

/**
 * Workers of others: LiveKit's framework as it is, and tuned by its public options, the longest wait for an end among them or
 * not; the Python ones of `bench/python`.
 */
export const OTHER_WORKERS = ['stock', 'tuned', 'tuned-patient', 'livekit-python', 'pipecat'] as const;
export type OtherWorker = (typeof OTHER_WORKERS)[number];

export interface OurPlan {
  readonly kind: 'ours';
  readonly name: string;
  readonly profile: ProfileName;
  readonly without: readonly Technique[];
  /** Whether the agent is called before the caller comes: not the worker's own doing, but that of who gives the token. */
  readonly isEarly: boolean;
}
export type ArmPlan = OurPlan | { readonly kind: 'other'; readonly name: OtherWorker };

const EARLY_DISPATCH = 'early-dispatch';

/** Profile `excellent` step by step: what each arm goes without. */
const STAGES: Readonly<Record<string, readonly Technique[]>> = {
  /** No beginning of a reply is said ahead: its first sound is the answer's. */
  ours: ['openings'],
  openings: [],
  /** Nothing is done to be fast but the framework's own. */
  bare: allBut('accounts'),
  /** What the model writes is spoken clause by clause. */
  streaming: allBut('accounts', 'first-clause'),
  speculative: allBut('accounts', 'first-clause', 'speculation', 'speculative-voice'),
};
const WITHOUT = 'without-';

/** Beside them `without-X+Y` for any techniques at once. */
export const ARM_NAMES: readonly string[] = [
  ...Object.keys(STAGES),
  'naive',
  ...OTHER_WORKERS,
  // Without openings it is `ours`, and the budget controller is off everywhere.
  ...[...allBut('openings', 'budget-control'), EARLY_DISPATCH].map((technique) => `${WITHOUT}${technique}`),
];
export const DEFAULT_ARMS = ['ours', 'openings', 'stock', 'tuned', 'naive'] as const;

/** @throws RangeError naming the arms there are, for one that there is not. */
export function planArm(name: string): ArmPlan {
  const other = OTHER_WORKERS.find((worker) => worker === name);
  if (other !== undefined) return { kind: 'other', name: other };
  // All of its techniques are off by its profile already.
  if (name === 'naive') return { kind: 'ours', name, profile: 'naive', without: [], isEarly: false };
  const stage = STAGES[name];
  // The stages before ours are called as the stock framework is.
  if (stage !== undefined) return excellent(name, stage, name === 'ours' || name === 'openings');
  const parts = name.startsWith(WITHOUT) ? name.slice(WITHOUT.length).split('+') : [];
  const techniques = TECHNIQUES.filter((technique) => parts.includes(technique));
  const isEarly = !parts.includes(EARLY_DISPATCH);
  if (parts.length === 0 || techniques.length + (isEarly ? 0 : 1) !== parts.length) {
    throw new RangeError(`There is no arm ${name}; there are ${ARM_NAMES.join(', ')}.`);
  }
  return excellent(name, ['openings', ...techniques.filter((technique) => technique !== 'openings')], isEarly);
}

/** @param list - As on the command line: names with commas between. @throws RangeError as {@link planArm}, and for none. */
export function planArms(list: string): ArmPlan[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) throw new RangeError('--arms names no arm.');
  return [...new Set(names)].map(planArm);
}

/** What the worker is told when the call is dispatched to it. */
export function dispatchMetadata({ profile, without }: Pick<OurPlan, 'profile' | 'without'>): string {
  return JSON.stringify({ profile, ...(without.length > 0 && { without }) });
}

function allBut(...kept: readonly Technique[]): Technique[] {
  return TECHNIQUES.filter((technique) => !kept.includes(technique));
}

/** The budget controller would change an arm while it is measured, by what other arms of the same worker took. */
function excellent(name: string, without: readonly Technique[], isEarly: boolean): OurPlan {
  const off = TECHNIQUES.filter((technique) => technique === 'budget-control' || without.includes(technique));
  return { kind: 'ours', name, profile: 'excellent', without: off, isEarly };
}
