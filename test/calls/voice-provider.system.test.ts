/** Real calls over scripted providers: how the voice is asked for, and what becomes of a reply in which it breaks for good. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clip } from '../../bench/caller/clip.js';
import { scriptedRecording } from '../support/recordings.js';
import { type AskedMessage, type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

const ORDER = 'orders/7594182a.flac';
const SECOND_ORDER = 'orders/c266bd5f.flac';
const REFUSAL = 'Sorry, there is no oat milk left. Can it be another one?';
const LONG_REPLY =
  'We have a small cup of black tea, a tall glass of iced tea with lemon, a flat white with oat milk, and a slice of cake.';
const APOLOGY = 'Sorry, I am having trouble right now. Could you say that again?';
/** Below what the voice gives before it breaks. */
const SHORT_REPLY = 'All right.';
const TOOL = 'get_opening_hours';
/** Of 100 ms at most each, so that the voice breaks after some 30 of a reply's characters. */
const SOUNDS = 24;
const limit = { timeoutMs: 20_000 };

let scripted: ScriptedStack;

beforeAll(async () => {
  scripted = await startScriptedStack('voiced', { LOG_LEVEL: 'info' });
  // What is said from the cache is asked for here, and in no call.
  await vi.waitFor(() => expect(scripted.stack.lines('worker').join('\n')).toContain('phrases ready'), {
    timeout: 60_000,
    interval: 250,
  });
});
afterAll(async () => {
  await scripted?.close();
});

type Script = Parameters<ScriptedStack['script']>[0];
/** Each answer breaks that is longer than a few words. */
const BREAKS: Script['faults'] = [{ component: 'tts', kind: 'status', status: 402, afterItems: SOUNDS }];

/** Scripts the next call. @returns What the caller will say, in order. */
async function script(replies: NonNullable<Script['replies']>, faults: Script['faults'] = []) {
  const recordings = await Promise.all([ORDER, SECOND_ORDER].map(scriptedRecording));
  await scripted.script({ turns: recordings.map(({ turn }) => turn), replies, faults, preset: 'fixed' });
  return recordings.map(({ clip }) => clip) as [Clip, Clip];
}

/** What the model was told last that it had said, after the greeting. */
function remembered(requests: readonly (readonly AskedMessage[])[]): readonly string[] {
  const said = (requests.at(-1) ?? []).filter(({ role }) => role === 'assistant').map(({ content }) => content ?? '');
  return said.slice(1);
}

describe('the voice of a call', () => {
  it.each([
    ['no emotion', 'good', []],
    ["the assistant's own emotion", 'pro', ['content']],
    ['the emotion that befits what is said', 'enterprise', ['apologetic']],
  ])('is asked for %s in the profile %s, and its phrases come from the cache', async (_what, profile, emotions) => {
    const [order] = await script([{ text: REFUSAL }]);
    const before = await scripted.emotionsAsked();
    await using call = await placeCall(scripted.stack, { profile });
    await call.caller.waitForGreeting(limit);
    const { document } = await call.caller.say(order, limit);
    expect(document?.reply).toContain(REFUSAL.slice('Sorry, '.length));
    const after = await scripted.emotionsAsked();
    expect(Object.keys(after).filter((emotion) => after[emotion] !== before[emotion])).toEqual(emotions);
  });
});

/** What was heard of the long reply before what was said behind it. */
function heardBefore(said: string, reply = ''): string {
  expect(reply.endsWith(` ${said}`)).toBe(true);
  const heard = reply.slice(0, -` ${said}`.length);
  expect(LONG_REPLY.startsWith(heard)).toBe(true);
  expect(heard.length).toBeGreaterThan(10);
  expect(heard.length).toBeLessThan(LONG_REPLY.length / 2);
  return heard;
}

describe('a reply whose voice breaks', () => {
  it('is remembered as far as it was heard, with the apology as a message of its own', async () => {
    const [first, second] = await script([{ text: LONG_REPLY }, { text: SHORT_REPLY }], BREAKS);
    await using call = await placeCall(scripted.stack, { profile: 'good' });
    const { caller } = call;
    await caller.waitForGreeting(limit);
    const broken = await caller.say(first, limit);
    expect(broken.document).toMatchObject({ turn: 1, outcome: 'answered' });
    const heard = heardBefore(APOLOGY, broken.document?.reply);
    const next = await caller.say(second, limit);
    expect(next.document).toMatchObject({ turn: 2, reply: SHORT_REPLY });
    expect(remembered(scripted.requests)).toEqual([heard, APOLOGY]);
  });

  it('is told so to the model that goes on with what its tools have answered', async () => {
    const [first] = await script([{ text: LONG_REPLY, toolCalls: [{ name: TOOL }], afterTools: SHORT_REPLY }], BREAKS);
    await using call = await placeCall(scripted.stack, { profile: 'good' });
    await call.caller.waitForGreeting(limit);
    const { document } = await call.caller.say(first, limit);
    const heard = heardBefore(`${APOLOGY} ${SHORT_REPLY}`, document?.reply);
    expect(scripted.requests.at(-1)?.slice(-3)).toMatchObject([
      { role: 'assistant', content: heard },
      { role: 'assistant', content: APOLOGY, tool_calls: [{ function: { name: TOOL } }] },
      { role: 'tool' },
    ]);
  });
});
