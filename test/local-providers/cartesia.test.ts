import { initializeLogger } from '@livekit/agents';
import * as cartesia from '@livekit/agents-plugin-cartesia';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningProviders, startScripted } from './support.js';

const RATE_HZ = 24_000;
/** 100 characters a second keep the audio short; latency as good as none. */
const FAST = { ttsTtfb: 5, ttsCharactersPerSecond: 100 };
const VERSION = '2025-04-16';

let providers: RunningProviders;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
  await providers.script({ call: '*', timing: FAST });
});
afterAll(() => providers.close());

describe('the official Cartesia plugin', () => {
  const plugin = (call: string): cartesia.TTS => new cartesia.TTS({ apiKey: `key:${call}`, baseUrl: providers.url });

  async function say(tts: cartesia.TTS, text: string): Promise<{ ms: number; peak: number; words: string[] }> {
    const stream = tts.stream();
    stream.pushText(text);
    stream.endInput();
    const heard = { ms: 0, peak: 0, words: [] as string[] };
    for await (const audio of stream) {
      if (typeof audio === 'symbol') break;
      heard.ms += (audio.frame.samplesPerChannel * 1_000) / audio.frame.sampleRate;
      heard.peak = audio.frame.data.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), heard.peak);
      heard.words.push(...(audio.timedTranscripts ?? []).map(({ text: word }) => word.trim()));
    }
    stream.close();
    return heard;
  }

  it('speaks a text of several sentences, as long as it should be and with word times', async () => {
    const tts = plugin('plugin');
    const text = 'One large latte with oat milk. It will be ready in five minutes, thank you!';
    const heard = await say(tts, text);
    expect(heard.ms).toBeGreaterThan(text.length * 9);
    expect(heard.ms).toBeLessThan(text.length * 12);
    expect(heard.peak).toBeGreaterThan(5_000);
    expect(heard.words.join(' ')).toBe(text);
    await tts.close();
    expect((await providers.counters('plugin')).tts).toMatchObject({
      connections: 1,
      requests: 1,
      completed: 1,
      aborted: 0,
    });
  });

  it('uses one socket for one utterance after the other', async () => {
    const tts = plugin('pooled');
    await say(tts, 'The first one.');
    await say(tts, 'And the second.');
    await tts.close();
    expect((await providers.counters('pooled')).tts).toMatchObject({ connections: 1, requests: 2, completed: 2 });
  });

  it('asks for an emotion, which is counted', async () => {
    const tts = new cartesia.TTS({ apiKey: 'key:moved', baseUrl: providers.url, emotion: ['content'] });
    await say(tts, 'The first one.');
    await tts.close();
    expect((await providers.counters('moved')).tts).toMatchObject({ requests: 1, emotions: { content: 1 } });
  });

  it('keeps two calls at once apart', async () => {
    const [left, right] = [plugin('left'), plugin('right')];
    const heard = await Promise.all([say(left, 'Left says this.'), say(right, 'And right says that.')]);
    expect(heard.map(({ words }) => words.join(' '))).toEqual(['Left says this.', 'And right says that.']);
    await Promise.all([left.close(), right.close()]);
  });
});

interface Frame {
  readonly type?: string;
  readonly context_id?: string;
  readonly data?: string;
  readonly [key: string]: unknown;
}

async function open(
  call = 'raw',
  headers: Record<string, string> = { 'Cartesia-Version': VERSION },
): Promise<RawClient> {
  const socket = new WebSocket(`${providers.wsUrl}/tts/websocket`, {
    headers: { 'X-API-Key': `key:${call}`, ...headers },
  });
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return {
    socket,
    frames,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    until: (type, contextId) =>
      vi.waitFor(
        () => {
          const frame = frames.find(
            (each) => each.type === type && (contextId === undefined || each.context_id === contextId),
          );
          if (frame === undefined) throw new Error(`no ${type} yet`);
          return frame;
        },
        { timeout: 5_000 },
      ),
  };
}

interface RawClient {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  send(message: object | string): void;
  until(type: string, contextId?: string): Promise<Frame>;
}

function request(contextId: string, transcript: string, rest: object = {}): object {
  return {
    model_id: 'sonic-3',
    transcript,
    voice: { mode: 'id', id: 'f786b574-daa5-4673-aa0c-cbe3e8534c02' },
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: RATE_HZ },
    language: 'en',
    context_id: contextId,
    ...rest,
  };
}

