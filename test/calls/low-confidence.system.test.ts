/** What a recogniser was not sure of changes nothing, whatever the language model makes of it. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readStoredOrders } from '../../bench/orders/stored-orders.js';
import { type StartedProgram, startProgram } from '../support/processes.js';
import { clipFrom, placeCall, type Stack, startStack } from '../support/stack.js';

const FOLDER = 'test/speech';
const CALL = 'unsure';
const Word = z.object({ word: z.string(), startMs: z.number(), endMs: z.number() });
const Manifest = z.array(z.object({ file: z.string(), text: z.string(), words: z.array(Word) }));

let providers: StartedProgram;
let providersUrl: string;
let stack: Stack;

beforeAll(async () => {
  providers = startProgram({
    command: process.execPath,
    args: ['dist/local-providers/main.js'],
    env: { LOCAL_PROVIDERS_PORT: '0', LOCAL_PROVIDERS_ENGINE: 'scripted' },
  });
  const ready = await providers.waitForLine(/local providers ready on (http:\S+)/, 30_000);
  providersUrl = ready[1] ?? '';
  // The part of a key after the colon names the call, so that scripts find it.
  const key = `local:${CALL}`;
  stack = await startStack({
    env: {
      DEEPGRAM_BASE_URL: providersUrl,
      OPENAI_BASE_URL: `${providersUrl}/v1`,
      CARTESIA_BASE_URL: providersUrl,
      DEEPGRAM_API_KEY: key,
      OPENAI_API_KEY: key,
      CARTESIA_API_KEY: key,
    },
  });
});
afterAll(async () => {
  await stack?.close();
  await providers?.stop();
});

/** One call in which the recogniser is so sure of every word and the model orders at once. */
async function orderHeardWith(confidence: number) {
  const file = 'orders/7594182a.flac';
  const rows = Manifest.parse(JSON.parse(await readFile(`${FOLDER}/orders.json`, 'utf8')));
  const words = rows.find((row) => row.file === file)?.words.map((word) => ({ ...word, confidence }));
  const order = { items: [{ drink: 'house coffee', size: 'large', roast: 'light' }] };
  const response = await fetch(`${providersUrl}/script`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      call: CALL,
      words,
      replies: [
        { when: 'coffee', toolCalls: [{ name: 'place_order', arguments: order }], afterTools: 'That was the tool.' },
      ],
    }),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
  await using call = await placeCall(stack);
  await call.caller.waitForGreeting({ timeoutMs: 15_000 });
  const turn = await call.caller.say(await clipFrom(`${FOLDER}/${file}`), { timeoutMs: 10_000 });
  expect(turn.said.toLowerCase()).toContain('house coffee');
  expect(turn.reply).toContain('That was the tool.');
  const orders = readStoredOrders(stack.ordersDb);
  try {
    return orders.placed(turn.document?.callId ?? '');
  } finally {
    orders.close();
  }
}

describe('an order', () => {
  it('is stored when it was heard with confidence', async () => {
    expect(await orderHeardWith(0.95)).toMatchObject([{ drink: 'house coffee', size: 'large', roast: 'light' }]);
  });

  it('is not stored when it was not, though the model asked for it', async () => {
    expect(await orderHeardWith(0.6)).toEqual([]);
  });
});
