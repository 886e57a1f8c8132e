import { initializeLogger, llm } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConversationWindow } from '../../../agent/conversation/conversation-window.js';
import { type RunningProviders, startScripted } from '../../local-providers/support.js';
import { replyModel } from '../providers/reply-support.js';

let providers: RunningProviders;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterAll(() => providers.close());

/** System message first, then a question and an answer in turn. */
function conversation(turns: number): llm.ChatItem[] {
  const talk = Array.from({ length: turns }, (_, index) => [
    llm.ChatMessage.create({ id: `q${index}`, role: 'user', content: `question ${index}` }),
    llm.ChatMessage.create({ id: `a${index}`, role: 'assistant', content: `answer ${index}` }),
  ]).flat();
  return [llm.ChatMessage.create({ id: 's', role: 'system', content: 'Be brief.' }), ...talk];
}

async function windowOver(call: string, script: object, isBusy = false) {
  await providers.script({ call, timing: { llmTtft: 1, llmPerToken: 1 }, ...script });
  const { model } = replyModel(providers.url, [call]);
  return { model, window: new ConversationWindow({ model, summarises: true, isBusy: () => isBusy }) };
}

describe('what the model is told of a conversation', () => {
  it('is all of it while it is short, and nobody is asked for a summary', async () => {
    const { model, window } = await windowOver('short', {});
    const items = conversation(10);
    await window.tidy(items);
    expect(window.of(items)).toEqual(items);
    expect((await providers.counters('short')).llm.requests).toBe(0);
    await model.aclose();
  });

  it('is its last part behind a summary, which is asked for once', async () => {
    const { model, window } = await windowOver('long', { replies: [{ text: 'They ordered a latte.' }] });
    const items = conversation(40);
    await window.tidy(items);
    const told = window.of(items);
    expect(told[0]).toBe(items[0]);
    expect(told[1]).toMatchObject({
      role: 'system',
      content: ['What was said before, in short: They ordered a latte.'],
    });
    expect(told.length).toBeLessThan(items.length);
    expect(told.at(-1)).toBe(items.at(-1));
    await window.tidy(items);
    expect((await providers.counters('long')).llm.requests).toBe(1);
    // It goes on from there: what was told before stays, letter for letter, in its place.
    const more = conversation(42);
    expect(window.of(more).slice(2, told.length)).toMatchObject(told.slice(2).map(({ id }) => ({ id })));
    await model.aclose();
  });

  it('stays as it is while there is no time for a summary, or none can be had', async () => {
    const busy = await windowOver('busy', {}, true);
    await busy.window.tidy(conversation(40));
    expect((await providers.counters('busy')).llm.requests).toBe(0);
    await busy.model.aclose();
    const faults = [{ component: 'llm', kind: 'status', status: 500 }];
    const failing = await windowOver('failing', { faults });
    const items = conversation(40);
    await failing.window.tidy(items);
    expect(failing.window.of(items)).toEqual(items);
    const { requests } = (await providers.counters('failing')).llm;
    await failing.window.tidy(items);
    expect((await providers.counters('failing')).llm.requests).toBe(requests);
    await failing.model.aclose();
  });
});
