/**
 * The defect for which the recogniser has a leg of its own: @livekit/agents-plugin-deepgram 1.8.1, unmodified, stays deaf
 * after its socket dropped, and tells nobody (livekit/agents-js#2469). When this test fails, the plugin hears again.
 */
import { initializeLogger, stt } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RATE_HZ, type RunningProviders, startScripted } from '../../local-providers/support.js';
import { RecogniserCall, SAMPLES, scriptOf, WORDS } from './recogniser-call.js';

const FIRST_WORD_SAMPLES = (500 * RATE_HZ) / 1_000;
/** Enough for the first word to be read on a busy machine, in ms. */
const HEARD_WITHIN_MS = 1_500;
/** What the plugin does not take for silence: it sends nothing behind a second of that. */
const ROOM_NOISE = Int16Array.from({ length: (50 * RATE_HZ) / 1_000 }, (_, at) => (at % 2 === 0 ? 300 : -300));
/** Above the longest wait between two attempts of the stock plugin to connect, where it does try again (10 s). */
const PATIENCE_MS = 11_000;
const DROPPED = [{ component: 'stt', kind: 'drop', nth: [1], afterItems: 1 }];

let providers: RunningProviders;

beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterAll(() => providers.close());

/** What an earlier try has counted is not counted again. */
function ownCall(name: string): string {
  return `${name}-${crypto.randomUUID()}`;
}

describe('a socket that drops in the middle of a turn', () => {
  it('leaves the stock plugin deaf, without an error and without another connection', async () => {
    const call = ownCall('stock');
    // What is torn down at once may take a result with it that was not read yet.
    const faults = DROPPED.map((fault) => ({ ...fault, afterMs: HEARD_WITHIN_MS }));
    await providers.script({ call, ...scriptOf(WORDS), faults });
    const plugin = new deepgram.STT({ apiKey: `key:${call}`, baseUrl: providers.wsUrl, endpointing: 3_000 });
    const errors: unknown[] = [];
    plugin.on('error', (error) => errors.push(error));
    const stream = plugin.stream();
    const events: stt.SpeechEventType[] = [];
    let hasEnded = false;
    const reading = (async () => {
      for await (const { type } of stream) events.push(type);
      hasEnded = true;
    })();
    const push = (samples: Int16Array) => {
      for (let at = 0; at < samples.length; at += RATE_HZ / 100) {
        const frame = samples.slice(at, at + RATE_HZ / 100);
        stream.pushFrame(new AudioFrame(frame, RATE_HZ, 1, frame.length));
      }
    };
    push(SAMPLES.subarray(0, FIRST_WORD_SAMPLES));
    await vi.waitFor(() => expect(events).toContain(stt.SpeechEventType.INTERIM_TRANSCRIPT), { timeout: 5_000 });
    // The connection is torn down with the first audio that comes once the fault is due.
    await vi.waitFor(
      async () => {
        push(ROOM_NOISE);
        expect((await providers.counters(call)).faults['stt:drop']).toBe(1);
      },
      { timeout: 5_000 },
    );
    push(SAMPLES.subarray(FIRST_WORD_SAMPLES));
    stream.flush();
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    push(SAMPLES);
    stream.flush();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(events).not.toContain(stt.SpeechEventType.FINAL_TRANSCRIPT);
    expect(errors).toEqual([]);
    expect(hasEnded).toBe(false);
    expect((await providers.counters(call)).stt.connections).toBe(1);
    stream.close();
    await reading;
  });

  it('costs our recogniser no word', async () => {
    const name = ownCall('ours');
    await providers.script({ call: name, ...scriptOf(WORDS), faults: DROPPED });
    const call = new RecogniserCall(name, [providers]).attach();
    call.send(SAMPLES.subarray(0, FIRST_WORD_SAMPLES));
    await call.waitFor(({ heard }) => heard.length > 0);
    call.send(SAMPLES.subarray(FIRST_WORD_SAMPLES));
    call.recogniser.finalize();
    await call.waitFor(({ answers }) => answers === 1, 1_000);
    expect(call.text).toBe('one large latte please');
    expect((await providers.counters(name)).stt.connections).toBe(2);
    call.recogniser.close();
  });
});
