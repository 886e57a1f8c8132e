/** Real calls to the whole system with nothing but what is on this machine: the offline engine listens, answers and speaks. */
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readAudioFile } from '../../bench/audio-file.js';
import { prepareClip } from '../../bench/caller/clip.js';
import { expectedOrder } from '../../bench/orders/label.js';
import { judgeOrder, readStoredOrders } from '../../bench/orders/stored-orders.js';
import { synthesise } from '../../bench/orders/synthetic-voice.js';
import { readMetric } from '../support/metrics.js';
import { jobProcessesOf } from '../support/process-tree.js';
import { clipFrom, placeCall, type Stack, startStack } from '../support/stack.js';
import { listenForTopics } from '../support/topics.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ engine: 'offline', env: { LOG_LEVEL: 'info' } });
});
afterAll(() => stack?.close());

const answerLimit = { timeoutMs: 10_000 };
const greetingLimit = { timeoutMs: 15_000 };
const recording = (file: string) => clipFrom(`test/speech/orders/${file}`);

async function spoken(text: string, voice = 'rms') {
  const { providersUrl = '' } = stack;
  return prepareClip(await synthesise(providersUrl, { text, voice, signal: AbortSignal.timeout(20_000) }));
}

/** What a call comes to, and the topics on which it told its caller something. */
async function listening<T extends object>(
  hold: () => Promise<T>,
): Promise<T & { readonly topics: readonly string[] }> {
  const log = listenForTopics();
  try {
    return { ...(await hold()), topics: [...log.topics].toSorted() };
  } finally {
    log.stop();
  }
}

