import { initializeLogger, llm } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { countTokens } from '../../local-providers/tokens.js';
import { type RunningProviders, startScripted } from './support.js';

const FAST = { llmTtft: 5, llmPerToken: 0 };

let providers: RunningProviders;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterAll(() => providers.close());

const baseURL = (): string => `${providers.url}/v1`;
const client = (call: string): OpenAI => new OpenAI({ apiKey: `key:${call}`, baseURL: baseURL(), maxRetries: 0 });

describe('the official OpenAI plugin', () => {
  const tools = new llm.ToolContext([
    llm.tool({
      name: 'place_order',
      description: 'Places an order.',
      parameters: z.object({ drink: z.string(), size: z.string() }),
      execute: async () => 'placed',
    }),
  ]);

  async function ask(call: string, chatCtx: llm.ChatContext): Promise<llm.ChatChunk[]> {
    const plugin = new openai.LLM({ apiKey: `key:${call}`, baseURL: baseURL(), model: 'gpt-4o-mini' });
    const chunks: llm.ChatChunk[] = [];
    for await (const chunk of plugin.chat({ chatCtx, toolCtx: tools })) chunks.push(chunk);
    return chunks;
  }
  const textOf = (chunks: readonly llm.ChatChunk[]): string => chunks.map(({ delta }) => delta?.content ?? '').join('');

  it('streams the scripted reply and its usage', async () => {
    const reply = 'One large latte, coming up.';
    await providers.script({ call: 'plugin', timing: FAST, replies: [{ text: reply }] });
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: 'a large latte' });
    const chunks = await ask('plugin', chatCtx);
    expect(textOf(chunks)).toBe(reply);
    expect(chunks.filter(({ delta }) => delta?.content).length).toBeGreaterThan(3);
    expect(chunks.at(-1)?.usage).toMatchObject({ completionTokens: countTokens(reply), promptCachedTokens: 0 });
  });

  it('calls a tool and answers with its result in hand', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'extremely large, if you have it' } };
    await providers.script({
      call: 'tools',
      timing: FAST,
      replies: [{ toolCalls: [call], afterTools: 'It is placed.' }],
    });
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: 'a large latte' });
    const [made] = (await ask('tools', chatCtx)).flatMap(({ delta }) => delta?.toolCalls ?? []);
    expect(made?.name).toBe('place_order');
    expect(JSON.parse(made?.args ?? '')).toEqual(call.arguments);
    if (made === undefined) throw new Error('no tool call');
    chatCtx.insert([
      made,
      llm.FunctionCallOutput.create({ callId: made.callId, name: made.name, output: 'placed', isError: false }),
    ]);
    expect(textOf(await ask('tools', chatCtx))).toBe('It is placed.');
  });

  it('tells a prewarm which models there are', async () => {
    expect((await client('models').models.list()).data.map(({ id }) => id)).toContain('gpt-4o-mini');
  });

  it('keeps two calls at once apart', async () => {
    const answers = await Promise.all(
      ['left', 'right'].map(async (call) => {
        await providers.script({
          call,
          timing: { llmTtft: 5, llmPerToken: 2 },
          replies: [{ text: `This is the ${call} one.` }],
        });
        const chatCtx = llm.ChatContext.empty();
        chatCtx.addMessage({ role: 'user', content: 'who?' });
        return textOf(await ask(call, chatCtx));
      }),
    );
    expect(answers).toEqual(['This is the left one.', 'This is the right one.']);
  });
});

