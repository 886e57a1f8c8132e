import { llm } from '@livekit/agents';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { countTokens } from '../../../local-providers/tokens.js';
import { asking, hear, scriptedModels, type Told } from './reply-support.js';

const engine = scriptedModels();
const { open } = engine;

const TEXT = 'One large latte with oat milk, coming up.';
const FAST = { llmTtft: 5, llmPerToken: 1 };
const order = llm.tool({
  name: 'place_order',
  description: 'Places an order.',
  parameters: z.object({ drink: z.string(), size: z.string() }),
  execute: async () => 'placed',
});

describe('a reply', () => {
  it('is what the model said, and costs what the model counted', async () => {
    await engine.providers.script({ call: 'plain', timing: FAST, replies: [{ text: TEXT }] });
    const { model, counts, errors } = open(engine.providers.url, ['plain']);
    const stream = model.reply(asking('a large latte'));
    expect(await hear(stream)).toEqual({ text: TEXT, toolCalls: [], error: undefined });
    const { llm: counted } = await engine.providers.counters('plain');
    expect(await stream.usage).toEqual({
      promptTokens: counted.promptTokens,
      cachedTokens: 0,
      completionTokens: countTokens(TEXT),
    });
    expect(counted).toMatchObject({ requests: 1, completed: 1, aborted: 0 });
    expect(counts['turnwise_llm_tokens_total openai model-of-plain completion']).toBe(countTokens(TEXT));
    expect(errors).toEqual([]);
  });

  it('costs nothing where nobody could be asked', async () => {
    const { model, counts } = open('http://127.0.0.1:1', ['gone']);
    const stream = model.reply(asking('a large latte'));
    expect((await hear(stream)).error).toBeDefined();
    expect(await stream.usage).toEqual({ promptTokens: 0, cachedTokens: 0, completionTokens: 0 });
    expect(counts['turnwise_llm_tokens_total one model-of-gone prompt'] ?? 0).toBe(0);
  });

  it('may be a tool call', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'extremely large, if you have it' } };
    await engine.providers.script({ call: 'tool', timing: FAST, replies: [{ toolCalls: [call] }] });
    const { model } = open(engine.providers.url, ['tool']);
    const stream = model.reply(asking('a large latte', { tools: new llm.ToolContext([order]) }));
    const { toolCalls } = await hear(stream);
    expect(toolCalls.map(({ name, args }) => [name, JSON.parse(args)])).toEqual([['place_order', call.arguments]]);
    expect((await stream.usage).completionTokens).toBe((await engine.providers.counters('tool')).llm.tokensSent);
  });

  it('is no longer than asked for', async () => {
    await engine.providers.script({ call: 'short', timing: FAST, replies: [{ text: TEXT }] });
    const { model } = open(engine.providers.url, ['short']);
    expect((await hear(model.reply(asking('hi', { maxTokens: 3 })))).text).toBe('One large latte');
  });

  it('has room for a tool call that is longer than what may be spoken, and keeps to that', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'x'.repeat(2_400) } };
    await engine.providers.script({
      call: 'room',
      timing: FAST,
      replies: [{ text: 'word '.repeat(200).trim(), toolCalls: [call] }],
    });
    const { model, errors } = open(engine.providers.url, ['room']);
    const asked = asking('a large latte', { maxTokens: 75, tools: new llm.ToolContext([order]) });
    const { text, toolCalls, error } = await hear(model.reply(asked));
    expect(toolCalls.map(({ args }) => JSON.parse(args))).toEqual([call.arguments]);
    expect(countTokens(text)).toBe(75);
    expect([error, errors]).toEqual([undefined, []]);
  });

  it('of white space alone is none: the next provider is asked', async () => {
    await engine.providers.script({ call: 'blank', timing: FAST, replies: [{ text: ' ' }] });
    await engine.providers.script({ call: 'worded', timing: FAST, replies: [{ text: 'One large latte.' }] });
    const { model, errors } = open(engine.providers.url, ['blank', 'worded']);
    const { text, error } = await hear(model.reply(asking('hi')));
    expect([text.trim(), error, errors]).toEqual(['One large latte.', undefined, ['llm-empty']]);
  });

  it('that is asked for ahead has no more tokens than it is given, and is whole with a piece of a tool call', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'large' } };
    await engine.providers.script({ call: 'ahead', timing: FAST, replies: [{ toolCalls: [call] }] });
    const { model, errors } = open(engine.providers.url, ['ahead']);
    const tools = new llm.ToolContext([order]);
    const heard = await hear(model.reply(asking('hi', { maxTokens: 1, isAhead: true, isSpeculative: true, tools })));
    expect([heard.error, errors]).toEqual([undefined, []]);
    expect((await engine.providers.counters('ahead')).llm).toMatchObject({ requests: 1, tokensSent: 1 });
  });

  it('comes from another model once that is set, and from its own again', async () => {
    await engine.providers.script({ call: 'switch', timing: FAST });
    const { model, counts } = open(engine.providers.url, ['switch']);
    model.setModel('faster');
    expect(model.model).toBe('faster');
    await hear(model.reply(asking('hi')));
    model.setModel();
    const last = model.reply(asking('hi'));
    await hear(last);
    await last.usage;
    expect(counts['turnwise_llm_tokens_total openai faster completion']).toBeGreaterThan(0);
    expect(counts['turnwise_llm_tokens_total openai model-of-switch completion']).toBeGreaterThan(0);
  });

  it('does not reach the session as an event when it fails', async () => {
    await engine.providers.script({ call: 'silent', timing: FAST, faults: [{ component: 'llm', kind: 'status' }] });
    const { model, errors } = open(engine.providers.url, ['silent']);
    const heard = vi.fn();
    model.on('error', heard);
    expect((await hear(model.reply(asking('hi')))).error).toMatchObject({ code: 'failed', charactersGiven: 0 });
    expect(heard).not.toHaveBeenCalled();
    expect(errors).toEqual(['llm-status', 'llm-status']);
  });
});

