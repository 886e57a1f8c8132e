/** Callers who speak over the agent, and callers who only murmur, over a real SFU with scripted providers. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clip } from '../../bench/caller/clip.js';
import type { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { readMetric } from '../support/metrics.js';
import { scriptedRecording } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

/** About 14 s at the scripted voice's 15 characters a second. */
const LONG_REPLY =
  'We have a small cup of black tea, a tall glass of iced tea with lemon, a flat white with oat milk, a mocha with dark ' +
  'cocoa and cream, and a slice of the apple cake that our baker made just this morning.';
const ORDER = 'orders/7594182a.flac';
const SECOND_ORDER = 'orders/1e8e3e61.flac';
/** Without a pause in which a listener might take it for over. */
const INTERRUPTION = 'orders/c266bd5f.flac';
const STOP = 'overlaps/synthetic/interruption-05-flite-rms.flac';
const MURMUR = 'overlaps/synthetic/backchannel-03-flite-awb.flac';

const answerLimit = { timeoutMs: 20_000 };
const greetingLimit = { timeoutMs: 20_000 };
/** Far above what giving way takes, far below the rest of what the agent would say. */
const GIVES_WAY_MS = 2_500;
/** Below what is left of the greeting when it is spoken into. */
const GREETING_LEFT_MS = 1_800;
/** A caller that was this late with its own sound was not heard as recorded, in ms. */
const STALLED_MS = 60;
const CALLS_MAX = 4;
/** A turn is in a scrape 2 s after its first sound. */
const METRICS_WITHIN = { timeout: 5_000, interval: 200 };

let scripted: ScriptedStack;

beforeAll(async () => {
  scripted = await startScriptedStack('interrupted');
});
afterAll(async () => {
  await scripted?.close();
});

interface Script {
  /** What the caller will say, in order. */
  readonly says: readonly string[];
  readonly replies: NonNullable<Parameters<ScriptedStack['script']>[0]['replies']>;
  readonly timing?: NonNullable<Parameters<ScriptedStack['script']>[0]['timing']>;
}

/** Scripts the next call. @returns what the caller says, ready to be spoken. */
async function script({ says, replies, timing = {} }: Script): Promise<Clip[]> {
  const recordings = await Promise.all(says.map(scriptedRecording));
  await scripted.script({ turns: recordings.map(({ turn }) => turn), replies: [...replies], preset: 'fixed', timing });
  return recordings.map(({ clip }) => clip);
}

function document(caller: SimulatedCaller, turn: number) {
  return caller.until(() => caller.turnDocuments.find((one) => one.turn === turn), `turn ${turn}`, answerLimit);
}

/** Replies that were stopped for a caller, as the worker has counted them, and how long that took in all. */
async function stopsCounted() {
  const read = (what: string) => readMetric(scripted.stack.metricsUrl, `turnwise_bargein_stop_seconds_${what}`);
  return { count: await read('count'), seconds: await read('sum') };
}

/** Resolves once the agent has said so much of its reply, by the sound. */
async function agentSounds(caller: SimulatedCaller, forMs: number): Promise<void> {
  const startedAtMs = await caller.until(
    () => (caller.agentSounding ? performance.now() : undefined),
    'the agent',
    answerLimit,
  );
  const isOver = () => (performance.now() - startedAtMs >= forMs ? true : undefined);
  await caller.until(isOver, 'some of the reply', answerLimit);
}

/**
 * Says "stop please" into the greeting. A call begins while the worker loads the process for the next one: a caller whose own
 * machine kept half of so short a word back has said something else, and calls again.
 */
async function stopGreeting() {
  for (let attempt = 1; ; attempt++) {
    const [stop] = (await script({ says: [STOP], replies: [{ text: 'As you like.' }] })) as [Clip];
    const call = await placeCall(scripted.stack);
    const { caller } = call;
    await caller.waitForAgent(greetingLimit);
    // Once the agent surely has the caller's track: what is said before that nobody hears but a page that records it.
    await agentSounds(caller, 300);
    const gaveWayAfterMs = await caller.startSaying(stop).agentGaveWayAfterMs(answerLimit);
    if (attempt === CALLS_MAX || caller.worstLagMs.speaking < STALLED_MS)
      return Object.assign(call, { gaveWayAfterMs });
    await call[Symbol.asyncDispose]();
  }
}

