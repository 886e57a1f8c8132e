/** Which arms the suite has, and how each is set. Pure. */
import type { ProfileName } from '../../wire/profile.js';

/** Techniques that a call can be asked to go without, by their names in the dispatch's metadata. */
export const TECHNIQUES = [
  'speculation',
  'speculative-voice',
  'first-clause',
  'warm',
  'trimming',
  'hedging',
  'fallback',
  'phrase-cache',
  'openings',
  'fillers',
  'early-dispatch',
] as const;
export type Technique = (typeof TECHNIQUES)[number];

/** Workers of others: LiveKit's framework as it is, and tuned by its public options; the Python ones of `bench/python`. */
export const OTHER_WORKERS = ['stock', 'tuned', 'livekit-python', 'pipecat'] as const;
export type OtherWorker = (typeof OTHER_WORKERS)[number];

export type ArmPlan =
  | {
      readonly kind: 'ours';
      readonly name: string;
      readonly profile: ProfileName;
      readonly without: readonly Technique[];
      /** Whether the agent is called before the caller comes. */
      readonly isEarly: boolean;
    }
  | { readonly kind: 'other'; readonly name: OtherWorker };

/** Of these each has a line of its own; openings and early dispatch are arms by other names. */
const LEFT_OUT_ALONE = TECHNIQUES.filter((technique) => technique !== 'openings');

/** Ours step by step, as the sources stage it. */
const STAGES: Readonly<Record<string, readonly Technique[]>> = {
  /** Profile `excellent` without a beginning of a reply said ahead: its first sound is the answer's. */
  ours: ['openings'],
  openings: [],
  /** Everything streams, and nothing else is done. */
  streaming: TECHNIQUES,
  speculative: TECHNIQUES.filter((technique) => !technique.startsWith('specul')),
};

export const ARM_NAMES: readonly string[] = [
  ...Object.keys(STAGES),
  'naive',
  ...OTHER_WORKERS,
  ...LEFT_OUT_ALONE.map((technique) => `without-${technique}`),
];
export const DEFAULT_ARMS = ['ours', 'openings', 'stock', 'tuned', 'naive'] as const;

/** @throws RangeError naming the arms there are, for one that there is not. */
export function planArm(name: string): ArmPlan {
  const other = OTHER_WORKERS.find((worker) => worker === name);
  if (other !== undefined) return { kind: 'other', name: other };
  if (name === 'naive') return ours(name, 'naive', TECHNIQUES);
  const stage = STAGES[name];
  if (stage !== undefined) return ours(name, 'excellent', stage);
  const technique = LEFT_OUT_ALONE.find((one) => name === `without-${one}`);
  if (technique === undefined) throw new RangeError(`There is no arm ${name}; there are ${ARM_NAMES.join(', ')}.`);
  return ours(name, 'excellent', ['openings', technique]);
}

/** @param list - As on the command line: names with commas between. @throws RangeError as {@link planArm}, and for none. */
export function planArms(list: string): ArmPlan[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) throw new RangeError('--arms names no arm.');
  return [...new Set(names)].map(planArm);
}

/** What the worker is told when the call is dispatched to it. */
export function dispatchMetadata({ profile, without }: Extract<ArmPlan, { kind: 'ours' }>): string {
  return JSON.stringify({ profile, ...(without.length > 0 && { without }) });
}

function ours(name: string, profile: ProfileName, without: readonly Technique[]): ArmPlan {
  return { kind: 'ours', name, profile, without, isEarly: !without.includes('early-dispatch') };
}
