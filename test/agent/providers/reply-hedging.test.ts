import { describe, expect, it, vi } from 'vitest';
import { ALL_ON, asking, hear, QUICK, scriptedModels } from './reply-support.js';

const engine = scriptedModels();
const { open } = engine;

const TEXT = 'One large latte, coming up.';
const FAST = { llmTtft: 2, llmPerToken: 1 };
/** Late soon, failed never: what helps here is the hedge alone. */
const PATIENT = { ...QUICK, failsLeastMs: 8_000, failsMostMs: 8_000, idleMs: 3_000 };
const stall = (nth: readonly number[]) => ({ component: 'llm', kind: 'stall', nth });

describe('a hedge', () => {
  it('answers where the first request stalls, and the stalled one is aborted at once', { retry: 2 }, async () => {
    const call = `late-${performance.now()}`; // Its own at each try.
    await engine.providers.script({ call, timing: FAST, replies: [{ text: TEXT }], faults: [stall([1])] });
    const { model, counts, errors } = open(engine.providers.url, [call], { deadlines: PATIENT });
    const stream = model.reply(asking('a latte'));
    let text = '';
    let abortedAfterMs = Number.POSITIVE_INFINITY;
    for await (const { delta } of stream) {
      if (text === '') {
        const firstAtMs = performance.now();
        await vi.waitFor(() => expect(engine.providers.ledger.of(call).llm.aborted).toBe(1), { interval: 2 });
        abortedAfterMs = performance.now() - firstAtMs;
      }
      text += delta?.content ?? '';
    }
    expect(text).toBe(TEXT);
    expect(abortedAfterMs).toBeLessThan(50);
    expect(counts['turnwise_hedges_total llm second']).toBe(1);
    expect(errors).toEqual([]);
    expect(engine.providers.ledger.of(call).llm).toMatchObject({ requests: 2, completed: 1, aborted: 1 });
    // What both cost together.
    expect((await stream.usage).completionTokens).toBe(engine.providers.ledger.of(call).llm.tokensSent);
  });

  it('is followed by one more where it stalls, too, and every one is counted', async () => {
    await engine.providers.script({ call: 'both', timing: FAST, replies: [{ text: TEXT }], faults: [stall([1, 2])] });
    const switches = { ...ALL_ON, hedgeShare: 1 };
    const { model, counts, errors } = open(engine.providers.url, ['both'], { deadlines: PATIENT, switches });
    const stream = model.reply(asking('a latte'));
    expect((await hear(stream)).text).toBe(TEXT);
    expect(counts).toMatchObject({ 'turnwise_hedges_total llm first': 1, 'turnwise_hedges_total llm second': 1 });
    expect(errors).toEqual([]);
    await vi.waitFor(() =>
      expect(engine.providers.ledger.of('both').llm).toMatchObject({ requests: 3, completed: 1, aborted: 2 }),
    );
  });

  it('is paid for by requests that nobody came to want, too', async () => {
    await engine.providers.script({ call: 'paid', timing: FAST, replies: [{ text: TEXT }], faults: [stall([1, 12])] });
    const { model, counts } = open(engine.providers.url, ['paid'], { deadlines: PATIENT });
    await hear(model.reply(asking('a latte')));
    // The first hedge was the second request that the engine saw; nine more, and the budget has one again.
    for (let draft = 0; draft < 9; draft += 1) await hear(model.reply(asking('a latte', { isSpeculative: true })));
    expect((await hear(model.reply(asking('a latte')))).text).toBe(TEXT);
    expect(counts['turnwise_hedges_total llm second']).toBe(2);
  });

  it('loses to a first request that comes after all, and only one of them is heard', async () => {
    const slow = { component: 'llm', kind: 'slow', nth: [1], delayMs: 200 };
    await engine.providers.script({
      call: 'close',
      timing: FAST,
      replies: [{ text: 'Sure.' }],
      faults: [slow, stall([2])],
    });
    const { model, counts } = open(engine.providers.url, ['close'], { deadlines: { ...PATIENT, idleMs: 2_000 } });
    const stream = model.reply(asking('a latte'));
    expect((await hear(stream)).text).toBe('Sure.');
    expect(counts['turnwise_hedges_total llm first']).toBe(1);
    await vi.waitFor(() => expect(engine.providers.ledger.of('close').llm.aborted).toBe(1));
  });

  it('is sent to the next provider when the first one failed just now', async () => {
    const faults = [{ component: 'llm', kind: 'status', nth: [1] }, stall([2])];
    await engine.providers.script({ call: 'ill', timing: FAST, replies: [{ text: TEXT }], faults });
    await engine.providers.script({ call: 'other', timing: FAST, replies: [{ text: TEXT }] });
    const deadlines = { ...PATIENT, late: { initialMs: 400, leastMs: 400, mostMs: 400 } };
    const { model } = open(engine.providers.url, ['ill', 'other'], { deadlines });
    await hear(model.reply(asking('a latte')));
    const stream = model.reply(asking('a latte'));
    expect((await hear(stream)).text).toBe(TEXT);
    const { requestedAtMs = Number.NaN, answeredBy } = stream;
    expect(answeredBy?.model).toBe('model-of-other');
    // It was asked when the first one was late.
    expect((answeredBy?.askedAtMs ?? 0) - requestedAtMs).toBeGreaterThanOrEqual(400);
    expect([engine.providers.ledger.of('ill').llm.requests, engine.providers.ledger.of('other').llm.requests]).toEqual([
      2, 2,
    ]);
  });

  it('is not sent for a speculation, but for one whose turn is committed', async () => {
    await engine.providers.script({ call: 'spec', timing: FAST, replies: [{ text: TEXT }], faults: [stall([1])] });
    const { model, counts } = open(engine.providers.url, ['spec'], { deadlines: PATIENT });
    const stream = model.reply(asking('a latte', { isSpeculative: true }));
    const heard = hear(stream);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(engine.providers.ledger.of('spec').llm.requests).toBe(1);
    stream.promote();
    expect((await heard).text).toBe(TEXT);
    expect(counts['turnwise_hedges_total llm second']).toBe(1);
  });

  it('is not sent where it is switched off', async () => {
    await engine.providers.script({ call: 'off', timing: FAST, faults: [stall([1])] });
    const { model } = open(engine.providers.url, ['off'], {
      deadlines: PATIENT,
      switches: { ...ALL_ON, hedging: false },
    });
    const stream = model.reply(asking('hi'));
    await new Promise((resolve) => setTimeout(resolve, 250));
    stream.cancel();
    expect(engine.providers.ledger.of('off').llm.requests).toBe(1);
  });
});
