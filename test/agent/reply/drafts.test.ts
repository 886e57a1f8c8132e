import { llm } from '@livekit/agents';
import { describe, expect, it, vi } from 'vitest';
import { PROFILES, withoutTechniques } from '../../../agent/config/profiles.js';
import { cannedReply } from '../../../agent/reply/canned-reply.js';
import type { Draft } from '../../../agent/reply/draft.js';
import { type DraftingCall, FAST, hearDraft, openingOf, order, scriptedDrafts } from './drafting-call.js';

const LATTE = 'One large latte, coming up. That is $4.50.';

const drafting = scriptedDrafts();

async function start(call: string, script: object, over = {}, apology?: () => undefined): Promise<DraftingCall> {
  await drafting.providers.script({ call, timing: FAST, ...script });
  return drafting.open(call, over, apology);
}

describe('a speculated reply', () => {
  it('is the one that is said when the final words mean the same, and is asked for once', async () => {
    const { drafts, counts, outcomes } = await start('hit', { replies: [{ text: LATTE }] });
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('hit')).tts.audioMs).toBeGreaterThan(0));
    const draft = drafts.take(order('A large latte.'), undefined, () => undefined);
    expect(draft.isReady).toBe(true);
    const { text, soundMs } = await hearDraft(draft);
    expect(text).toBe(LATTE);
    expect(Math.abs(soundMs - (LATTE.length / 400) * 1_000)).toBeLessThan(20);
    const { llm: asked, tts } = await drafting.providers.counters('hit');
    expect(asked).toMatchObject({ requests: 1, completed: 1 });
    expect(tts.charactersReceived).toBe(LATTE.length);
    expect(outcomes).toEqual(['used']);
    expect(counts['turnwise_speculations_total llm used']).toBe(1);
    expect(counts.turnwise_speculation_wasted_tokens_total).toBeUndefined();
  });

  it('says no more than its first clause before it is wanted', async () => {
    const { drafts } = await start('clause', { replies: [{ text: LATTE }] });
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('clause')).llm.completed).toBe(1));
    expect((await drafting.providers.counters('clause')).tts.charactersReceived).toBe('One large latte,'.length);
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect((await hearDraft(draft)).text).toBe(LATTE);
    expect((await drafting.providers.counters('clause')).tts.charactersReceived).toBe(LATTE.length);
  });

  // The machine may stand still for those 60 ms.
  it('is told to be ready shortly before its sound is due, once that is known', { retry: 2 }, async () => {
    const { drafts } = await start('ahead', { replies: [{ text: LATTE }], timing: { ...FAST, ttsTtfb: 300 } });
    // The first one's sound waits for the connection, too.
    for (const said of ['a large latte', 'a large mocha']) {
      drafts.speculate(order(said));
      await hearDraft(drafts.take(order(said), undefined, () => undefined));
    }
    const taken = new Promise<{ draft: Draft; wasReady: boolean }>((resolve) => {
      const take = vi.fn(() => {
        const draft = drafts.take(order('a small latte'), undefined, () => undefined);
        resolve({ draft, wasReady: draft.isReady });
      });
      drafts.speculate(order('a small latte'), () => take.mock.calls.length === 0 && take());
    });
    const { draft, wasReady } = await taken;
    expect(wasReady).toBe(false);
    expect((await hearDraft(draft)).text).toBe(LATTE);
  });

  it('that is dropped is told no more', async () => {
    const { drafts } = await start('hush', { replies: [{ text: LATTE }], timing: { ...FAST, ttsTtfb: 500 } });
    await hearDraft(drafts.take(order('a large latte'), undefined, () => undefined));
    const onReady = vi.fn();
    drafts.speculate(order('a small latte'), onReady);
    await vi.waitFor(async () => expect((await drafting.providers.counters('hush')).tts.requests).toBe(2));
    drafts.drop('changed');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(onReady).not.toHaveBeenCalled();
  });

  it('whose voice cannot be had is not waited for', async () => {
    const faults = [{ component: 'tts', kind: 'status', status: 402 }];
    const { drafts } = await start('unvoiced', { replies: [{ text: LATTE }], faults });
    const onReady = vi.fn();
    drafts.speculate(order('a large latte'), onReady);
    await vi.waitFor(() => expect(onReady).toHaveBeenCalled());
  });

  it('has no voice where only the words are to be speculated', async () => {
    const profile = withoutTechniques(PROFILES.excellent, ['speculative-voice', 'hedging']);
    const { drafts } = await start('mute', { replies: [{ text: LATTE }] }, profile);
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('mute')).llm.completed).toBe(1));
    expect((await drafting.providers.counters('mute')).tts.requests).toBe(0);
    drafts.drop('changed');
  });

  it('has a voice that is hedged where it was wanted before there was anything to say', async () => {
    const { drafts } = await start('wanted', { replies: [{ text: 'Yes.' }] });
    // The synthesiser is known to be quick: the ninth time it is late as soon as it may be.
    for (let count = 0; count < 8; count += 1)
      await hearDraft(drafts.take(order('is it open'), undefined, () => undefined));
    const faults = [{ component: 'tts', kind: 'stall', nth: [1] }];
    await drafting.providers.script({
      call: 'wanted',
      replies: [{ text: 'Yes.' }],
      timing: { ...FAST, llmTtft: 100 },
      faults,
    });
    drafts.speculate(order('is it open today'));
    const draft = drafts.take(order('is it open today'), undefined, () => undefined);
    expect(await hearDraft(draft)).toMatchObject({ text: 'Yes.' });
    // A second one sent beside the first, which is cancelled when it has lost; without, the first is given up and counts as failed.
    await vi.waitFor(async () => {
      const { tts } = await drafting.providers.counters('wanted');
      expect(tts).toMatchObject({ requests: 10, cancelled: 1 });
    });
  });

  it('is dropped for other words, aborted at the provider, and costs what the provider counted', async () => {
    const slow = { llmTtft: 5, llmPerToken: 20, ttsTtfb: 5, ttsCharactersPerSecond: 400 };
    const { drafts, counts, outcomes } = await start('miss', {
      replies: [{ when: 'without', text: 'Gladly.' }, { text: LATTE }],
      timing: slow,
    });
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('miss')).tts.audioMs).toBeGreaterThan(0));
    const draft = drafts.take(order('a large latte without milk'), undefined, () => undefined);
    expect((await hearDraft(draft)).text).toBe('Gladly.');
    await vi.waitFor(() => expect(outcomes).toEqual(['changed']));
    const { llm: asked, tts } = await drafting.providers.counters('miss');
    expect(asked).toMatchObject({ requests: 2, aborted: 1, completed: 1 });
    expect(tts).toMatchObject({ cancelled: 1, completed: 1 });
    const wasted = counts.turnwise_speculation_wasted_tokens_total ?? 0;
    expect(wasted).toBeGreaterThan(0);
    expect(asked.tokensSent - wasted).toBe(2);
    expect(counts.turnwise_speculation_wasted_characters_total).toBe(tts.charactersReceived - 'Gladly.'.length);
  });

  it('that has failed is asked for again, and no wrong guess', async () => {
    const faults = [{ component: 'llm', kind: 'status', status: 500, nth: [1, 2] }];
    const { drafts, outcomes } = await start('failed', { replies: [{ text: LATTE }], faults });
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('failed')).llm.requests).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect((await hearDraft(draft)).text).toBe(LATTE);
    await vi.waitFor(() => expect(outcomes).toEqual(['abandoned']));
  });

  it('is not used where anything else of the conversation has changed', async () => {
    const { drafts } = await start('context', { replies: [{ text: LATTE }] });
    drafts.speculate(order('a large latte'));
    await vi.waitFor(async () => expect((await drafting.providers.counters('context')).llm.requests).toBe(1));
    const before = [llm.ChatMessage.create({ role: 'assistant', content: 'What can I get' })];
    const draft = drafts.take(order('a large latte', { before }), undefined, () => undefined);
    expect((await hearDraft(draft)).text).toBe(LATTE);
    expect((await drafting.providers.counters('context')).llm.requests).toBe(2);
  });

  it('gives the calls of its tools to the framework only when it is wanted', async () => {
    const replies = [{ toolCalls: [{ name: 'place_order', arguments: {} }] }];
    const execute = vi.fn(async () => 'placed');
    const tools = [llm.tool({ name: 'place_order', description: 'Places an order.', execute })];
    const { drafts } = await start('tool', { replies });
    drafts.speculate(order('a large latte', { tools }));
    await vi.waitFor(async () => expect((await drafting.providers.counters('tool')).llm.completed).toBe(1));
    const draft = drafts.take(order('a large latte', { tools }), undefined, () => undefined);
    expect(await hearDraft(draft)).toMatchObject({ text: '', toolCalls: ['place_order'], soundMs: 0 });
    expect(execute).not.toHaveBeenCalled();
  });
});

