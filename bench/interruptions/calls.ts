/** The calls of this suite: a caller lets the agent talk, and speaks over it. */
import { type Saying, SimulatedCaller } from '../caller/simulated-caller.js';
import { requestSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import type { Stack } from '../stack.js';
import { type Burst, burstsOf } from './continuity.js';
import { HeardLevels, type HeardWindow } from './heard-levels.js';
import type { ScriptedProviders } from './providers.js';
import type { OverlapRecording } from './recordings.js';
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

/** About 19 s: words of two to six letters, so that no gap is long, and no two stretches have the same rhythm. */
export const LONG_REPLY = `${[
  'We have a list of good things for you to try here at the bar so let me read it all to you now.',
  'There is a small cup of black tea and a tall glass of iced tea with lemon and a bit of honey on top.',
  'Then we make a flat white with oat milk and a mocha with dark cocoa and some cream if you like it sweet.',
  'You can also get a muffin or a slice of apple cake that our baker made just this very morning for us.',
].join(' ')}`;

export interface Interrupted extends Yield {
  readonly file: string;
}

export interface CallOptions {
  readonly stack: Stack;
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
  const begun: { readonly file: string; readonly saying: Saying }[] = [];
  const windows = await inCall(options, recordings, async (caller) => {
    for (const { file, clip } of recordings) {
      await caller.until(() => caller.agentSounding || undefined, 'a reply', { timeoutMs: ANSWER_TIMEOUT_MS });
      await systemClock.sleep(SPEAKS_FIRST_MS.least + random() * SPEAKS_FIRST_MS.spread, signal);
      const saying = caller.startSaying(clip);
      begun.push({ file, saying });
      await saying.finished;
      const gaveWay = saying.agentGaveWayAfterMs({ timeoutMs: YIELD_TIMEOUT_MS }).then(() => true);
      // What is said next would go on top of a reply that never stopped.
      if (!(await gaveWay.catch(() => false))) break;
    }
  });
  return begun.flatMap(({ file, saying }) => {
    const [utterance] = saying.utterances;
    if (utterance === undefined) return [];
    const measured = measureYield(windows, utterance.startedAtMs, utterance.endedAtMs + NEXT_REPLY_MS);
    return measured === undefined ? [] : [{ file, ...measured }];
  });
}

/** One call in which each recording is heard over the one long reply. @returns the words of the reply as they were heard. */
export async function accompaniedCall(
  options: CallOptions,
  recordings: readonly OverlapRecording[],
): Promise<{ readonly bursts: readonly Burst[]; readonly wasInterrupted: boolean }> {
  let beganAtMs = 0;
  let wasInterrupted = false;
  const windows = await inCall(options, recordings, async (caller, opening) => {
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
  return { bursts: burstsOf(windows.filter(({ atMs }) => atMs > beganAtMs)), wasInterrupted };
}

async function inCall(
  { stack, providers, opener, signal }: CallOptions,
  recordings: readonly OverlapRecording[],
  hold: (caller: SimulatedCaller, opening: Saying) => Promise<void>,
): Promise<readonly HeardWindow[]> {
  const turns = [opener, ...recordings].map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs }));
  await providers.script({ turns, replies: turns.map(() => LONG_REPLY) }, signal);
  const wish = { roomName: `bench-${crypto.randomUUID()}`, identity: `caller-${crypto.randomUUID()}` };
  const seat = await requestSeat(stack.webUrl, wish, signal);
  const caller = new SimulatedCaller({ ...seat, signal, record: false, reportHeard: false });
  const heard = new HeardLevels(caller.room, systemClock);
  try {
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    const opening = caller.startSaying(opener.clip);
    await opening.finished;
    await hold(caller, opening);
  } finally {
    await caller.hangUp();
  }
  return heard.windows;
}
