import fc from 'fast-check';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { FaultGate, FaultPlan, FaultSpec } from '../../local-providers/faults.js';
import { ManualClock } from './manual-clock.js';
import { envelope, layOut, type RunningProviders, speak, startScripted } from './support.js';

const TIMING = { sttLatency: 5, sttFinalizeMs: 2, llmTtft: 2, llmPerToken: 0, ttsTtfb: 2, ttsCharactersPerSecond: 100 };
const WORDS = layOut([
  ['one', 200],
  ['two', 300],
]);

let providers: RunningProviders;
beforeAll(async () => {
  providers = await startScripted();
});
afterAll(() => providers.close());

function arrange(call: string, ...faults: object[]): Promise<void> {
  return providers.script({
    call,
    timing: TIMING,
    turns: [{ words: WORDS, envelopeDbfs: envelope(speak(WORDS)) }],
    replies: [{ text: 'one two three four' }],
    faults,
  });
}

const struck = async (call: string): Promise<Record<string, number>> => (await providers.counters(call)).faults;

describe('faults of the language model', () => {
  async function ask(call: string, timeoutMs = 5_000): Promise<{ text: string; error: unknown }> {
    const client = new OpenAI({ apiKey: `key:${call}`, baseURL: `${providers.url}/v1`, maxRetries: 0 });
    const seen = { text: '', error: undefined as unknown };
    try {
      const stream = await client.chat.completions.create(
        { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'go' }], stream: true },
        { signal: AbortSignal.timeout(timeoutMs) },
      );
      for await (const chunk of stream) seen.text += chunk.choices[0]?.delta.content ?? '';
      AbortSignal.timeout(timeoutMs).throwIfAborted();
    } catch (error) {
      seen.error = error;
    }
    return seen;
  }

  it('refuses the connection', async () => {
    await arrange('llm-refuse', { component: 'llm', kind: 'refuse' });
    expect(await ask('llm-refuse')).toMatchObject({ text: '', error: expect.any(OpenAI.APIConnectionError) });
    expect(await struck('llm-refuse')).toEqual({ 'llm:refuse': 1 });
  });

  it.each([429, 503])('answers with status %i', async (status) => {
    await arrange(`llm-${status}`, { component: 'llm', kind: 'status', status });
    expect(await ask(`llm-${status}`)).toMatchObject({ text: '', error: { status } });
  });

  it('sends an error in mid-stream', async () => {
    await arrange('llm-error', { component: 'llm', kind: 'status', status: 500, afterItems: 2 });
    expect(await ask('llm-error')).toMatchObject({ text: 'one two', error: expect.any(OpenAI.APIError) });
  });

  it('drops the connection in mid-stream', async () => {
    await arrange('llm-drop', { component: 'llm', kind: 'drop', afterItems: 2 });
    const seen = await ask('llm-drop');
    expect(seen.error).toBeDefined();
    expect((await providers.counters('llm-drop')).llm).toMatchObject({ tokensSent: 2, completed: 0 });
  });

  it.each([
    ['stall', 0, ''],
    ['stall', 2, 'one two'],
    ['keep-alive', 0, ''],
  ])('%s after %i tokens says no more', async (kind, afterItems, text) => {
    const call = `llm-${kind}-${afterItems}`;
    await arrange(call, { component: 'llm', kind, afterItems, everyMs: 10 });
    expect((await ask(call, 150)).text).toBe(text);
    await vi.waitFor(async () =>
      expect((await providers.counters(call)).llm).toMatchObject({ aborted: 1, completed: 0 }),
    );
  });

  it('sends a frame that is none', async () => {
    await arrange('llm-garbage', { component: 'llm', kind: 'garbage', afterItems: 1 });
    expect((await ask('llm-garbage')).error).toBeInstanceOf(SyntaxError);
  });

  it('is slow', async () => {
    await arrange('llm-slow', { component: 'llm', kind: 'slow', delayMs: 40 });
    const startedAtMs = performance.now();
    expect(await ask('llm-slow')).toEqual({ text: 'one two three four', error: undefined });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(160);
  });

  it('strikes only the requests it was told to', async () => {
    await arrange('llm-nth', { component: 'llm', kind: 'status', nth: [2] });
    const texts: string[] = [];
    for (let request = 0; request < 3; request += 1) texts.push((await ask('llm-nth')).text);
    expect(texts).toEqual(['one two three four', '', 'one two three four']);
    expect((await ask('llm-other')).error).toBeUndefined();
  });
});

interface Line {
  readonly socket: WebSocket;
  readonly texts: string[];
  readonly pings: number[];
  readonly ended: Promise<number>;
}

