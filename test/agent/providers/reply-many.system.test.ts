import { describe, expect, it, vi } from 'vitest';
import { ALL_ON, asking, hear, QUICK, scriptedModels } from './reply-support.js';

const engine = scriptedModels();
const { open } = engine;

const TEXT = 'One large latte with oat milk, and two croissants.';
/** Late soon, failed never: what helps here is the hedge alone. */
const PATIENT = { ...QUICK, failsLeastMs: 8_000, failsMostMs: 8_000, idleMs: 3_000 };

describe('many replies', () => {
  it('cost no more than the budget over 200 of them when they are hedged, and every one is answered', async () => {
    const replies = 200;
    const share = 0.1;
    await engine.providers.script({
      call: 'budget',
      timing: { llmTtft: 1, llmPerToken: 0 },
      replies: [{ text: 'Hi' }],
      faults: [{ component: 'llm', kind: 'slow', probability: 0.4, delayMs: 40 }],
    });
    const deadlines = { ...PATIENT, late: { initialMs: 1, leastMs: 0, mostMs: 1 } };
    const { model, counts } = open(engine.providers.url, ['budget'], {
      deadlines,
      switches: { ...ALL_ON, hedgeShare: share },
    });
    for (let round = 0; round < replies / 10; round++) {
      const heard = await Promise.all(Array.from({ length: 10 }, () => hear(model.reply(asking('hi')))));
      expect(heard.map(({ text }) => text)).toEqual(Array(10).fill('Hi'));
    }
    const hedges = ['first', 'second', 'none'].map((winner) => counts[`turnwise_hedges_total llm ${winner}`] ?? 0);
    const made = hedges.reduce((sum, one) => sum + one);
    expect(made).toBeGreaterThan(5);
    // And the one that is allowed before any request has paid for it.
    expect(made).toBeLessThanOrEqual(replies * share + 1);
    // One whose rival answered in the same moment may not have left the house.
    expect(engine.providers.ledger.of('budget').llm.requests - replies).toBeLessThanOrEqual(made);
  });

  it('are each one answer, whole or told as broken, whatever strikes; and cost what the engines sent', {
    retry: 1,
  }, async () => {
    const replies = [{ text: TEXT }];
    const timing = { llmTtft: 1, llmPerToken: 1 };
    const kinds = ['status', 'refuse', 'stall', 'drop', 'garbage', 'keep-alive'];
    const faults = kinds.flatMap((kind) => [
      { component: 'llm', kind, probability: 0.05 },
      { component: 'llm', kind, probability: 0.05, afterItems: 4 },
    ]);
    const calls = [1, 2, 3].map((index) => `chaos-${index}-${performance.now()}`);
    for (const [index, call] of calls.entries()) {
      await engine.providers.script({ call, timing, replies, faults: index < 2 ? faults : [], seed: index });
    }
    const deadlines = {
      late: { initialMs: 60, leastMs: 30, mostMs: 60 },
      failsLeastMs: 300,
      failsMostMs: 300,
      endsMs: 600,
      idleMs: 150,
    };
    const { model, counts } = open(engine.providers.url, calls, {
      deadlines,
      switches: { ...ALL_ON, hedgeShare: 0.5 },
    });
    let cost = 0;
    for (let round = 0; round < 15; round++) {
      const streams = Array.from({ length: 4 }, (_, index) =>
        model.reply(asking('hi', { isSpeculative: index === 3 })),
      );
      const heard = await Promise.all(streams.map(hear));
      for (const { text, error } of heard) {
        if (error === undefined) expect(text).toBe(TEXT);
        else {
          expect(error).toMatchObject({ code: 'broken', charactersGiven: text.length });
          expect(TEXT.startsWith(text) && text !== '').toBe(true);
        }
      }
      for (const stream of streams) cost += (await stream.usage).completionTokens;
    }
    const ledgers = calls.map((call) => engine.providers.ledger.of(call).llm);
    await vi.waitFor(() => expect(cost).toBe(ledgers.reduce((sum, { tokensSent }) => sum + tokensSent, 0)));
    // Second requests that come in time leave few to take over.
    expect(counts['turnwise_failovers_total llm']).toBeGreaterThan(1);
  });
});
