import { expect, it, vi } from 'vitest';
import { systemClock } from '../../../agent/conversation/clock.js';
import { Turn } from '../../../agent/conversation/turn.js';
import { cannedReply } from '../../../agent/reply/canned-reply.js';
import { componentLatencies, legLatencies } from '../../../agent/turn/timeline.js';
import { type DraftingCall, FAST, hearDraft, order, scriptedDrafts } from './drafting-call.js';

const LATTE = 'One large latte, coming up. That is $4.50.';

const drafting = scriptedDrafts();

/** Two providers each of language model and voice; the first of both refuse. */
async function start(name: string): Promise<DraftingCall> {
  const [first, second] = [`${name}-1`, `${name}-2`];
  const faults = [
    { component: 'llm', kind: 'status', status: 503 },
    { component: 'tts', kind: 'status', status: 402 },
  ];
  await drafting.providers.script({ call: first, timing: FAST, faults });
  await drafting.providers.script({ call: second, timing: FAST, replies: [{ text: LATTE }] });
  return drafting.open([first, second]);
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
  await vi.waitFor(async () => expect((await drafting.providers.counters('early-2')).tts.audioMs).toBeGreaterThan(0));
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