describe('a reply that is cancelled', () => {
  /** Reads `tokens` chunks, then cancels. */
  async function cutAfter(tokens: number, call: string, told: Told): Promise<number> {
    const stream = told.model.reply(asking('go on', { isSpeculative: true }));
    let read = 0;
    if (tokens === 0) stream.cancel();
    for await (const { delta } of stream) {
      if (delta?.content && ++read === tokens) break;
    }
    const { completionTokens } = await stream.usage;
    await vi.waitFor(async () => {
      const { llm: counted } = await engine.providers.counters(call);
      expect(counted.aborted + counted.completed).toBe(counted.requests);
    });
    return completionTokens;
  }

  it('has cost exactly the tokens that the engine sent', async () => {
    const timing = { llmTtft: 2, llmPerToken: 1 };
    await engine.providers.script({ call: 'waste', timing, replies: [{ text: 'word '.repeat(400).trim() }] });
    const told = open(engine.providers.url, ['waste']);
    let wasted = 0;
    for (let round = 0; round < 18; round++) wasted += await cutAfter(round % 12, 'waste', told);
    const { llm: counted } = await engine.providers.counters('waste');
    expect(wasted).toBe(counted.tokensSent);
    expect(wasted).toBeGreaterThan(60);
    expect(told.counts['turnwise_llm_tokens_total openai model-of-waste completion']).toBe(wasted);
  });

  it('is seen as cancelled by its provider within 50 ms', { retry: 2 }, async () => {
    const call = `seen-${performance.now()}`; // Its own at each try.
    await engine.providers.script({ call, timing: { llmTtft: 20_000, llmPerToken: 1 } });
    const { model } = open(engine.providers.url, [call], {
      switches: { fallback: false, hedging: false, deadlines: false },
    });
    const stream = model.reply(asking('hi'));
    await vi.waitFor(() => expect(engine.providers.ledger.of(call).llm.requests).toBe(1));
    const cancelledAtMs = performance.now();
    stream.cancel();
    await vi.waitFor(() => expect(engine.providers.ledger.of(call).llm.aborted).toBe(1), { interval: 2 });
    expect(performance.now() - cancelledAtMs).toBeLessThan(50);
    expect(await hear(stream)).toEqual({ text: '', toolCalls: [], error: undefined });
  });

  it('finds a connection open for the next one, every time', async () => {
    const timing = { llmTtft: 2, llmPerToken: 1 };
    await engine.providers.script({ call: 'reuse', timing, replies: [{ text: 'word '.repeat(400).trim() }] });
    const told = open(engine.providers.url, ['reuse']);
    told.model.warm();
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (let round = 0; round < 10; round++) await cutAfter(3, 'reuse', told);
    expect(told.counts['turnwise_provider_connections_total openai true']).toBe(10);
    expect(told.counts['turnwise_provider_connections_total openai false']).toBeUndefined();
  });
});
