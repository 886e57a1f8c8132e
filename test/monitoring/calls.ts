/** Calls that give the dashboards something to show. */
import type { Clip } from '../../bench/caller/clip.js';
import type { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { scriptedRecording } from '../support/recordings.js';
import type { ScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

const SAID = ['orders/7594182a.flac', 'orders/a7b1de7b.flac', 'orders/1e8e3e61.flac'];
/** About 14 s at the scripted voice's 15 characters a second: long enough to be spoken into. */
const LONG_REPLY =
  'We have a small cup of black tea, a tall glass of iced tea with lemon, a flat white with oat milk, a mocha with dark ' +
  'cocoa and cream, and a slice of the apple cake that our baker made just this morning.';
/** What is heard of it before the caller speaks into it, in ms. */
const HEARD_FIRST_MS = 2_500;
const TOKEN_MS = 220;
/** Late enough to be hedged (after 1 s, `agent/providers/reply-provider.ts`), too early for the caller to be told to wait. */
const LATE_TOKEN_MS = 1_800;
const greetingLimit = { timeoutMs: 45_000 };
const limit = { timeoutMs: 20_000 };

/** So many things to say, and what scripted providers need to hear them. */
async function recordings(count: number) {
  const files = Array.from({ length: count }, (_, turn) => SAID[turn % SAID.length] ?? '');
  const all = await Promise.all(files.map(scriptedRecording));
  return { clips: all.map(({ clip }) => clip), turns: all.map(({ turn }) => turn) };
}

/** A call in which the caller says something twice, and is answered each time. @param ttsTtfb - In ms. */
export async function placeHealthyCall(system: ScriptedStack, profile: string, ttsTtfb = 80): Promise<void> {
  const { clips, turns } = await recordings(2);
  const replies = turns.map((_, turn) => ({ text: `This is number ${turn + 1} of ${profile}.` }));
  await system.script({ turns, replies, timing: { ttsTtfb } });
  await using call = await placeCall(system.stack, { profile });
  await call.caller.waitForGreeting(greetingLimit);
  for (const clip of clips) await call.caller.say(clip, limit);
}

/** A call in which the caller speaks into a long answer, and gets another one. */
export async function placeInterruptedCall(system: ScriptedStack): Promise<void> {
  const { clips, turns } = await recordings(2);
  const replies = [{ text: LONG_REPLY }, { text: 'Gladly.' }];
  await system.script({ turns, replies, preset: 'fixed' });
  await using call = await placeCall(system.stack, { profile: 'good' });
  const { caller } = call;
  await caller.waitForGreeting(greetingLimit);
  const [order, interruption] = clips as [Clip, Clip];
  await caller.startSaying(order).finished;
  await hearSomeOf(caller);
  const saying = caller.startSaying(interruption);
  await saying.agentGaveWayAfterMs(limit);
  await saying.reply(limit);
}

/** A call whose language model is late, so that it is hedged, then fails, so that its breaker opens, then is well again. */
export async function placeTroubledCall(system: ScriptedStack): Promise<void> {
  const { clips, turns } = await recordings(4);
  const replies = turns.map((_, turn) => ({ text: `Number ${turn + 1} it is, with pleasure.` }));
  await system.script({ turns, replies, preset: 'fixed', timing: { llmTtft: LATE_TOKEN_MS } });
  await using call = await placeCall(system.stack, { profile: 'good' });
  const { caller } = call;
  await caller.waitForGreeting(greetingLimit);
  const [late, failed, failedAgain, well] = clips as [Clip, Clip, Clip, Clip];
  await caller.say(late, limit);
  const timing = { llmTtft: TOKEN_MS };
  await system.script({ append: true, timing, faults: [{ component: 'llm', kind: 'status', status: 500 }] });
  // Each is asked for twice; at the third failure in a row the breaker opens.
  await caller.say(failed, limit);
  await caller.say(failedAgain, limit);
  await system.script({ append: true, faults: [] });
  await caller.say(well, limit);
}

/** Resolves once some of the answer has been heard. */
async function hearSomeOf(caller: SimulatedCaller): Promise<void> {
  const startedAtMs = await caller.until(
    () => (caller.agentSounding ? performance.now() : undefined),
    'the answer',
    limit,
  );
  const isHeard = () => performance.now() - startedAtMs >= HEARD_FIRST_MS || undefined;
  await caller.until(isHeard, 'some of the answer', limit);
}
