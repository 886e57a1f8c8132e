import { initializeLogger, stt } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from './manual-clock.js';
import {
  envelope,
  layOut,
  mute,
  RATE_HZ,
  type RunningProviders,
  type SpokenWord,
  speak,
  startScripted,
} from './support.js';

const ORDER = layOut([
  ['a', 120],
  ['large', 360],
  ['latte', 420],
  ['please', 300],
]);
const OTHER = layOut([
  ['two', 240],
  ['small', 300],
  ['espressos', 500],
]);

let providers: RunningProviders;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterAll(() => providers.close());

async function script(call: string, words: SpokenWord[], rest: object = {}): Promise<void> {
  await providers.script({
    call,
    timing: { sttLatency: 20, sttFinalizeMs: 5 },
    turns: [{ words, envelopeDbfs: envelope(speak(words)) }],
    ...rest,
  });
}

describe('the official Deepgram plugin', () => {
  /** Lets the plugin recognise one clip, flushed at its end, and returns its events. */
  async function recognise(call: string, samples: Int16Array, options: object = {}): Promise<stt.SpeechEvent[]> {
    const plugin = new deepgram.STT({ apiKey: `key:${call}`, baseUrl: providers.wsUrl, ...options });
    const stream = plugin.stream();
    const events: stt.SpeechEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    for (let at = 0; at < samples.length; at += RATE_HZ / 100) {
      const frame = samples.slice(at, at + RATE_HZ / 100);
      stream.pushFrame(new AudioFrame(frame, RATE_HZ, 1, frame.length));
    }
    stream.flush();
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain(stt.SpeechEventType.FINAL_TRANSCRIPT));
    stream.endInput();
    await reading;
    return events;
  }
  const finalText = (events: readonly stt.SpeechEvent[]): string =>
    events
      .filter(({ type }) => type === stt.SpeechEventType.FINAL_TRANSCRIPT)
      .map(({ alternatives }) => alternatives?.[0].text)
      .join(' ');

  it('hears start of speech, interim words and the final with word times', async () => {
    await script('plugin', ORDER);
    const events = await recognise('plugin', speak(ORDER, 500), { endpointing: 300 });
    const types = events.map(({ type }) => type).filter((type) => type !== stt.SpeechEventType.RECOGNITION_USAGE);
    expect(types[0]).toBe(stt.SpeechEventType.START_OF_SPEECH);
    expect(types.indexOf(stt.SpeechEventType.FINAL_TRANSCRIPT)).toBeGreaterThan(0);
    expect(finalText(events)).toBe('A large latte please.');
    const final = events.find(({ type }) => type === stt.SpeechEventType.FINAL_TRANSCRIPT)?.alternatives?.[0];
    expect(final?.confidence).toBeCloseTo(0.99);
    expect(final?.words?.map(({ text }) => text)).toEqual(['A', 'large', 'latte', 'please.']);
    expect(final?.words?.[1]?.startTime).toBeCloseTo(0.28, 1);
  });

  it('ends the speech when the endpointing silence has passed', async () => {
    await script('endpoint', ORDER);
    const events = await recognise('endpoint', speak(ORDER, 900), { endpointing: 300 });
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain(stt.SpeechEventType.END_OF_SPEECH));
  });

  it('loses exactly the word whose audio was muted', async () => {
    await script('muted', ORDER);
    const { startMs, endMs } = ORDER[2] ?? { startMs: 0, endMs: 0 };
    const muted = mute(speak(ORDER, 500), startMs, endMs);
    // Longer than the gap that muting makes, so that there is one final to wait for.
    expect(finalText(await recognise('muted', muted, { endpointing: 2_000 }))).toBe('A large please.');
  });

  it('keeps two calls at once apart', async () => {
    await Promise.all([script('one', ORDER), script('two', OTHER)]);
    const [one, two] = await Promise.all([recognise('one', speak(ORDER, 500)), recognise('two', speak(OTHER, 500))]);
    expect([finalText(one), finalText(two)]).toEqual(['A large latte please.', 'Two small espressos.']);
    const counters = await providers.counters('two');
    expect(counters.stt).toMatchObject({ connections: 1, finalizes: 1, aborted: 0 });
    expect(counters.stt.audioMs).toBeCloseTo((speak(OTHER, 500).length * 1_000) / RATE_HZ, -2);
  });
});

interface RawClient {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[];
  readonly closed: Promise<{ code: number; reason: string }>;
  send(message: object): void;
  /** Plays 16 kHz audio at once. */
  play(samples: Int16Array): void;
  next(type: string): Promise<Record<string, unknown>>;
}

function connect(
  query: string,
  headers: Record<string, string> = { Authorization: 'Token key' },
  server = providers,
): Promise<RawClient> {
  const socket = new WebSocket(`${server.wsUrl}/v1/listen?${query}`, { headers });
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => reject(Object.assign(new Error(body), { status: response.statusCode })));
    });
    socket.on('open', () =>
      resolve({
        socket,
        messages,
        closed,
        send: (message) => socket.send(JSON.stringify(message)),
        play: (samples) => socket.send(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)),
        next: (type) =>
          vi.waitFor(() => {
            const index = messages.findIndex((message) => message.type === type);
            if (index === -1) throw new Error(`no ${type} yet`);
            return messages.splice(index, 1)[0] ?? {};
          }),
      }),
    );
  });
}