describe('a reply', () => {
  it('begins with its opening, which is no second time in it', async () => {
    const replies = [{ text: 'Sure, one large latte. That is $4.50.' }];
    const { drafts } = await start('opening', { replies });
    const draft = drafts.take(order('a large latte'), undefined, () => openingOf('Sure,'));
    const { text, soundMs } = await hearDraft(draft);
    expect(text).toBe('Sure, one large latte. That is $4.50.');
    const spoken = 'one large latte. That is $4.50.';
    expect((await drafting.providers.counters('opening')).tts.charactersReceived).toBe(spoken.length);
    expect(Math.abs(soundMs - 100 - (spoken.length / 400) * 1_000)).toBeLessThan(20);
  });

  it('that cannot be had is an apology', async () => {
    const faults = [{ component: 'llm', kind: 'status', status: 500 }];
    const { drafts } = await start('failing', { replies: [{ text: LATTE }], faults });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect(await hearDraft(draft)).toMatchObject({ text: 'Sorry.', toolCalls: [], soundMs: 100 });
  });

  it('that the model ends without a word or a tool call is an apology', async () => {
    const { drafts } = await start('wordless', {});
    const ended = { ...cannedReply(' '), requestedAtMs: 0 };
    expect(await hearDraft(drafts.begin(order('a latte'), undefined, ended))).toMatchObject({ soundMs: 100 });
    const opened = drafts.begin({ ...order('a latte'), opening: openingOf('Sure,') }, undefined, {
      ...cannedReply(''),
      requestedAtMs: 0,
    });
    expect((await hearDraft(opened)).text).toMatch(/^Sure, +Sorry\.$/);
  });

  it('that needs no model may be all opening', async () => {
    const { drafts } = await start('canned', {});
    const canned = { ...order('when do you open'), opening: openingOf('At seven.') };
    const draft = drafts.begin(canned, undefined, cannedReply(''));
    expect((await hearDraft(draft)).text).toBe('At seven. ');
    expect(draft.hasFailed).toBe(false);
  });

  it('whose tool call is cut at the limit of tokens is an apology', async () => {
    const toolCalls = [{ name: 'place_order', arguments: { items: 'x'.repeat(12_000) } }];
    const { drafts } = await start('cut-call', { replies: [{ toolCalls }] });
    const tool = llm.tool({
      name: 'place_order',
      description: 'Places an order.',
      parameters: { type: 'object', properties: {} },
      execute: async () => '',
    });
    const draft = drafts.take(order('a latte', { tools: [tool] }), undefined, () => undefined);
    expect(await hearDraft(draft)).toMatchObject({ text: 'Sorry.', toolCalls: [], soundMs: 100 });
  });

  it('that breaks off within its first clause has the apology behind what came of it', async () => {
    const faults = [{ component: 'llm', kind: 'drop', afterItems: 3 }];
    const { drafts } = await start('dropped', {
      replies: [{ text: 'One large latte with oat milk, coming up.' }],
      faults,
    });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    const { text } = await hearDraft(draft);
    expect(text).toMatch(/^One large\b.* Sorry\.$/);
    expect(draft.spoken.text).toBe(text);
  });

  it('whose voice cannot be had is an apology to the ear', async () => {
    const faults = [{ component: 'tts', kind: 'status', status: 429 }];
    const { drafts } = await start('voiceless', { replies: [{ text: LATTE }], faults });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect(await hearDraft(draft)).toMatchObject({ text: LATTE, soundMs: 100 });
    expect(draft.spoken.finish(100, 100, false)).toEqual(['Sorry.']);
  });

  it('whose voice breaks in the middle is remembered as far as it was heard, with the apology behind it', async () => {
    // 16 characters take 400 ms: the voice gives the first clause, in five items, and 100 ms of the next word.
    const timing = { ...FAST, ttsCharactersPerSecond: 40 };
    const faults = [{ component: 'tts', kind: 'status', status: 402, afterItems: 6 }];
    const { drafts } = await start('breaking', { replies: [{ text: LATTE }], timing, faults });
    const draft = drafts.take(order('a large latte'), undefined, () => openingOf('Sure,'));
    const { text, soundMs } = await hearDraft(draft);
    expect(text).toBe(`Sure, ${LATTE}`);
    expect(soundMs).toBeCloseTo(100 + 500 + 100, 0);
    expect(draft.hasFailed).toBe(true);
    expect(draft.spoken.said).toBe('Sure, One large latte, Sorry.');
    expect(draft.spoken.finish(soundMs, soundMs, false)).toEqual(['Sure, One large latte,', 'Sorry.']);
  });

  it('whose voice breaks without an apology is remembered as far as it was heard', async () => {
    const timing = { ...FAST, ttsCharactersPerSecond: 40 };
    const faults = [{ component: 'tts', kind: 'status', status: 402, afterItems: 6 }];
    const { drafts } = await start('mute', { replies: [{ text: LATTE }], timing, faults }, {}, () => undefined);
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    const { soundMs } = await hearDraft(draft);
    expect(soundMs).toBeCloseTo(500, 0);
    expect(draft.spoken.finish(soundMs, soundMs, false)).toEqual(['One large latte,']);
  });

  it('is remembered whole where all of it was heard, and as far as it was played where it was cut', async () => {
    const { drafts } = await start('heard', { replies: [{ text: LATTE }] });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    const { soundMs } = await hearDraft(draft);
    // What was cut before it had any sound was not heard.
    expect(draft.spoken.remembered(true)).toEqual([]);
    expect(draft.spoken.finish(soundMs, soundMs, false)).toBeUndefined();
    expect(draft.spoken.finish(soundMs / 2, soundMs, true)).toEqual(['One large latte,']);
  });

  it('that is late can be waited for with a filler, before its own words', async () => {
    const timing = { ...FAST, llmTtft: 150 };
    const { drafts } = await start('late', { replies: [{ text: LATTE }], timing });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect(drafts.fill(openingOf('Just a second.'))).toBe('answer');
    expect((await hearDraft(draft)).text).toBe(`Just a second. ${LATTE}`);
    expect(drafts.fill(openingOf('Just a second.'))).toBeUndefined();
  });

  it('that is late behind its opening is late by its model', async () => {
    const timing = { ...FAST, llmTtft: 150 };
    const { drafts } = await start('late-opened', { replies: [{ text: LATTE }], timing });
    const draft = drafts.take(order('a large latte'), undefined, () => openingOf('Sure,'));
    expect(drafts.fill(openingOf('Just a second.'))).toBe('answer');
    await hearDraft(draft);
  });

  it('that is cancelled ends its requests', async () => {
    const { drafts } = await start('cut', { replies: [{ text: LATTE }], timing: { ...FAST, llmPerToken: 30 } });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    const [reader, text] = [draft.frames.getReader(), draft.stream().getReader()];
    await reader.read();
    await Promise.all([reader.cancel(), text.cancel()]);
    await vi.waitFor(async () => {
      const { llm: asked, tts } = await drafting.providers.counters('cut');
      expect([asked.aborted, tts.cancelled]).toEqual([1, 1]);
    });
  });
});