const audioMs = (frames: readonly Frame[], contextId: string): number =>
  frames
    .filter((frame) => frame.type === 'chunk' && frame.context_id === contextId)
    .reduce((ms, frame) => ms + (Buffer.from(frame.data ?? '', 'base64').length / 2 / RATE_HZ) * 1_000, 0);

describe('WS /tts/websocket', () => {
  it('begins to speak before the text is whole', async () => {
    const client = await open();
    client.send(request('early', 'One moment, ', { continue: true }));
    await client.until('chunk', 'early');
    client.send(request('early', 'please.', { continue: false }));
    expect(await client.until('done', 'early')).toMatchObject({ done: true, status_code: 200 });
    expect(audioMs(client.frames, 'early')).toBeCloseTo('One moment, please.'.length * 10, -1);
    client.socket.terminate();
  });

  it('joins pieces of words that arrive one by one', async () => {
    const client = await open();
    for (const piece of ['Good mor', 'ning, ', 'how are', ' you?']) {
      client.send(request('pieces', piece, { continue: true, add_timestamps: true }));
    }
    client.send(request('pieces', '', { continue: false }));
    await client.until('done', 'pieces');
    const timestamps = client.frames.flatMap((frame) => (frame.type === 'timestamps' ? [frame.word_timestamps] : []));
    expect(timestamps.flatMap((times) => (times as { words: string[] }).words)).toEqual([
      'Good',
      'morning,',
      'how',
      'are',
      'you?',
    ]);
    const starts = timestamps.flatMap((times) => (times as { start: number[] }).start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[2]).toBeCloseTo(0.14, 2);
    client.socket.terminate();
  });

  it('speaks an unfinished clause when the buffer delay is over or a flush asks for it', async () => {
    const client = await open();
    client.send(request('delay', 'no full stop', { continue: true, max_buffer_delay_ms: 30 }));
    await client.until('chunk', 'delay');
    client.send(request('flush', 'no full stop', { continue: true }));
    client.send(request('flush', '', { continue: true, flush: true }));
    expect(await client.until('flush_done', 'flush')).toMatchObject({ flush_done: true, flush_id: 1, done: false });
    const order = client.frames.filter((frame) => frame.context_id === 'flush').map(({ type }) => type);
    expect(order.at(-1)).toBe('flush_done');
    expect(order).toContain('chunk');
    client.socket.terminate();
  });

  it('runs contexts beside each other and keeps each in order', async () => {
    const client = await open();
    for (const id of ['a', 'b', 'c']) client.send(request(id, `This is context ${id}.`));
    await Promise.all(['a', 'b', 'c'].map((id) => client.until('done', id)));
    for (const id of ['a', 'b', 'c']) {
      expect(audioMs(client.frames, id)).toBeCloseTo(180, -1);
      expect(client.frames.filter((frame) => frame.context_id === id).at(-1)?.type).toBe('done');
    }
    client.socket.terminate();
  });

  it('stops a cancelled context at once and ignores one it does not know', async () => {
    await providers.script({
      call: 'cancel',
      timing: FAST,
      faults: [{ component: 'tts', kind: 'slow', delayMs: 20 }],
    });
    const client = await open('cancel');
    client.send({ context_id: 'nobody', cancel: true });
    client.send(request('long', 'word '.repeat(200)));
    await client.until('chunk', 'long');
    client.send({ context_id: 'long', cancel: true });
    await client.until('done', 'long');
    client.send(request('next', 'Still here.'));
    await client.until('done', 'next');
    const kinds = client.frames.filter((frame) => frame.context_id === 'long').map(({ type }) => type);
    expect(kinds.at(-1)).toBe('done');
    expect(audioMs(client.frames, 'long')).toBeLessThan(2_000);
    expect(client.frames.map(({ type }) => type)).not.toContain('error');
    const { tts } = await providers.counters('cancel');
    expect(tts).toMatchObject({ requests: 2, cancelled: 1, completed: 1, charactersSynthesised: 'Still here.'.length });
    expect(tts.charactersReceived).toBe(1_000 + 'Still here.'.length);
    client.socket.terminate();
  });

  it.each([
    ['a bad model', request('x', 'Hi.', { model_id: 'gpt' }), 'Invalid model: '],
    ['a bad voice', request('x', 'Hi.', { voice: { mode: 'id', id: '' } }), 'Invalid voice: '],
    [
      'a bad rate',
      request('x', 'Hi.', { output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 12 } }),
      'Invalid request: output_format.sample_rate',
    ],
    [
      'a bad emotion',
      request('x', 'Hi.', { generation_config: { emotion: 'positivity:high' } }),
      'Invalid request: generation_config.emotion',
    ],
    [
      'a bad speed',
      request('x', 'Hi.', { generation_config: { speed: 1.6 } }),
      'Invalid request: generation_config.speed',
    ],
    ['nothing to say', request('x', ' ...'), 'Invalid transcript: '],
  ])('answers %s with an error frame in the vendor’s form', async (_case, message, error) => {
    const client = await open();
    client.send(message);
    expect(await client.until('error')).toEqual({
      type: 'error',
      error: expect.stringContaining(error),
      status_code: 400,
      done: true,
      context_id: 'x',
    });
    client.socket.terminate();
  });

  it('names error codes to clients of the newer version', async () => {
    const client = await open('raw', { 'Cartesia-Version': '2026-03-01' });
    client.send(request('x', 'Hi.', { model_id: 'gpt' }));
    expect(await client.until('error')).toMatchObject({ error_code: 'model_not_found', title: 'Invalid model' });
    client.socket.terminate();
  });

  it('outlives whatever is sent to it', async () => {
    const client = await open();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((shape) => JSON.stringify({ context_id: 'x', ...shape })),
        ),
        (text) => {
          client.send(text);
        },
      ),
      { numRuns: 200 },
    );
    client.socket.send(Buffer.from([0, 1, 2]));
    client.send(request('after', 'Still here.'));
    await client.until('done', 'after');
    client.socket.terminate();
  });

  it('refuses clients without key or version', async () => {
    await expect(open('raw', {})).rejects.toThrow('400');
    const socket = new WebSocket(`${providers.wsUrl}/tts/websocket?cartesia_version=${VERSION}`);
    await expect(new Promise((_resolve, reject) => socket.on('error', reject))).rejects.toThrow('401');
  });
});

