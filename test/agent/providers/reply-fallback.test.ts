import { llm } from '@livekit/agents';
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import { describe, expect, it, vi } from 'vitest';
import { REPLY_DEADLINES } from '../../../agent/providers/reply-provider.js';
import { ManualClock } from '../../support/manual-clock.js';
import { ALL_ON, asking, hear, QUICK, type replyModel, scriptedModels } from './reply-support.js';

const engine = scriptedModels();
const { open } = engine;

const TEXT = 'One large latte, coming up.';
const FAST = { llmTtft: 2, llmPerToken: 1 };
/** Only what is named goes on; nothing is hedged. */
const FALLBACK = { ...ALL_ON, hedging: false };
const tools = new llm.ToolContext([
  llm.tool({
    name: 'find',
    description: 'Finds.',
    parameters: { type: 'object', properties: {} },
    execute: async () => '',
  }),
]);
const fault = (kind: string, more: object = {}) => ({ component: 'llm', kind, ...more });

let names = 0;
/** Two providers, the first of which is struck. */
async function struck(faults: readonly object[], options: Parameters<typeof replyModel>[2] = {}) {
  names += 1;
  const [first, second] = [`first-${names}`, `second-${names}`];
  await engine.providers.script({ call: first, timing: FAST, replies: [{ text: TEXT }], faults });
  await engine.providers.script({ call: second, timing: FAST, replies: [{ text: TEXT }] });
  const told = open(engine.providers.url, [first, second], { switches: FALLBACK, ...options });
  const { ledger } = engine.providers;
  return { ...told, first: ledger.of(first), second: ledger.of(second), secondModel: `model-of-${second}` };
}

describe('a provider that fails', () => {
  it.each([
    ['answers 429', fault('status', { status: 429 }), 'llm-status'],
    ['answers 500', fault('status'), 'llm-status'],
    ['answers 401', fault('status', { status: 401 }), 'llm-status'],
    ['refuses the connection', fault('refuse'), 'llm-connection'],
    ['drops it', fault('drop'), 'llm-connection'],
    ['answers with garbage', fault('garbage'), 'llm-connection'],
  ])('that %s leaves the reply to the next one', async (_case, spec, kind) => {
    const { model, counts, errors, first, second, secondModel } = await struck([spec]);
    const stream = model.reply(asking('a latte'));
    expect(await hear(stream)).toEqual({ text: TEXT, toolCalls: [], error: undefined });
    const { requestedAtMs = Number.NaN, answeredBy } = stream;
    expect(answeredBy).toMatchObject({ provider: 'openai', model: secondModel });
    expect(answeredBy?.askedAtMs).toBeGreaterThan(requestedAtMs);
    expect(errors).toEqual([kind]);
    expect([first.llm.requests, second.llm.requests]).toEqual([1, 1]);
    expect(counts['turnwise_failovers_total llm']).toBe(1);
  });

  it.each([
    ['is silent from the start', fault('stall')],
    ['sends headers and signs of life, but no word', fault('keep-alive', { everyMs: 20 })],
  ])('that %s leaves it at the hard deadline', async (_case, spec) => {
    const { model, errors, first } = await struck([spec], { deadlines: QUICK });
    expect((await hear(model.reply(asking('a latte')))).text).toBe(TEXT);
    expect(errors[0]).toBe('llm-timeout');
    await vi.waitFor(() => expect(first.llm.aborted).toBe(1));
  });

  it('is asked once more when it is the only one', async () => {
    const timing = FAST;
    await engine.providers.script({
      call: 'only',
      timing,
      replies: [{ text: TEXT }],
      faults: [fault('status', { nth: [1] })],
    });
    const { model, counts } = open(engine.providers.url, ['only'], { switches: FALLBACK });
    expect((await hear(model.reply(asking('a latte')))).text).toBe(TEXT);
    expect(counts['turnwise_failovers_total llm']).toBe(1);
  });

  it('is not asked again what it refused for the request’s own fault', async () => {
    await engine.providers.script({ call: 'bad', timing: FAST, faults: [fault('status', { status: 400 })] });
    const { model } = open(engine.providers.url, ['bad'], { switches: FALLBACK });
    for (let round = 0; round < 4; round++) {
      expect((await hear(model.reply(asking('hi')))).error).toMatchObject({ code: 'failed' });
    }
    // Nor does the breaker open for it.
    expect(engine.providers.ledger.of('bad').llm.requests).toBe(4);
  });

  it('ends the reply without fallback', async () => {
    const { model, second } = await struck([fault('status')], { switches: { ...ALL_ON, fallback: false } });
    const { error } = await hear(model.reply(asking('a latte')));
    expect(error).toMatchObject({ code: 'failed', message: expect.stringContaining('apology') });
    expect(error?.cause).toMatchObject({ kind: 'status', status: 500 });
    expect(second.llm.requests).toBe(0);
  });
});

