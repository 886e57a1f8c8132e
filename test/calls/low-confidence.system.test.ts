/** What a recogniser was not sure of is asked about, and changes nothing before the caller's yes, whatever the model makes of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStoredOrders } from '../../bench/orders/stored-orders.js';
import { readMetric } from '../support/metrics.js';
import { type RecordedWord, wordsOf } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { clipFrom, placeCall } from '../support/stack.js';

const FOLDER = 'test/speech';
const FILE = 'orders/7594182a.flac';
const ORDER = { drink: 'house coffee', size: 'large', roast: 'light' };
const answerLimit = { timeoutMs: 10_000 };

let system: ScriptedStack;
beforeAll(async () => {
  system = await startScriptedStack('unsure');
});
afterAll(() => system?.close());

/** The order heard so surely, then whatever further words are said to be heard in the recording that answers. */
async function scriptOrder(confidence: number, answer: readonly RecordedWord[] = []) {
  const order = (await wordsOf(FILE)).map((word) => ({ ...word, confidence }));
  const replies = [
    {
      when: 'coffee',
      toolCalls: [{ name: 'place_order', arguments: { items: [ORDER] } }],
      afterTools: 'That was the tool.',
    },
  ];
  await system.script({ turns: [{ words: order }, ...(answer.length > 0 ? [{ words: [...answer] }] : [])], replies });
}

async function placeScriptedCall(profile?: string) {
  const call = await placeCall(system.stack, profile === undefined ? {} : { profile });
  await call.caller.waitForGreeting({ timeoutMs: 15_000 });
  const order = await clipFrom(`${FOLDER}/${FILE}`);
  const placed = () => {
    const orders = readStoredOrders(system.stack.ordersDb);
    try {
      return orders.placed(call.caller.turnDocuments[0]?.callId ?? '');
    } finally {
      orders.close();
    }
  };
  return { caller: call.caller, order, placed, [Symbol.asyncDispose]: () => call[Symbol.asyncDispose]() };
}

describe('an order', () => {
  it('is stored when it was heard with confidence', async () => {
    await scriptOrder(0.95);
    await using call = await placeScriptedCall();
    expect(await call.caller.say(call.order, answerLimit)).toMatchObject({ reply: 'That was the tool.' });
    expect(call.placed()).toMatchObject([ORDER]);
  });

  it('is asked about when it was not, without an answer of the model, and stored after a yes', async () => {
    // The sound of "can I get a light roast" stands for a yes: what was heard is what the script says.
    const [first, ...others] = await wordsOf('orders/a7b1de7b.flac');
    const yes = { word: 'yes', startMs: first?.startMs ?? 0, endMs: others.at(-1)?.endMs ?? 0 };
    await scriptOrder(0.6, [yes]);
    const counted = await readMetric(system.stack.metricsUrl, 'turnwise_low_confidence_turns_total');
    await using call = await placeScriptedCall();
    const asked = await call.caller.say(call.order, answerLimit);
    expect(asked.reply).toBe(`Did you say: ${asked.said.replace(/\.$/, '')}?`);
    expect(asked.reply).toMatch(/light roast house coffee\?$/i);
    expect(asked.document).toMatchObject({ turn: 1, outcome: 'answered' });
    expect(call.placed()).toEqual([]);
    // What was begun before it was known how surely they were heard was dropped, and no tool ran on it.
    expect(system.requests.flat().filter(({ role }) => role === 'tool')).toEqual([]);

    const answered = await call.caller.say(await clipFrom(`${FOLDER}/orders/a7b1de7b.flac`), answerLimit);
    expect(answered).toMatchObject({ said: expect.stringMatching(/^yes/i), reply: 'That was the tool.' });
    expect(call.placed()).toMatchObject([ORDER]);
    const users = system.requests.at(-1)?.filter(({ role }) => role === 'user');
    expect(users).toMatchObject([{ content: expect.stringMatching(/light roast house coffee/i) }]);
    expect(JSON.stringify(system.requests)).not.toContain('Did you say');
    expect(await readMetric(system.stack.metricsUrl, 'turnwise_low_confidence_turns_total')).toBe(counted + 1);
  });

  it('is not stored where nobody asks about it either, though the model asked for it', async () => {
    await scriptOrder(0.6);
    await using call = await placeScriptedCall('naive');
    expect(await call.caller.say(call.order, answerLimit)).toMatchObject({ reply: 'That was the tool.' });
    expect(call.placed()).toEqual([]);
  });
});
