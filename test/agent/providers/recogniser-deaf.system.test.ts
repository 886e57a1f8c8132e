import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecogniserOptions } from '../../../agent/providers/recogniser.js';
import { RATE_HZ, type RunningProviders, startScripted } from '../../local-providers/support.js';
import { ALL_ON, RecogniserCall, SAMPLES, scriptOf, TEXT, WORDS } from './recogniser-call.js';

const at = (ms: number) => (ms * RATE_HZ) / 1_000;

let engine: RunningProviders;
let other: RunningProviders;
let call: RecogniserCall | undefined;

/** The engines keep their scripts and counters by call. */
let name: string;
let calls = 0;

beforeAll(async () => {
  [engine, other] = await Promise.all([startScripted(), startScripted()]);
});

beforeEach(() => {
  calls += 1;
  name = `call${calls}`;
});

afterEach(() => call?.recogniser.close());

afterAll(async () => {
  await Promise.all([engine.close(), other.close()]);
});

/** Scripts the faults of the first engine; the second has none. */
async function open(faults: object[] = [], options: Partial<RecogniserOptions> = {}): Promise<RecogniserCall> {
  await engine.script({
    call: name,
    ...scriptOf(WORDS),
    faults: faults.map((fault) => ({ component: 'stt', ...fault })),
  });
  await other.script({ call: name, ...scriptOf(WORDS) });
  call = new RecogniserCall(name, [engine, other], options).attach();
  return call;
}

describe('a recogniser that went deaf', () => {
  for (const kind of ['stall', 'keep-alive']) {
    it(`is heard on another connection (${kind})`, async () => {
      const heard = await open([{ kind, nth: [1], everyMs: 100 }]);
      heard.send(SAMPLES);
      heard.noteVoice(150);
      await heard.waitFor(({ heard }) => heard.length > 0);
      heard.recogniser.finalize();
      await heard.waitFor(({ answers }) => answers === 1);
      expect(heard.text).toBe(TEXT);
      expect(heard.errors).toEqual(['deepgram deaf']);
      expect(heard.counts['hedges stt second']).toBe(1);
      expect((await other.counters(name)).stt.connections).toBe(1);
    });
  }

  it('is told by a Finalize without an answer', async () => {
    const heard = await open([{ kind: 'stall', nth: [1], afterItems: 1 }]);
    heard.send(SAMPLES.subarray(0, at(500)));
    heard.noteVoice(150);
    await heard.waitFor(() => heard.heard.length > 0);
    heard.send(SAMPLES.subarray(at(500)));
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.counts['hedges stt second']).toBe(1);
  });

  it('is given up without a second one beside it where hedging is off', async () => {
    const heard = await open([{ kind: 'stall', nth: [1] }], { switches: { ...ALL_ON, hedging: false } });
    heard.send(SAMPLES);
    heard.noteVoice(150);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.counts['failovers stt']).toBe(1);
    expect(heard.counts['hedges stt second']).toBeUndefined();
  });

  it('is kept when it was only late', async () => {
    const heard = await open([{ kind: 'slow', nth: [1], delayMs: 700 }]);
    await other.script({ call: name, ...scriptOf(WORDS), faults: [{ component: 'stt', kind: 'stall' }] });
    heard.send(SAMPLES);
    heard.noteVoice(150);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.counts['hedges stt first']).toBe(1);
    expect(heard.errors).toEqual([]);
  });
});