describe('an answer that breaks off', () => {
  it.each([
    ['is dropped', fault('drop', { afterItems: 3 }), 'llm-connection'],
    ['becomes an error', fault('status', { afterItems: 3 }), 'llm-connection'],
    ['stalls', fault('stall', { afterItems: 3 }), 'llm-stall'],
  ])('because it %s says how much was given on, and is not begun again', async (_case, spec, kind) => {
    const deadlines = { ...REPLY_DEADLINES, idleMs: QUICK.idleMs };
    const { model, errors, second } = await struck([spec], { deadlines });
    const stream = model.reply(asking('a latte'));
    const { text, error } = await hear(stream);
    expect(text).toBe('One large latte');
    expect(error).toMatchObject({ code: 'broken', charactersGiven: text.length, toolCallsGiven: 0 });
    expect(errors).toEqual([kind]);
    expect(second.llm.requests).toBe(0);
    expect((await stream.usage).completionTokens).toBe(3);
  });

  it('is begun again when it was a tool call of which nothing was given on', async () => {
    names += 1;
    const calls = [`first-${names}`, `second-${names}`];
    const toolCalls = [{ name: 'find', arguments: { what: 'something long enough for several pieces' } }];
    await engine.providers.script({
      call: calls[0],
      timing: FAST,
      replies: [{ toolCalls }],
      faults: [fault('drop', { afterItems: 2 })],
    });
    await engine.providers.script({ call: calls[1], timing: FAST, replies: [{ toolCalls }] });
    const { model } = open(engine.providers.url, calls, { switches: FALLBACK });
    const heard = await hear(model.reply(asking('find it', { tools })));
    expect([heard.toolCalls.length, heard.error]).toEqual([1, undefined]);
  });
});

describe('a tool call that is cut at the limit of tokens', () => {
  const calling = (characters: number) => [{ name: 'find', arguments: { what: 'x'.repeat(characters) } }];
  const TOO_LONG = 12_000;

  it('is left to the next provider, told and counted', async () => {
    names += 1;
    const calls = [`first-${names}`, `second-${names}`];
    await engine.providers.script({ call: calls[0], timing: FAST, replies: [{ toolCalls: calling(TOO_LONG) }] });
    await engine.providers.script({ call: calls[1], timing: FAST, replies: [{ toolCalls: calling(10) }] });
    const { model, counts, errors } = open(engine.providers.url, calls, { switches: FALLBACK });
    const stream = model.reply(asking('find it', { tools }));
    const { toolCalls, error } = await hear(stream);
    expect([toolCalls.length, error, errors]).toEqual([1, undefined, ['llm-cut']]);
    expect(counts['turnwise_failovers_total llm']).toBe(1);
    // What was lost was paid for.
    const sent = calls.map((call) => engine.providers.ledger.of(call).llm.tokensSent);
    expect((await stream.usage).completionTokens).toBe(sent.reduce((sum, one) => sum + one, 0));
  });

  it('is a failure of the reply where everybody cuts it', async () => {
    await engine.providers.script({ call: 'cuts', timing: FAST, replies: [{ toolCalls: calling(TOO_LONG) }] });
    const { model, errors } = open(engine.providers.url, ['cuts'], { switches: FALLBACK });
    const { text, toolCalls, error } = await hear(model.reply(asking('find it', { tools })));
    expect([text, toolCalls]).toEqual(['', []]);
    expect(error).toMatchObject({ code: 'failed', toolCallsGiven: 0 });
    expect(errors).toEqual(['llm-cut', 'llm-cut']);
  });

  it('breaks a reply of which something was said', async () => {
    const text = 'One moment.';
    await engine.providers.script({
      call: 'cut-late',
      timing: FAST,
      replies: [{ text, toolCalls: calling(TOO_LONG) }],
    });
    const { model, errors } = open(engine.providers.url, ['cut-late'], { switches: FALLBACK });
    const { error } = await hear(model.reply(asking('find it', { tools })));
    expect(error).toMatchObject({ code: 'broken', charactersGiven: text.length, toolCallsGiven: 0 });
    expect(errors).toEqual(['llm-cut']);
  });
});

