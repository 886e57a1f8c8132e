import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecogniserOptions } from '../../../agent/providers/recogniser.js';
import { ManualClock } from '../../local-providers/manual-clock.js';
import { RATE_HZ, type RunningProviders, speak, startScripted } from '../../local-providers/support.js';
import { ALL_ON, RecogniserCall, SAMPLES, scriptOf, TEXT, WORDS } from './recogniser-call.js';

/** Nothing is late here: the engines' clock stands still between looks. */
const PATIENT = { ...ALL_ON, deadlines: false };
const at = (ms: number) => (ms * RATE_HZ) / 1_000;

/** The engines' own: however busy the machine is, they hear no pause that was not there. */
const clock = new ManualClock();
let engine: RunningProviders;
let other: RunningProviders;
let call: RecogniserCall | undefined;

/** The engines keep their scripts and counters by call. */
let name: string;
let calls = 0;

beforeAll(async () => {
  [engine, other] = await Promise.all([startScripted({ clock }), startScripted({ clock })]);
});

beforeEach(() => {
  calls += 1;
  name = `call${calls}`;
});

afterEach(() => call?.recogniser.close());

afterAll(async () => {
  const closed = Promise.all([engine.close(), other.close()]);
  await clock.advance(2_000);
  await closed;
});

/** Scripts the faults of the first engine; the second has none. */
async function open(faults: object[] = [], options: Partial<RecogniserOptions> = {}): Promise<RecogniserCall> {
  await engine.script({
    call: name,
    ...scriptOf(WORDS),
    faults: faults.map((fault) => ({ component: 'stt', ...fault })),
  });
  await other.script({ call: name, ...scriptOf(WORDS) });
  call = new RecogniserCall(name, [engine, other], { switches: PATIENT, ...options }, clock).attach();
  return call;
}

/** Waits until the engine has taken so many connections, and they have told so. */
async function connected(count: number): Promise<void> {
  const taken = async () => (await engine.counters(name)).stt.connections;
  await vi.waitFor(async () => expect(await taken()).toBeGreaterThanOrEqual(count), { interval: 2 });
  // An answer of the same process that was asked for later comes behind that of the handshake.
  await taken();
  await taken();
}

describe('a recogniser that works', () => {
  it('is open before the first audio, and counts that nothing waited', async () => {
    const heard = await open();
    await connected(1);
    heard.send(SAMPLES);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    heard.recogniser.close();
    expect(heard.counts).toEqual({
      'provider_connections deepgram true': 1,
      'stt_audio_seconds deepgram nova-1': SAMPLES.length / RATE_HZ,
    });
    expect(heard.errors).toEqual([]);
  });

  it('sends what was said before it was open, and counts that it waited', async () => {
    const heard = await open();
    heard.send(SAMPLES);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.counts['provider_connections deepgram false']).toBe(1);
  });

  it('keeps errors until somebody is attached, and counts positions from then', async () => {
    await engine.script({ call: name, ...scriptOf(WORDS), faults: [{ component: 'stt', kind: 'refuse', nth: [1] }] });
    call = new RecogniserCall(name, [engine], { switches: PATIENT }, clock);
    await connected(1);
    call.attach();
    expect(call.errors).toEqual(['deepgram connect']);
    call.send(SAMPLES);
    call.recogniser.finalize();
    await call.waitFor(({ answers }) => answers === 1);
    expect(call.wordTimesMs[0]).toBeCloseTo(WORDS[0]?.endMs ?? 0, -2);
  });
});

describe('a recogniser whose connection drops', () => {
  it('loses no word and doubles none when it drops in the middle of one', async () => {
    const heard = await open([{ kind: 'drop', nth: [1], afterItems: 1 }]);
    heard.send(SAMPLES.subarray(0, at(500)));
    await heard.waitFor(() => heard.heard.length > 0);
    heard.send(SAMPLES.subarray(at(500), at(900)));
    await heard.waitFor(({ errors }) => errors.length > 0);
    heard.send(SAMPLES.subarray(at(900)));
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.errors).toEqual(['deepgram closed']);
    expect(heard.counts['failovers stt']).toBe(1);
    for (const [index, { endMs }] of WORDS.entries()) expect(heard.wordTimesMs[index]).toBeCloseTo(endMs, -2);
  });

  it('asks again for a final that it was not given', async () => {
    const heard = await open([{ kind: 'drop', nth: [1], afterItems: 4 }]);
    heard.send(SAMPLES);
    await heard.waitFor(() => heard.heard.length > 0);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
  });

  it('tells another connection nothing of what is final', async () => {
    const samples = speak(WORDS, 1_000);
    await engine.script({
      call: name,
      ...scriptOf(WORDS, WORDS),
      faults: [{ component: 'stt', kind: 'drop', nth: [1], afterMs: 250 }],
    });
    call = new RecogniserCall(name, [engine], { switches: PATIENT }, clock).attach();
    call.send(samples);
    call.recogniser.finalize();
    await call.waitFor(({ answers }) => answers === 1);
    const before = (await engine.counters(name)).stt.audioMs;
    await clock.advance(260);
    call.send(SAMPLES);
    call.recogniser.finalize();
    await call.waitFor(({ answers }) => answers === 2);
    expect(call.text).toBe(`${TEXT} ${TEXT}`);
    expect((await engine.counters(name)).stt.audioMs - before).toBeLessThan(SAMPLES.length / 16 + 30);
  });
});

describe('a recogniser that refuses', () => {
  it('is tried once more, then another one is asked', async () => {
    const heard = await open([{ kind: 'status', status: 503 }]);
    heard.send(SAMPLES);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.errors).toEqual(['deepgram status', 'deepgram status']);
    expect(heard.counts['failovers stt']).toBe(1);
    expect(heard.models).toEqual(['nova-2']);
    expect((await other.counters(name)).stt.connections).toBe(1);
  });

  it('is asked again and again where there is no other', async () => {
    const heard = await open([{ kind: 'refuse', nth: [1, 2, 3] }], { switches: { ...PATIENT, fallback: false } });
    heard.send(SAMPLES);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.errors).toHaveLength(3);
    expect(heard.counts['breaker_transitions stt open']).toBe(1);
    expect(heard.counts['breaker_transitions stt closed']).toBe(1);
  });

  it('survives a message that is none', async () => {
    const heard = await open([{ kind: 'garbage', nth: [1] }]);
    heard.send(SAMPLES);
    heard.recogniser.finalize();
    await heard.waitFor(({ answers }) => answers === 1);
    expect(heard.text).toBe(TEXT);
    expect(heard.errors).toEqual(['deepgram protocol']);
  });
});
