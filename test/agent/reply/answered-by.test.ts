import { initializeLogger } from '@livekit/agents';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../../agent/conversation/clock.js';
import { Turn } from '../../../agent/conversation/turn.js';
import { cannedReply } from '../../../agent/reply/canned-reply.js';
import { componentLatencies, legLatencies } from '../../../agent/turn/timeline.js';
import { type RunningProviders, startScripted } from '../../local-providers/support.js';
import { type DraftingCall, hearDraft, order, startDrafting } from './drafting-call.js';

let providers: RunningProviders;
const opened: DraftingCall[] = [];

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((call) => call.close()));
});
afterAll(() => providers.close());

const LATTE = 'One large latte, coming up. That is $4.50.';
const FAST = { llmTtft: 5, llmPerToken: 1, ttsTtfb: 5, ttsCharactersPerSecond: 400 };

/** Two providers each of language model and voice; the first of both refuse. */
async function start(name: string): Promise<DraftingCall> {
  const [first, second] = [`${name}-1`, `${name}-2`];
  const faults = [
    { component: 'llm', kind: 'status', status: 503 },
    { component: 'tts', kind: 'status', status: 402 },
  ];
  await providers.script({ call: first, timing: FAST, faults });
  await providers.script({ call: second, timing: FAST, replies: [{ text: LATTE }] });
  const drafting = startDrafting(providers, [first, second]);
  opened.push(drafting);
  return drafting;
}

function turn(): Turn {
  const timeline = { committedAtMs: systemClock.nowMs() };
  const events = { onSounded: () => undefined, onDone: () => undefined };
  return new Turn(1, { said: 'a latte', confidence: 1, timeline }, systemClock, events);
}

/** Who answered in a turn, and that what they took is less than what the legs did. */
function expectSecond(answered: Turn, name: string): void {
  expect(answered.answerers).toEqual({
    llm: { provider: 'openai', model: `model-of-${name}-2` },
    tts: { provider: 'two', model: 'sonic-3' },
  });
  const own = componentLatencies(answered.timeline);
  const legs = legLatencies(answered.timeline);
  expect(own.llmTtftMs).toBeLessThan(legs.llmTtftMs ?? 0);
  expect(own.ttsTtfbMs).toBeLessThan(legs.ttsTtfbMs ?? 0);
}

it('names who answered where the first provider of each leg fails', async () => {
  const { drafts } = await start('failed');
  const answered = turn();
  const draft = drafts.take(order('a latte'), answered, () => undefined);
  expect((await hearDraft(draft)).text).toBe(LATTE);
  expectSecond(answered, 'failed');
});

it('names them of a reply that was begun before anybody knew its turn', async () => {
  const { drafts } = await start('early');
  drafts.speculate(order('a latte'));
  await vi.waitFor(async () => expect((await providers.counters('early-2')).tts.audioMs).toBeGreaterThan(0));
  const answered = turn();
  const draft = drafts.take(order('a latte'), answered, () => undefined);
  expect((await hearDraft(draft)).text).toBe(LATTE);
  expectSecond(answered, 'early');
});

it('names no model, and counts no first token, where an answer needed none', async () => {
  const { drafts } = await start('canned');
  const answered = turn();
  const draft = drafts.begin(order('when do you close'), answered, cannedReply('We close at ten.'));
  expect((await hearDraft(draft)).text).toBe('We close at ten.');
  expect(answered.answerers.llm).toBeUndefined();
  expect(componentLatencies(answered.timeline).llmTtftMs).toBeUndefined();
});
