/** A caller who goes on after the agent has begun to answer is heard out, and answered once, for all that was said. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readAudioFile } from '../../bench/audio-file.js';
import { prepareClip } from '../../bench/caller/clip.js';
import { readStoredOrders } from '../../bench/orders/stored-orders.js';
import { envelopeOf } from '../../local-providers/scripted/levels.js';
import { readMetric } from '../support/metrics.js';
import { wordsOf } from '../support/recordings.js';
import { type AskedMessage, type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

const FILE = 'orders/1ea9f810.flac';
/** The word of the recording at which its second half begins. */
const GOES_ON_WITH = 'with';
const answerLimit = { timeoutMs: 15_000 };

let system: ScriptedStack;
beforeAll(async () => {
  system = await startScriptedStack('premature');
});
afterAll(() => system?.close());

/** "Get me a small iced coffee", and "with a lot of skim milk and some brown sugar". */
async function halves() {
  const words = await wordsOf(FILE);
  const cutAt = words.findIndex(({ word }) => word === GOES_ON_WITH);
  const cutAtMs = words[cutAt]?.startMs ?? 0;
  const { samples, sampleRateHz } = await readAudioFile(`test/speech/${FILE}`);
  const cut = Math.round((cutAtMs * sampleRateHz) / 1_000);
  const half = (part: Int16Array<ArrayBuffer>, from: number, to: number) => {
    const offsetMs = from === 0 ? 0 : (words[from]?.startMs ?? 0);
    const said = words.slice(from, to).map(({ word, startMs, endMs }) => {
      return { word, startMs: startMs - offsetMs, endMs: endMs - offsetMs };
    });
    return {
      clip: prepareClip({ samples: part, sampleRateHz }, Number.POSITIVE_INFINITY),
      turn: { words: said, envelopeDbfs: envelopeOf(part, sampleRateHz) },
    };
  };
  return [half(samples.slice(0, cut), 0, cutAt), half(samples.slice(cut), cutAt, words.length)] as const;
}

const LONG_REPLY =
  'One small iced coffee, coming right up. Would you like anything to eat with that, a muffin or a bagel?';

/** Says the first half, and the second as soon as the agent sounds. */
async function sayInHalves(replies: Parameters<ScriptedStack['script']>[0]['replies']) {
  const [first, second] = await halves();
  await system.script({ turns: [first.turn, second.turn], replies });
  const call = await placeCall(system.stack);
  const { caller } = call;
  await caller.waitForGreeting({ timeoutMs: 15_000 });
  await caller.startSaying(first.clip).finished;
  await caller.until(() => caller.agentSounding || undefined, 'the answer to the first half', answerLimit);
  const saying = caller.startSaying(second.clip);
  const gaveWayMs = await saying.agentGaveWayAfterMs(answerLimit);
  const turn = await saying.reply(answerLimit);
  return { call, gaveWayMs, turn, last: system.requests.at(-1) ?? [] };
}

const by = (messages: readonly AskedMessage[], role: string) =>
  messages.filter((message) => message.role === role).map(({ content }) => content ?? '');

describe('a caller who goes on', () => {
  it('is answered once, and the model sees one message with both halves', async () => {
    const counted = await readMetric(system.stack.metricsUrl, 'turnwise_premature_responses_total');
    const { call, gaveWayMs, turn, last } = await sayInHalves([
      { when: 'skim milk', text: 'With milk and sugar, then.' },
      { when: 'iced coffee', text: LONG_REPLY },
    ]);
    await using _ = call;
    expect(gaveWayMs).toBeLessThan(2_500);
    expect(turn.document).toMatchObject({ turn: 2, reply: 'With milk and sugar, then.' });
    expect(by(last, 'user')).toEqual([expect.stringMatching(/small iced coffee\W+with a lot of skim milk/i)]);
    // The greeting, and nothing of what was answered to the first half.
    expect(by(last, 'assistant')).toHaveLength(1);
    const documents = call.caller.turnDocuments;
    expect(documents.find(({ turn: id }) => id === 1)).toMatchObject({ outcome: 'interrupted', supersededBy: 2 });
    expect(documents.find(({ turn: id }) => id === 2)).toMatchObject({
      outcome: 'answered',
      continues: 1,
      said: expect.stringMatching(/small iced coffee\W+with a lot of skim milk/i),
      waiting: { waitMs: expect.any(Number), contributions: { base: expect.any(Number) } },
    });
    await vi.waitFor(async () => {
      expect(await readMetric(system.stack.metricsUrl, 'turnwise_premature_responses_total')).toBe(counted + 1);
    });
  });

  it('has an order changed and not placed twice, when it was placed on the first half', async () => {
    const order = { drink: 'iced coffee', size: 'small' };
    const change = { milk: 'skim', milkAmount: 'lots', sweetener: 'brown sugar' };
    const { call, turn, last } = await sayInHalves([
      {
        when: 'skim milk',
        toolCalls: [{ name: 'change_order', arguments: change }],
        afterTools: 'I have added milk and sugar.',
      },
      {
        when: 'iced coffee',
        toolCalls: [{ name: 'place_order', arguments: { items: [order] } }],
        afterTools: LONG_REPLY,
      },
    ]);
    await using _ = call;
    expect(turn.document?.reply).toBe('I have added milk and sugar.');
    const said = by(last, 'user');
    expect(said.at(-1)).toMatch(/^with a lot of skim milk/i);
    expect(said.slice(0, -1).join(' ')).toMatch(/small iced coffee\W?$/i);
    const orders = readStoredOrders(system.stack.ordersDb);
    try {
      const placed = orders.placed(turn.document?.callId ?? '');
      expect(placed).toMatchObject([{ drink: 'iced coffee', size: 'small', milk: 'skim', quantity: 1 }]);
    } finally {
      orders.close();
    }
  });
});
