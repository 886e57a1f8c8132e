import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeepgramResults } from '../../../agent/providers/deepgram-messages.js';
import { DeepgramSocket } from '../../../agent/providers/deepgram-socket.js';
import { layOut, RATE_HZ, type RunningProviders, speak, startScripted } from '../../local-providers/support.js';

let providers: RunningProviders;
let socket: DeepgramSocket | undefined;

beforeEach(async () => {
  providers = await startScripted();
});

afterEach(async () => {
  socket?.close();
  await providers.close();
});

const words = layOut([
  ['one', 300],
  ['large', 400],
  ['latte', 500],
]);
const samples = speak(words);

function open(call: string): { results: DeepgramResults[]; errors: string[] } {
  const results: DeepgramResults[] = [];
  const errors: string[] = [];
  socket = new DeepgramSocket(
    {
      baseUrl: providers.wsUrl,
      apiKey: `key:${call}`,
      model: 'nova-3',
      language: 'en-US',
      sampleRateHz: RATE_HZ,
      endpointingMs: 300,
      keyterms: ['latte'],
    },
    { onResults: (result) => results.push(result), onError: (kind) => errors.push(kind) },
  );
  return { results, errors };
}

function send(audio: Int16Array): void {
  for (let at = 0; at < audio.length; at += 160) socket?.send(audio.subarray(at, at + 160));
}

const textOf = (results: readonly DeepgramResults[]) =>
  results
    .filter((result) => result.is_final)
    .map((result) => result.channel.alternatives[0]?.transcript ?? '')
    .join(' ')
    .toLowerCase();

describe("the recogniser's socket", () => {
  it('asks for the final and gets it, with everything that was sent before it connected', async () => {
    await providers.script({ call: 'a', words, preset: 'fixed' });
    const { results, errors } = open('a');
    send(samples);
    socket?.finalize();
    await vi.waitFor(() => expect(results.some((result) => result.from_finalize)).toBe(true), { timeout: 5_000 });
    expect(textOf(results)).toContain('one large latte');
    expect(errors).toEqual([]);
  });

  it('hears again after its connection was dropped', async () => {
    await providers.script({ call: 'b', words, faults: [{ component: 'stt', kind: 'drop', nth: [1] }] });
    const { results, errors } = open('b');
    send(samples);
    await vi.waitFor(() => expect(errors).toEqual(['closed']), { timeout: 5_000 });
    send(samples);
    socket?.finalize();
    await vi.waitFor(() => expect(results.some((result) => result.from_finalize)).toBe(true), { timeout: 5_000 });
    expect(textOf(results)).toContain('latte');
  });

  it('says so when it is refused, and tries again', async () => {
    await providers.script({
      call: 'c',
      words,
      faults: [{ component: 'stt', kind: 'status', status: 401, nth: [1, 2] }],
    });
    const { results, errors } = open('c');
    send(samples);
    socket?.finalize();
    await vi.waitFor(() => expect(results.some((result) => result.from_finalize)).toBe(true), { timeout: 5_000 });
    expect(errors).toEqual(['status', 'status']);
  });

  it('survives a message that is none', async () => {
    await providers.script({ call: 'd', words, faults: [{ component: 'stt', kind: 'garbage', nth: [1] }] });
    const { results, errors } = open('d');
    send(samples);
    socket?.finalize();
    await vi.waitFor(() => expect(results.some((result) => result.from_finalize)).toBe(true), { timeout: 5_000 });
    expect(errors).toContain('protocol');
  });
});