describe('POST /tts/bytes', () => {
  const post = (outputFormat: object, transcript = 'Your order is ready.'): Promise<Response> =>
    fetch(`${providers.url}/tts/bytes`, {
      method: 'POST',
      headers: { 'X-API-Key': 'key:bytes', 'Cartesia-Version': VERSION },
      body: JSON.stringify({
        model_id: 'sonic-3',
        transcript,
        voice: { mode: 'id', id: 'voice' },
        output_format: outputFormat,
      }),
    });

  it.each([
    ['pcm_s16le', 8_000, 2],
    ['pcm_s16le', 44_100, 2],
    ['pcm_f32le', 16_000, 4],
    ['pcm_mulaw', 8_000, 1],
    ['pcm_alaw', 8_000, 1],
  ])('sends raw %s at %i Hz', async (encoding, sampleRate, bytesPerSample) => {
    const response = await post({ container: 'raw', encoding, sample_rate: sampleRate });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(0.2 * sampleRate * bytesPerSample);
  });

  it('sends WAV', async () => {
    const response = await post({ container: 'wav', encoding: 'pcm_s16le', sample_rate: 16_000 });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.toString('latin1', 0, 16)).toMatch(/^RIFF....WAVEfmt $/s);
    expect(bytes.readUInt32LE(24)).toBe(16_000);
    expect(bytes.length).toBe(44 + 0.2 * 16_000 * 2);
  });

  it('says the same thing the same way', async () => {
    const format = { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 };
    const [one, two] = await Promise.all([post(format), post(format)]);
    expect(Buffer.from(await one.arrayBuffer()).equals(Buffer.from(await two.arrayBuffer()))).toBe(true);
  });

  it('counts the emotion that it is asked for, and says the same in all', async () => {
    const saying = async (call: string, generation_config: object): Promise<Buffer> => {
      const response = await fetch(`${providers.url}/tts/bytes`, {
        method: 'POST',
        headers: { 'X-API-Key': `key:${call}`, 'Cartesia-Version': VERSION },
        body: JSON.stringify({
          model_id: 'sonic-3',
          transcript: 'Your order is ready.',
          voice: { mode: 'id', id: 'voice' },
          output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 8_000 },
          generation_config,
        }),
      });
      return Buffer.from(await response.arrayBuffer());
    };
    const [plain, sorry] = [await saying('unmoved', { speed: 1 }), await saying('sorry', { emotion: 'apologetic' })];
    expect(sorry.equals(plain)).toBe(true);
    expect((await providers.counters('unmoved')).tts.emotions).toEqual({});
    expect((await providers.counters('sorry')).tts.emotions).toEqual({ apologetic: 1 });
  });

  it('answers a bad request in words', async () => {
    const response = await post({ container: 'mp3', sample_rate: 44_100 });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/^Invalid request: output_format\.container/);
  });
});
