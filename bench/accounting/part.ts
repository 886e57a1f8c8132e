/** What all parts of the suite share: what they are given, what they say, how they place calls. */
import type { TurnDocument } from '../../wire/turn.js';
import { messageOf } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { readRecordings, type Said } from '../latency/recordings.js';
import { repliesOf } from '../latency/replies.js';
import type { CallScript } from '../scripted-providers.js';
import { AccountedCall, type AccountedTurn } from './call.js';
import type { Verdict } from './figure.js';
import { type AccountedSystem, type AgentPlan, PROVIDERS_CALL } from './system.js';

/** Callers at once begin to speak so far apart, in ms: none on another's first word. */
const APART_MS = 700;
/** A worker that a call has left makes its next process ready, in ms: the machine is let settle before another is called. */
export const BETWEEN_CALLS_MS = 1_200;

export interface PartOptions {
  readonly system: AccountedSystem;
  /** Data folders; undefined: the project's. */
  readonly folders: readonly string[] | undefined;
  readonly quick: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Takes a line on how it goes. */
  readonly tell: (line: string) => void;
}

export interface PartReport {
  readonly verdicts: readonly Verdict[];
  /** What has to be said besides. */
  readonly remarks: readonly string[];
  /** Everything measured, for `--json`. */
  readonly data: object;
}

/** Orders without a pause that an answer could cut into: what is counted here is not how well turns are told apart. */
export async function readOrders(
  { folders, seed }: Pick<PartOptions, 'folders' | 'seed'>,
  count: number,
): Promise<Said[]> {
  const all = await readRecordings(folders, { set: 'orders', turns: 2 * count, seed });
  const plain = all.filter(({ pauses }) => pauses.length === 0);
  return Array.from({ length: count }, (_, index) => plain[index % plain.length]).flatMap((said) => said ?? []);
}

/** Several callers at once, each in a call of its own, who all say the same: the providers know one script for them. */
export interface CallsPlan {
  readonly plan: AgentPlan;
  readonly recordings: readonly Said[];
  readonly callers: number;
  readonly witness: boolean;
  /** What each types when all is said; absent: nothing. */
  readonly typed?: string;
  readonly timing?: CallScript['timing'];
  /** Names these calls, and decides what is answered. */
  readonly number: number;
}

/** What came of all of them. */
export interface HeldCalls {
  readonly turns: readonly AccountedTurn[];
  /** Everything that the agents told of their turns. */
  readonly documents: readonly TurnDocument[];
  readonly problems: readonly string[];
}

/**
 * Places the calls and holds them to their end.
 * @param between - Called when all are greeted and nobody has spoken yet.
 * @returns The turns of all of them; undefined when a call could not be had, which is told.
 */
export async function holdCalls(
  { system, signal, tell }: PartOptions,
  { plan, recordings, callers, witness, typed, timing, number }: CallsPlan,
): Promise<HeldCalls | undefined> {
  await scriptCalls(system, { recordings, timing, number }, signal);
  const calls = Array.from(
    { length: callers },
    (_, index) => new AccountedCall({ system, plan, name: `${number}-${index}`, witness, signal }),
  );
  try {
    await Promise.all(calls.map((call) => call.open()));
    await Promise.all(
      calls.map(async (call, index) => {
        await systemClock.sleep(index * APART_MS, signal);
        for (const recording of recordings) await call.say(recording);
        if (typed !== undefined) await call.type(typed);
      }),
    );
    return {
      turns: calls.flatMap(({ turns }) => turns),
      documents: calls.flatMap(({ documents }) => documents),
      problems: calls.flatMap(({ problems }) => problems),
    };
  } catch (error) {
    signal.throwIfAborted();
    tell(`no call: ${messageOf(error)}`);
    return undefined;
  } finally {
    await Promise.all(calls.map((call) => call.close()));
    await systemClock.sleep(BETWEEN_CALLS_MS, signal);
  }
}

export async function scriptCalls(
  { providers }: AccountedSystem,
  { recordings, timing, number }: Pick<CallsPlan, 'recordings' | 'timing' | 'number'>,
  signal: AbortSignal,
): Promise<void> {
  await providers.script(
    {
      call: PROVIDERS_CALL,
      turns: recordings.map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs })),
      // One more for what is typed.
      replies: repliesOf(recordings.length + 1, number),
      ...(timing && { timing }),
    },
    signal,
  );
}