describe('a breaker', () => {
  it('opens after three failures, so that the next reply does not wait for that provider', async () => {
    const { model, counts, first, second } = await struck([fault('status')]);
    for (let round = 0; round < 5; round++) expect((await hear(model.reply(asking('hi')))).error).toBeUndefined();
    expect([first.llm.requests, second.llm.requests]).toEqual([3, 5]);
    expect(counts['turnwise_breaker_transitions_total llm open']).toBe(1);
  });

  it('lets one request probe after a rest, and closes when that is answered', async () => {
    const clock = new ManualClock();
    const { model, counts, first } = await struck([fault('status', { nth: [1, 2, 3, 4] })], { clock });
    for (let round = 0; round < 3; round++) await hear(model.reply(asking('hi')));
    clock.advance(1_000);
    await hear(model.reply(asking('hi'))); // The probe fails: it rests for 2 s.
    clock.advance(1_999);
    await hear(model.reply(asking('hi')));
    expect(first.llm.requests).toBe(4);
    clock.advance(1);
    await Promise.all([hear(model.reply(asking('hi'))), hear(model.reply(asking('hi')))]);
    expect(first.llm.requests).toBe(5);
    await hear(model.reply(asking('hi')));
    expect(first.llm.requests).toBe(6);
    expect(counts).toMatchObject({
      'turnwise_breaker_transitions_total llm open': 2,
      'turnwise_breaker_transitions_total llm half-open': 2,
      'turnwise_breaker_transitions_total llm closed': 1,
    });
  });

  it('fails a reply at once when every provider rests', async () => {
    await engine.providers.script({ call: 'down', timing: FAST, faults: [fault('status')] });
    const { model } = open(engine.providers.url, ['down'], { switches: FALLBACK });
    for (let round = 0; round < 2; round++) await hear(model.reply(asking('hi')));
    const requests = engine.providers.ledger.of('down').llm.requests;
    expect((await hear(model.reply(asking('hi')))).error).toMatchObject({ code: 'unavailable' });
    expect(engine.providers.ledger.of('down').llm.requests).toBe(requests);
  });
});

describe("the framework's fallback adapter", () => {
  it('does not bound the first token: a stream that stalls after its headers holds it for ever', async () => {
    await engine.providers.script({ call: 'stock', timing: FAST, faults: [fault('keep-alive', { everyMs: 20 })] });
    await engine.providers.script({ call: 'stock-2', timing: FAST, replies: [{ text: TEXT }] });
    const stock = (call: string) =>
      new OpenAiLlm({ apiKey: `key:${call}`, baseURL: `${engine.providers.url}/v1`, model: 'm' });
    const attemptTimeoutS = 0.06;
    const adapter = new llm.FallbackAdapter({
      llms: [stock('stock'), stock('stock-2')],
      attemptTimeout: attemptTimeoutS,
    });
    const stream = adapter.chat({ chatCtx: new llm.ChatContext([...asking('a latte').items]) });
    const first = stream.next().then(() => 'answered');
    const waited = new Promise((resolve) => setTimeout(() => resolve('still waiting'), attemptTimeoutS * 5_000));
    expect(await Promise.race([first, waited])).toBe('still waiting');
    expect(engine.providers.ledger.of('stock-2').llm.requests).toBe(0);
    stream.close();
  });
});
