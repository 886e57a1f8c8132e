/** The calls of this suite: a caller lets the agent talk, and speaks over it. */
import { type Saying, SimulatedCaller } from '../caller/simulated-caller.js';
import { makeSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import type { ScriptedProviders } from '../scripted-providers.js';
import type { Stack } from '../stack.js';
import { type Burst, burstsOf } from './continuity.js';
import { HeardLevels, type HeardWindow, levelsFrom } from './heard-levels.js';
import type { OverlapRecording } from './recordings.js';
import type { SfuKeys } from './round-trip.js';
import { Witness, wayMs } from './witness.js';
import { measureYield, type Yield } from './yielding.js';

const GREETING_TIMEOUT_MS = 20_000;
const ANSWER_TIMEOUT_MS = 15_000;
/** Longest wait for the agent to fall silent once the caller has said all, in ms. */
const YIELD_TIMEOUT_MS = 3_000;
/** A new reply sounds at the earliest so long after the caller's last sound, in ms. */
const NEXT_REPLY_MS = 300;
/** The agent speaks for so long before it is interrupted, in ms: longer than the level before is taken over. */
const SPEAKS_FIRST_MS = { least: 1_600, spread: 1_500 };
const BACKCHANNEL_EVERY_MS = 3_500;

/** What the one call at a time is named to the providers. */
export const PROVIDERS_CALL = 'interruptions';
/** The budget controller would shorten the reply that is compared. */
const HELD = JSON.stringify({ without: ['budget-control'] });
/** About 19 s. No word of one letter, whose gap would pass for none, and none above six, whose gap would pass for silence. */
export const LONG_REPLY = [
  'We have many good things for you to try here at the bar so let me read them all to you now.',
  'There is one small cup of black tea and our tall glass of iced tea with lemon and some honey on top.',
  'Then we make the flat white with oat milk and the mocha with dark cocoa and some cream if you like it sweet.',
  'You can also get one muffin or two slices of apple cake that our baker made just this very day for us.',
].join(' ');

export interface Interrupted extends Yield {
  readonly file: string;
  /** How long the interruption itself was on its way, in the ear of a second participant; absent when it was not made out. */
  readonly wayMs?: number;
  /** How late this program at worst gave the caller's voice away in this call, in ms: the agent cannot hear what is not sent. */
  readonly lagMs: number;
}

export interface CallOptions {
  readonly stack: Stack;
  readonly sfu: SfuKeys;
  readonly providers: ScriptedProviders;
  /** What is said first, so that the agent answers. */
  readonly opener: OverlapRecording;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** One call in which each recording interrupts a long reply. @returns what the caller heard; none where nobody spoke. */
export async function interruptedCall(
  options: CallOptions,
  recordings: readonly OverlapRecording[],
): Promise<Interrupted[]> {
  const { random, signal } = options;
  const begun: { readonly recording: OverlapRecording; readonly saying: Saying }[] = [];
  let lagMs = 0;
  const { windows, witnessed } = await inCall(options, recordings, async (caller) => {
    for (const recording of recordings) {
      const { clip } = recording;
      await caller.until(() => caller.agentSounding || undefined, 'a reply', { timeoutMs: ANSWER_TIMEOUT_MS });
      await systemClock.sleep(SPEAKS_FIRST_MS.least + random() * SPEAKS_FIRST_MS.spread, signal);
      const saying = caller.startSaying(clip);
      begun.push({ recording, saying });
      await saying.finished;
      const gaveWay = saying.agentGaveWayAfterMs({ timeoutMs: YIELD_TIMEOUT_MS }).then(() => true);
      // What is said next would go on top of a reply that never stopped.
      if (!(await gaveWay.catch(() => false))) break;
    }
    lagMs = caller.worstLagMs.speaking;
  });
  return begun.flatMap(({ recording: { file, clip }, saying }) => {
    const [utterance] = saying.utterances;
    if (utterance === undefined) return [];
    const measured = measureYield(windows, utterance.startedAtMs, utterance.endedAtMs + NEXT_REPLY_MS);
    if (measured === undefined) return [];
    const way = wayMs(witnessed, levelsFrom(clip, clip.utterances[0].startMs), utterance.startedAtMs);
    // Quieter before the caller can have been heard: that was a pause of the agent's own.
    if ((measured.downMs ?? Number.POSITIVE_INFINITY) < (way ?? 0)) return [];
    return [{ file, lagMs, ...(way !== undefined && { wayMs: way }), ...measured }];
  });
}

export interface Accompanied {
  /** The words of the reply as they were heard. */
  readonly bursts: readonly Burst[];
  readonly wasInterrupted: boolean;
  /** Sound that this program was too busy to hear, in ms; above 0 nothing can be said of lost words. */
  readonly missedMs: number;
}

/** One call in which each recording is heard over the one long reply. */
export async function accompaniedCall(
  options: CallOptions,
  recordings: readonly OverlapRecording[],
): Promise<Accompanied> {
  let beganAtMs = 0;
  let wasInterrupted = false;
  const { windows, missedMs } = await inCall(options, recordings, async (caller, opening) => {
    const answered = opening.reply({ timeoutMs: ANSWER_TIMEOUT_MS });
    beganAtMs = opening.utterances[0]?.endedAtMs ?? 0;
    await caller.until(() => caller.agentSounding || undefined, 'a reply', { timeoutMs: ANSWER_TIMEOUT_MS });
    for (const { clip } of recordings) {
      await systemClock.sleep(BACKCHANNEL_EVERY_MS, options.signal);
      await caller.startSaying(clip).finished;
    }
    const { document } = await answered;
    wasInterrupted = document?.outcome === 'interrupted';
  });
  return { bursts: burstsOf(windows.filter(({ atMs }) => atMs > beganAtMs)), wasInterrupted, missedMs };
}

interface InCall {
  readonly windows: readonly HeardWindow[];
  readonly missedMs: number;
  /** What a second participant heard of the caller. */
  readonly witnessed: readonly HeardWindow[];
}

async function inCall(
  { stack, sfu, providers, opener, signal }: CallOptions,
  recordings: readonly OverlapRecording[],
  hold: (caller: SimulatedCaller, opening: Saying) => Promise<void>,
): Promise<InCall> {
  const turns = [opener, ...recordings].map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs }));
  await providers.script({ call: PROVIDERS_CALL, turns, replies: turns.map(() => LONG_REPLY) }, signal);
  const wish = { roomName: `bench-${crypto.randomUUID()}`, identity: `caller-${crypto.randomUUID()}` };
  const seat = await makeSeat(sfu, { ...wish, agentName: stack.agentName }, { earlyDispatch: true, metadata: HELD });
  const caller = new SimulatedCaller({ ...seat, signal, record: false, reportHeard: false });
  const heard = new HeardLevels(caller.room, systemClock);
  let witness: Witness | undefined;
  try {
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    witness = await Witness.join(sfu, wish.roomName, [wish.identity]);
    const opening = caller.startSaying(opener.clip);
    await opening.finished;
    await hold(caller, opening);
  } finally {
    await caller.hangUp();
    await witness?.leave();
  }
  return { windows: heard.windows, missedMs: heard.missedMs, witnessed: witness.windowsOf(wish.identity) };
}