describe('a call', () => {
  it('is greeted, and recorded human speech is answered and ends in the right order or none', async () => {
    await using call = await placeCall(stack);
    const { greetingMs, text } = await call.caller.waitForGreeting(greetingLimit);
    expect(greetingMs).toBeGreaterThan(0);
    expect(text).toContain('Turnwise Coffee');
    const turn = await call.caller.say(await recording('7594182a.flac'), answerLimit);
    expect(turn).toMatchObject({ outcome: 'answered', cutIn: false });
    expect(turn.said.toLowerCase()).toContain('coffee');
    expect(turn.reply).not.toBe('');
    expect(turn.document).toMatchObject({ turn: 1, outcome: 'answered' });
    // Heard is the worker's own time and the way to the ear on top of it.
    expect(turn.heardResponseMs).toBeGreaterThan(turn.document?.responseMs ?? Number.NaN);
    const stages = Object.values(turn.document?.stages ?? {}).reduce((sum, ms) => sum + ms, 0);
    expect(Math.abs(stages - (turn.document?.responseMs ?? Number.NaN))).toBeLessThan(2);

    const orders = readStoredOrders(stack.ordersDb);
    try {
      const expected = expectedOrder('i want a large light roast house coffee');
      if (expected === undefined) throw new Error('The label was not read.');
      const stored = orders.placed(turn.document?.callId ?? '');
      expect(['right', 'askedBack']).toContain(judgeOrder(expected, stored, true));
    } finally {
      orders.close();
    }
  });

  it('takes synthesised speech over several turns, with a change', async () => {
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const first = await call.caller.say(await spoken('Can I get a large latte?'), answerLimit);
    expect(first.reply.toLowerCase()).toContain('latte');
    const second = await call.caller.say(await spoken('Can you make it a small instead?'), answerLimit);
    expect(second.document?.turn).toBe(2);
    expect(second.reply.toLowerCase()).toContain('small');
  });

  it('answers what is typed, by voice', async () => {
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const turn = await call.caller.type('a small espresso with sugar please', answerLimit);
    expect(turn).toMatchObject({ outcome: 'answered' });
    expect(turn.reply.toLowerCase()).toContain('espresso');
  });

  it('stops speaking when it is interrupted', async () => {
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const menu = call.caller.startSaying(await spoken('Read me the menu.'));
    const interruption = await spoken('Please cancel my order, I changed my mind.');
    await menu.finished;
    await call.caller.until(() => call.caller.agentSounding || undefined, 'the menu', answerLimit);
    const saying = call.caller.startSaying(interruption);
    const gaveWayMs = await saying.agentGaveWayAfterMs(answerLimit);
    // It gives way to words, not to the first sound; a menu read to its end takes many seconds.
    expect(gaveWayMs).toBeLessThan(2_500);
    expect((await saying.reply(answerLimit)).outcome).toBe('answered');
  });

  it('still answers after a sound without a word', async () => {
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const { samples, sampleRateHz } = await readAudioFile('test/speech/orders/7594182a.flac');
    // A fifth of a second of a voice, out of the middle of a word.
    const from = Math.round(1.2 * sampleRateHz);
    const sound = prepareClip({ samples: samples.slice(from, from + Math.round(0.2 * sampleRateHz)), sampleRateHz });
    await call.caller.startSaying(sound).finished;
    const turn = await call.caller.say(await recording('7594182a.flac'), answerLimit);
    expect(turn).toMatchObject({ outcome: 'answered' });
    // The sound costs the recogniser words at times; the rest of the order is heard.
    expect(turn.said.toLowerCase()).toMatch(/light roast|coffee/);
  });

  it('answers what is typed while it speaks, once', async () => {
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const menu = call.caller.startSaying(await spoken('Read me the menu.'));
    await menu.finished;
    await call.caller.until(() => call.caller.agentSounding || undefined, 'the menu', answerLimit);
    const turn = await call.caller.type('a small espresso please', answerLimit);
    expect(turn.reply.toLowerCase()).toContain('espresso');
    const outcomes = call.caller.turnDocuments.map(({ turn: id, outcome }) => [id, outcome]);
    expect(outcomes).toContainEqual([1, 'interrupted']);
    expect(outcomes.filter(([id]) => id === 2)).toEqual([[2, 'answered']]);
  });

  it('leaves no process behind when the caller hangs up', async () => {
    const launcher = stack.process.pid ?? 0;
    const call = await placeCall(stack);
    await call.caller.waitForGreeting(greetingLimit);
    const during = jobProcessesOf(launcher);
    await call.caller.hangUp();
    await vi.waitFor(
      async () => {
        expect(await readMetric(stack.metricsUrl, 'turnwise_calls')).toBe(0);
        const after = new Set(jobProcessesOf(launcher));
        expect(during.filter((pid) => !after.has(pid)).length).toBeGreaterThanOrEqual(1);
      },
      { timeout: 20_000, interval: 200 },
    );
    const rooms = new RoomServiceClient(stack.livekitUrl, stack.livekitKeys.apiKey, stack.livekitKeys.apiSecret);
    await vi.waitFor(async () => {
      const agents = await rooms.listParticipants(call.roomName).catch(() => []);
      expect(agents).toEqual([]);
    });
  });

  it('is counted, tells its caller transcripts and turns alone, and keeps what was said out of the logs', async () => {
    const series = [
      'turnwise_response_seconds_count',
      'turnwise_endpointing_seconds_count',
      'turnwise_stt_final_seconds_count',
      'turnwise_llm_ttft_seconds_count',
      'turnwise_tts_ttfb_seconds_count',
      'turnwise_heard_response_seconds_count',
    ];
    const read = async () => Promise.all(series.map((name) => readMetric(stack.metricsUrl, name)));
    const before = await read();
    await using call = await placeCall(stack);
    const { topics, text, turn } = await listening(async () => {
      const { text } = await call.caller.waitForGreeting(greetingLimit);
      const turn = await call.caller.say(await spoken('Can I get a large cappuccino?'), answerLimit);
      // Not surely heard, it is asked about without the model.
      if (turn.reply.startsWith('Did you say')) await call.caller.say(await spoken('Yes, please.'), answerLimit);
      return { text, turn };
    });
    await vi.waitFor(
      async () => {
        const after = await read();
        for (const [index, count] of after.entries()) expect(count, series[index]).toBeGreaterThan(before[index] ?? 0);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(topics).toEqual(['lk.transcription', 'turnwise.turn']);
    const lines = ['worker', 'local-providers', 'token-server'].flatMap((program) => stack.lines(program));
    expect(lines.some((line) => line.includes(turn.document?.callId ?? 'no document'))).toBe(true);
    const logs = lines.join('\n').toLowerCase();
    for (const secret of [text, turn.said, turn.reply, 'cappuccino']) {
      expect(secret).not.toBe('');
      expect(logs).not.toContain(secret.toLowerCase());
    }
  });
});