describe('an agent that is spoken to while it speaks', () => {
  it('stops its greeting for a "stop"', async () => {
    await using call = await stopGreeting();
    const { caller, gaveWayAfterMs } = call;
    expect(gaveWayAfterMs).toBeLessThan(GREETING_LEFT_MS);
    const greeting = await document(caller, 0);
    expect(greeting).toMatchObject({ outcome: 'interrupted', overlaps: { interruption: 1 } });
    expect('Hi, this is Turnwise Coffee. What can I get you?'.startsWith(greeting.reply)).toBe(true);
    expect(greeting.reply).toContain('Hi');
    expect(greeting.reply).not.toContain('get you');
  });

  it('stops a long reply, answers what it was interrupted with, and remembers only what was heard', async () => {
    const replies = [{ text: LONG_REPLY }, { text: 'Gladly.' }];
    const [first, second] = (await script({ says: [ORDER, INTERRUPTION], replies })) as [Clip, Clip];
    await using call = await placeCall(scripted.stack);
    const { caller } = call;
    await caller.waitForGreeting(greetingLimit);
    const before = await stopsCounted();
    await caller.startSaying(first).finished;
    await agentSounds(caller, 2_500);
    const saying = caller.startSaying(second);
    expect(await saying.agentGaveWayAfterMs(answerLimit)).toBeLessThan(GIVES_WAY_MS);
    const answer = await saying.reply(answerLimit);
    expect(answer).toMatchObject({ outcome: 'answered', document: { turn: 2, reply: 'Gladly.' } });
    const cut = await document(caller, 1);
    expect(cut).toMatchObject({ outcome: 'interrupted', overlaps: { interruption: 1 } });
    expect(LONG_REPLY.startsWith(cut.reply)).toBe(true);
    // 2.5 s and the way to both ears, of some 14 s.
    expect(cut.reply.length).toBeGreaterThan(15);
    expect(cut.reply.length).toBeLessThan(LONG_REPLY.length / 2);
    const after = await vi.waitFor(async () => {
      const now = await stopsCounted();
      expect(now.count).toBe(before.count + 1);
      return now;
    }, METRICS_WITHIN);
    const tookSeconds = after.seconds - before.seconds;
    expect(tookSeconds).toBeGreaterThan(0);
    expect(tookSeconds * 1_000).toBeLessThan(GIVES_WAY_MS);
  });

  it('goes on for a murmur, and says the whole reply', async () => {
    const [first, murmur] = (await script({ says: [ORDER, MURMUR], replies: [{ text: LONG_REPLY }] })) as [Clip, Clip];
    await using call = await placeCall(scripted.stack);
    const { caller } = call;
    await caller.waitForGreeting(greetingLimit);
    const opening = caller.startSaying(first);
    await opening.finished;
    const answered = opening.reply(answerLimit);
    await agentSounds(caller, 2_000);
    await caller.startSaying(murmur).finished;
    const { document: turn, replyDurationMs = 0 } = await answered;
    expect(turn).toMatchObject({ turn: 1, outcome: 'answered', reply: LONG_REPLY });
    expect(turn?.overlaps?.interruption).toBeUndefined();
    // Nothing was left out: it took as long as its text takes to say, or longer by a pause.
    expect(replyDurationMs).toBeGreaterThan((LONG_REPLY.length / 15) * 1_000 - 400);
    expect(caller.turnDocuments.some((one) => one.turn === 2)).toBe(false);
  });

  it('takes up what is said while it looks something up', async () => {
    const replies = [
      { when: 'cappuccino', text: 'Gladly.' },
      { toolCalls: [{ name: 'get_opening_hours', arguments: {} }], afterTools: LONG_REPLY },
    ];
    // The model takes three seconds for each of its answers, the one after the tool among them.
    const timing = { llmTtft: 3_000 };
    const [first, second] = (await script({ says: [ORDER, SECOND_ORDER], replies, timing })) as [Clip, Clip];
    await using call = await placeCall(scripted.stack);
    const { caller } = call;
    await caller.waitForGreeting(greetingLimit);
    const opening = caller.startSaying(first);
    await opening.finished;
    await caller.until(() => (caller.agentState === 'thinking' ? true : undefined), 'the agent to think', answerLimit);
    const saying = caller.startSaying(second);
    const answer = await saying.reply(answerLimit);
    expect(answer.outcome).toBe('answered');
    expect(answer.said.toLowerCase()).toContain('cappuccino');
    expect(caller.turnDocuments.filter(({ reply }) => reply.includes('black tea'))).toEqual([]);
  });
});