const PLAIN = 'model=nova-3&encoding=linear16&sample_rate=16000';

describe('WS /v1/listen', () => {
  it('answers an empty Finalize with an empty final', async () => {
    const client = await connect(PLAIN);
    client.send({ type: 'Finalize' });
    expect(await client.next('Results')).toMatchObject({
      is_final: true,
      speech_final: false,
      from_finalize: true,
      channel: { alternatives: [{ transcript: '', words: [] }] },
      metadata: { request_id: expect.any(String), model_info: { name: 'turnwise-scripted' } },
    });
    client.socket.terminate();
  });

  it('sends what is left, then Metadata, then closes with 1000 on CloseStream', async () => {
    await script('closing', ORDER);
    const client = await connect(PLAIN, { Authorization: 'Token key:closing' });
    client.play(speak(ORDER, 20));
    client.send({ type: 'CloseStream' });
    expect(await client.closed).toMatchObject({ code: 1000 });
    const [results, metadata] = client.messages.slice(-2);
    expect(results).toMatchObject({ type: 'Results', is_final: true, from_finalize: false });
    expect(metadata).toMatchObject({ type: 'Metadata', channels: 1, request_id: expect.any(String) });
    expect(metadata?.duration).toBeCloseTo(speak(ORDER, 20).length / RATE_HZ, 3);
  });

  it('sends only what was asked for: no interims, no speech events, raw words', async () => {
    await script('bare', ORDER);
    const client = await connect(`${PLAIN}&endpointing=false`, { Authorization: 'Token key:bare' });
    client.play(speak(ORDER, 2_000));
    client.send({ type: 'Finalize' });
    const results = await client.next('Results');
    expect(results).toMatchObject({ channel: { alternatives: [{ transcript: 'a large latte please' }] } });
    expect(JSON.stringify(results)).not.toContain('punctuated_word');
    expect(client.messages).toEqual([]);
    client.socket.terminate();
  });

  it('raises SpeechStarted and UtteranceEnd for those who ask', async () => {
    await script('events', ORDER);
    const client = await connect(
      `${PLAIN}&interim_results=true&vad_events=true&utterance_end_ms=1000&endpointing=300`,
      {
        Authorization: 'Token key:events',
      },
    );
    client.play(speak(ORDER, 2_000));
    expect(await client.next('SpeechStarted')).toMatchObject({ channel: [0, 1], timestamp: expect.closeTo(0.1, 1) });
    expect(await client.next('UtteranceEnd')).toMatchObject({ last_word_end: expect.closeTo(1.48, 1) });
    client.socket.terminate();
  });

  it('takes the call from a tag as well', async () => {
    await script('tagged', OTHER);
    const client = await connect(`${PLAIN}&endpointing=false&punctuate=true&tag=call:tagged`);
    client.play(speak(OTHER, 500));
    client.send({ type: 'Finalize' });
    expect(await client.next('Results')).toMatchObject({
      channel: { alternatives: [{ transcript: 'Two small espressos.' }] },
    });
    client.socket.terminate();
  });

  it.each([
    ['another encoding', 'encoding=opus&sample_rate=16000', 'encoding'],
    ['no sample rate', 'encoding=linear16', 'sample_rate'],
    ['two channels', `${PLAIN}&channels=2`, 'channels'],
    ['a flag that is none', `${PLAIN}&interim_results=perhaps`, 'interim_results'],
  ])('refuses %s in Deepgram’s words', async (_case, query, name) => {
    const refusal = await connect(query).catch((error: Error) => error);
    expect(refusal).toMatchObject({ status: 400 });
    expect(JSON.parse((refusal as Error).message)).toMatchObject({
      err_code: 'Bad Request',
      err_msg: expect.stringContaining(name),
      request_id: expect.any(String),
    });
  });

  it('refuses clients without a key', async () => {
    await expect(connect(PLAIN, {})).rejects.toMatchObject({ status: 401 });
  });

  it('closes with NET-0001 after 10 s without audio or KeepAlive, and not before', async () => {
    const clock = new ManualClock();
    const server = await startScripted({ clock });
    const client = await connect(PLAIN, { Authorization: 'Token key:idle' }, server);
    await vi.waitFor(() => expect(clock.waiting).toBe(1));
    await clock.advance(9_999);
    client.send({ type: 'KeepAlive' });
    await vi.waitFor(async () => expect((await server.counters('idle')).stt.keepAlives).toBe(1));
    await clock.advance(9_999);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    await clock.advance(1);
    expect(await client.closed).toEqual({ code: 1011, reason: expect.stringContaining('net0001') });
    const closing = server.close();
    await vi.waitFor(() => clock.advance(1_000));
    await closing;
  });

  it('ignores messages it does not know, and closes on text that is none', async () => {
    const client = await connect(PLAIN);
    client.send({ type: 'Configure', features: {} });
    client.send({ type: 'KeepAlive' });
    client.send({ type: 'Finalize' });
    await client.next('Results');
    client.socket.send('{"type":');
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it('survives garbage bytes as audio', async () => {
    const client = await connect(PLAIN);
    client.socket.send(Buffer.from([1, 2, 3]));
    client.send({ type: 'Finalize' });
    await client.next('Results');
    client.socket.terminate();
  });
});
