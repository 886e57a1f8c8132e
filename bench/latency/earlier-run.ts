/** An earlier run, read back from the file that `--json` wrote, and what a new one takes over from it. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PresetName } from '../../local-providers/scripted/latency.js';
import { CallError, messageOf } from '../caller/errors.js';
import { type ArmPlan, planArms } from './arm-plans.js';
import { type ComparedRun, unlikeSettings } from './compare.js';
import { RECORDING_SETS, type RecordingSet } from './recordings.js';

/** Turns of one arm that are read; more than any run has had time for. */
const MAX_TURNS = 100_000;
const Ms = z.number().nonnegative();
const Count = z.number().int().positive();

const Turn = z.object({
  call: z.string().min(1),
  file: z.string().min(1),
  outcome: z.enum(['answered', 'unanswered']),
  // An agent that is heard before the caller's end is not late; such turns have no figure.
  heardMs: z.number().optional(),
  lagMs: Ms,
});

const Settings = z.object({
  set: z.enum(RECORDING_SETS),
  preset: PresetName,
  faults: z.enum(['stalls', 'none']),
  calls: Count,
  turns: Count,
  turnsACall: Count.optional(),
  seed: Count,
  callersPriority: z.enum(['real-time', 'nice', 'usual']).optional(),
  handshakeMs: Ms.optional(),
  leadingSilenceMs: Ms.optional(),
});

const LatencyRun = z.object({
  schema: z.literal(1),
  settings: Settings,
  arms: z.record(z.string().min(1).max(200), z.object({ each: z.array(Turn).max(MAX_TURNS) })),
});

export interface EarlierRun extends ComparedRun {
  /** As they were written; those that were not given are absent. */
  readonly asked: z.infer<typeof Settings>;
}

/** @throws CallError `BAD_INPUT` when the file cannot be read or is none of this suite's. */
export async function readEarlierRun(file: string): Promise<EarlierRun> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CallError('BAD_INPUT', `${file} cannot be read: ${messageOf(error)}`);
  }
  return parseEarlierRun(content, file);
}

export function parseEarlierRun(content: unknown, file: string): EarlierRun {
  const parsed = LatencyRun.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
    throw new CallError('BAD_INPUT', `${file} is not what \`bench -- latency --json\` writes${where}.`);
  }
  const { settings, arms } = parsed.data;
  return { asked: settings, settings: withoutAbsent(settings), arms };
}

/** What a run is asked for; absent: not given. */
export interface GivenOptions {
  readonly set?: RecordingSet;
  readonly preset?: PresetName;
  readonly faults?: 'stalls';
  readonly calls?: number;
  readonly turns?: number;
  readonly turnsACall?: number;
  readonly handshakeMs?: number;
  readonly leadingSilenceMs?: number;
  readonly seed: number;
  readonly seedIsDefault: boolean;
  readonly arms?: readonly ArmPlan[];
  readonly quick?: boolean;
}

/**
 * What was not given is as in the earlier run, the order of the recordings too: so most of them are said in both.
 * @throws CallError `BAD_INPUT` naming what was given otherwise than it was then and may not be.
 */
export function likeEarlier<Options extends GivenOptions>(
  { asked, settings, arms }: EarlierRun,
  given: Options,
): Options {
  const { set, preset, faults, calls, handshakeMs, leadingSilenceMs } = given;
  const decided = withoutAbsent({ set, preset, faults, calls, handshakeMs, leadingSilenceMs });
  const unlike = unlikeSettings(settings, { ...settings, ...decided });
  if (unlike.length > 0) {
    throw new CallError(
      'BAD_INPUT',
      `The earlier run had another ${unlike.join(', ')}; leave it out to have the same.`,
    );
  }
  return {
    ...given,
    set: asked.set,
    preset: asked.preset,
    ...(asked.faults !== 'none' && { faults: asked.faults }),
    calls: asked.calls,
    ...(asked.handshakeMs !== undefined && { handshakeMs: asked.handshakeMs }),
    ...(asked.leadingSilenceMs !== undefined && { leadingSilenceMs: asked.leadingSilenceMs }),
    seed: given.seedIsDefault ? asked.seed : given.seed,
    ...(given.turns === undefined && given.quick !== true && { turns: asked.turns }),
    ...(given.turnsACall === undefined &&
      given.quick !== true &&
      asked.turnsACall !== undefined && { turnsACall: asked.turnsACall }),
    ...(given.arms === undefined && { arms: plansOf(Object.keys(arms)) }),
  };
}

function plansOf(names: readonly string[]): ArmPlan[] {
  try {
    return planArms(names.join(','));
  } catch (error) {
    throw new CallError(
      'BAD_INPUT',
      `The earlier run's arms are not all known: ${messageOf(error)} Name some by --arms.`,
    );
  }
}

/** @throws CallError `BAD_INPUT` when the two measured different things. */
export function checkComparable(before: ComparedRun, after: ComparedRun): void {
  const unlike = unlikeSettings(before.settings, after.settings);
  if (unlike.length === 0) return;
  throw new CallError('BAD_INPUT', `The two runs cannot be compared: they differ in ${unlike.join(', ')}.`);
}

function withoutAbsent(settings: object): Record<string, string | number> {
  const present = Object.entries(settings).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return Object.fromEntries(present);
}