describe('POST /v1/chat/completions', () => {
  const messages = [{ role: 'user' as const, content: 'a mocha please' }];

  it('answers whole when not asked to stream, and echoes without a script', async () => {
    await providers.script({ call: 'whole', timing: FAST });
    const answer = await client('whole').chat.completions.create({ model: 'gpt-4o-mini', messages });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'You said: a mocha please.' }, finish_reason: 'stop' }],
      usage: { completion_tokens: 7, prompt_tokens_details: { cached_tokens: 0 } },
    });
  });

  it('sends role, content, finish reason, usage and [DONE], in this order', async () => {
    await providers.script({ call: 'frames', timing: FAST, replies: [{ text: 'Sure.' }] });
    const response = await fetch(`${baseURL()}/chat/completions`, {
      method: 'POST',
      headers: { Authorization: 'Bearer key:frames' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages, stream: true, stream_options: { include_usage: true } }),
    });
    const frames = (await response.text()).trimEnd().split('\n\n');
    expect(frames.at(-1)).toBe('data: [DONE]');
    const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace('data: ', '')));
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'Sure' },
      { content: '.' },
      {},
      undefined,
    ]);
    expect(chunks[3].choices[0].finish_reason).toBe('stop');
    expect(chunks[4]).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
  });

  it.each(['max_tokens', 'max_completion_tokens'])('stops at %s and says so', async (name) => {
    await providers.script({ call: name, timing: FAST, replies: [{ text: 'one two three four five' }] });
    const answer = await client(name).chat.completions.create({ model: 'gpt-4o-mini', messages, [name]: 3 });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'one two three' }, finish_reason: 'length' });
    expect((await providers.counters(name)).llm.tokensSent).toBe(3);
  });

  it('stops in the middle of a tool call, too', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'extremely large' } };
    await providers.script({ call: 'cut-call', timing: FAST, replies: [{ toolCalls: [call] }] });
    const answer = await client('cut-call').chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      tools: [{ type: 'function', function: { name: 'place_order', parameters: {} } }],
      max_completion_tokens: 3,
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe('length');
    expect(choice?.message.tool_calls).toMatchObject([{ function: { arguments: '{"drink":"latte","size":' } }]);
    expect((await providers.counters('cut-call')).llm.tokensSent).toBe(3);
  });

  it('counts the cached beginning of a long prompt', async () => {
    await providers.script({ call: 'cache', timing: FAST });
    const system = { role: 'system' as const, content: 'word '.repeat(1_500) };
    const ask = (content: string) =>
      client('cache').chat.completions.create({ model: 'gpt-4o-mini', messages: [system, { role: 'user', content }] });
    expect((await ask('one')).usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect((await ask('two')).usage?.prompt_tokens_details?.cached_tokens).toBe(1_408); // 11 steps of 128 in 1500
  });

  it('counts a tool call by its pieces, as who reads along can', async () => {
    const call = { name: 'place_order', arguments: { drink: 'latte', size: 'extremely large' } };
    await providers.script({ call: 'pieces', timing: FAST, replies: [{ toolCalls: [call] }] });
    const tools = [{ type: 'function' as const, function: { name: 'place_order', parameters: {} } }];
    const stream = await client('pieces').chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    let pieces = 0;
    let told: number | undefined;
    for await (const { choices, usage } of stream) {
      if (choices[0]?.delta.tool_calls) pieces += 1;
      told = usage?.completion_tokens ?? told;
    }
    expect(pieces).toBeGreaterThan(3);
    expect([told, (await providers.counters('pieces')).llm.tokensSent]).toEqual([pieces, pieces]);
  });

  it('stops the engine when the client goes away, and counts what was sent until then', async () => {
    await providers.script({
      call: 'gone',
      timing: { llmTtft: 1, llmPerToken: 20 },
      replies: [{ text: 'word '.repeat(500) }],
    });
    const controller = new AbortController();
    const stream = await client('gone').chat.completions.create(
      { model: 'gpt-4o-mini', messages, stream: true },
      { signal: controller.signal },
    );
    let received = 0;
    await expect(
      (async () => {
        for await (const chunk of stream) {
          if (chunk.choices[0]?.delta.content) received += 1;
          if (received === 3) controller.abort();
        }
        controller.signal.throwIfAborted();
      })(),
    ).rejects.toThrow();
    const counters = await vi.waitFor(async () => {
      const { llm: counted } = await providers.counters('gone');
      expect(counted.aborted).toBe(1);
      return counted;
    });
    expect(counters).toMatchObject({ requests: 1, completed: 0 });
    expect(counters.tokensSent).toBeGreaterThanOrEqual(3);
    expect(counters.tokensSent).toBeLessThan(10);
  });

  it.each([
    ['no JSON', '{"model":', null],
    ['no messages', JSON.stringify({ model: 'gpt-4o-mini' }), 'messages'],
    ['two choices', JSON.stringify({ model: 'm', messages, n: 2 }), 'n'],
    ['an unknown role', JSON.stringify({ model: 'm', messages: [{ role: 'boss', content: '' }] }), 'messages[0].role'],
  ])('refuses %s in OpenAI’s words', async (_case, body, param) => {
    const response = await fetch(`${baseURL()}/chat/completions`, {
      method: 'POST',
      headers: { Authorization: 'Bearer key' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it('refuses clients without a key', async () => {
    const response = await fetch(`${baseURL()}/models`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});