function dial(path: string, headers: Record<string, string>): Promise<Line> {
  const socket = new WebSocket(`${providers.wsUrl}${path}`, { headers });
  const texts: string[] = [];
  const pings: number[] = [];
  socket.on('message', (data) => texts.push(data.toString()));
  socket.on('ping', () => pings.push(performance.now()));
  const ended = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, texts, pings, ended }));
    socket.on('error', reject);
  });
}

describe('faults of the recogniser', () => {
  const listen = (call: string): Promise<Line> =>
    dial('/v1/listen?encoding=linear16&sample_rate=16000&interim_results=true&endpointing=false', {
      Authorization: `Token key:${call}`,
    });
  const play = ({ socket }: Line): void => {
    const samples = speak(WORDS, 400);
    socket.send(Buffer.from(samples.buffer));
    socket.send(JSON.stringify({ type: 'Finalize' }));
  };

  it('refuses the connection', async () => {
    await arrange('stt-refuse', { component: 'stt', kind: 'refuse' });
    await expect(listen('stt-refuse')).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('answers the upgrade with a status', async () => {
    await arrange('stt-status', { component: 'stt', kind: 'status', status: 402 });
    await expect(listen('stt-status')).rejects.toThrow('402');
  });

  it('never answers the upgrade', async () => {
    await arrange('stt-black-hole', { component: 'stt', kind: 'stall', on: 'connection' });
    const outcome = await Promise.race([
      listen('stt-black-hole').then(() => 'open'),
      vi.waitFor(async () => {
        expect(await struck('stt-black-hole')).toEqual({ 'stt:stall': 1 });
        return 'silent';
      }),
    ]);
    expect(outcome).toBe('silent');
  });

  it('drops the connection after a result', async () => {
    await arrange('stt-drop', { component: 'stt', kind: 'drop', afterItems: 1 });
    const line = await listen('stt-drop');
    play(line);
    expect(await line.ended).toBe(1006);
    expect(line.texts.length).toBeLessThanOrEqual(1);
  });

  it('closes with an error in mid-stream', async () => {
    await arrange('stt-error', { component: 'stt', kind: 'status', status: 500, on: 'request' });
    const line = await listen('stt-error');
    play(line);
    expect(await line.ended).toBe(1011);
  });

  it('stalls while the connection stays open', async () => {
    await arrange('stt-stall', { component: 'stt', kind: 'stall' });
    const line = await listen('stt-stall');
    play(line);
    await vi.waitFor(async () => expect((await providers.counters('stt-stall')).stt.finals).toBe(1));
    expect(line.texts).toEqual([]);
    expect(line.socket.readyState).toBe(WebSocket.OPEN);
    line.socket.terminate();
  });

  it('sends empty results only', async () => {
    await arrange('stt-keep-alive', { component: 'stt', kind: 'keep-alive', everyMs: 10 });
    const line = await listen('stt-keep-alive');
    play(line);
    await vi.waitFor(() => expect(line.texts.length).toBeGreaterThan(3));
    for (const text of line.texts) expect(JSON.parse(text).channel.alternatives[0].transcript).toBe('');
    line.socket.terminate();
  });

  it('sends empty results only, from some time on', async () => {
    await arrange('stt-alive-later', { component: 'stt', kind: 'keep-alive', everyMs: 10, afterItems: 1 });
    const line = await listen('stt-alive-later');
    play(line);
    const transcripts = () => line.texts.map((text) => JSON.parse(text).channel?.alternatives[0].transcript);
    await vi.waitFor(() => expect(transcripts().length).toBeGreaterThan(4), 5_000);
    const [first, ...others] = transcripts();
    expect(first).not.toBe('');
    expect(new Set(others)).toEqual(new Set(['']));
    line.socket.terminate();
  });

  it('sends a frame that is none, and goes on', async () => {
    await arrange('stt-garbage', { component: 'stt', kind: 'garbage' });
    const line = await listen('stt-garbage');
    play(line);
    await vi.waitFor(() => expect(line.texts.at(-1)).toContain('"from_finalize":true'));
    expect(() => JSON.parse(line.texts[0] ?? '')).toThrow();
    line.socket.terminate();
  });

  it('is slow, and keeps the order', async () => {
    await arrange('stt-slow', { component: 'stt', kind: 'slow', delayMs: 60 });
    const line = await listen('stt-slow');
    const startedAtMs = performance.now();
    play(line);
    await vi.waitFor(() => expect(line.texts.at(-1)).toContain('"from_finalize":true'));
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(60);
    line.socket.terminate();
  });
});

describe('faults of the synthesiser', () => {
  const open = (call: string): Promise<Line> =>
    dial('/tts/websocket', { 'X-API-Key': `key:${call}`, 'Cartesia-Version': '2025-04-16' });
  const say = ({ socket }: Line): void =>
    socket.send(
      JSON.stringify({
        model_id: 'sonic-3',
        transcript: 'One two three.',
        voice: { mode: 'id', id: 'v' },
        output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
        context_id: 'c',
        continue: false,
      }),
    );
  const typesOf = ({ texts }: Line): string[] => texts.map((text) => JSON.parse(text).type);

  it('refuses the connection', async () => {
    await arrange('tts-refuse', { component: 'tts', kind: 'refuse' });
    await expect(open('tts-refuse')).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('answers the upgrade with a status', async () => {
    await arrange('tts-upgrade', { component: 'tts', kind: 'status', status: 401, on: 'connection' });
    await expect(open('tts-upgrade')).rejects.toThrow('401');
  });

  it.each([0, 1])('sends an error frame after %i chunks', async (afterItems) => {
    await arrange(`tts-status-${afterItems}`, { component: 'tts', kind: 'status', status: 429, afterItems });
    const line = await open(`tts-status-${afterItems}`);
    say(line);
    await vi.waitFor(() => expect(typesOf(line)).toContain('error'));
    expect(JSON.parse(line.texts.at(-1) ?? '')).toMatchObject({ status_code: 429, done: true, context_id: 'c' });
    expect(typesOf(line).filter((type) => type === 'chunk')).toHaveLength(afterItems);
    line.socket.terminate();
  });

  it('drops the connection after a chunk', async () => {
    await arrange('tts-drop', { component: 'tts', kind: 'drop', afterItems: 1 });
    const line = await open('tts-drop');
    say(line);
    expect(await line.ended).toBe(1006);
    const { tts } = await providers.counters('tts-drop');
    expect(tts).toMatchObject({ completed: 0, charactersSynthesised: 0 });
  });

  it('stalls after a chunk', async () => {
    await arrange('tts-stall', { component: 'tts', kind: 'stall', afterItems: 1 });
    const line = await open('tts-stall');
    say(line);
    await vi.waitFor(async () => expect(await struck('tts-stall')).toEqual({ 'tts:stall': 1 }));
    expect(typesOf(line)).toEqual(['chunk']);
    line.socket.terminate();
    await vi.waitFor(async () => expect((await providers.counters('tts-stall')).tts.aborted).toBe(1));
  });

  it('sends pings only', async () => {
    await arrange('tts-keep-alive', { component: 'tts', kind: 'keep-alive', everyMs: 10 });
    const line = await open('tts-keep-alive');
    say(line);
    await vi.waitFor(() => expect(line.pings.length).toBeGreaterThan(3));
    expect(line.texts).toEqual([]);
    line.socket.terminate();
  });

  it('sends a frame that is none', async () => {
    await arrange('tts-garbage', { component: 'tts', kind: 'garbage' });
    const line = await open('tts-garbage');
    say(line);
    await vi.waitFor(() => expect(line.texts.at(-1)).toContain('"done":true'));
    expect(() => JSON.parse(line.texts[0] ?? '')).toThrow();
    line.socket.terminate();
  });
});

describe('FaultPlan', () => {
  it('draws the same faults from the same seed', () => {
    const specs = [FaultSpec.parse({ component: 'llm', kind: 'drop', probability: 0.3 })];
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draws = [new FaultPlan(specs, seed), new FaultPlan(specs, seed)].map((plan) =>
          Array.from({ length: 30 }, () => plan.draw('llm', 'request') !== undefined),
        );
        expect(draws[0]).toEqual(draws[1]);
      }),
    );
  });

  it('strikes about as often as its probability says', () => {
    const plan = new FaultPlan([FaultSpec.parse({ component: 'tts', kind: 'stall', probability: 0.2 })], 7);
    const hits = Array.from({ length: 2_000 }, () => plan.draw('tts', 'request')).filter((spec) => spec !== undefined);
    expect(hits.length).toBeGreaterThan(330);
    expect(hits.length).toBeLessThan(470);
  });
});

describe('FaultGate', () => {
  it('waits for both its items and its time', async () => {
    const clock = new ManualClock();
    const spec = FaultSpec.parse({ component: 'stt', kind: 'stall', afterItems: 1, afterMs: 100 });
    const gate = new FaultGate(spec, clock);
    expect(gate.next().kind).toBe('send');
    expect(gate.next().kind).toBe('send');
    await clock.advance(100);
    expect(gate.next().kind).toBe('stall');
  });
});
