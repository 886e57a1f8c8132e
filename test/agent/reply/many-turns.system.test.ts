/** A thousand turns whose last words were often others than those a reply was begun to. */
import { initializeLogger, llm } from '@livekit/agents';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { seededRandom } from '../../../local-providers/random.js';
import { countTokens } from '../../../local-providers/tokens.js';
import { type RunningProviders, startScripted } from '../../local-providers/support.js';
import { hearDraft, order, startDrafting } from './drafting-call.js';

const TURNS = 1_000;
const DRINKS = Array.from({ length: 20 }, (_, index) => `drink${String(index).padStart(2, '0')}`);
const TIMING = { llmTtft: 3, llmPerToken: 1, ttsTtfb: 2, ttsCharactersPerSecond: 1_000 };
/** Share of turns whose final words are others, and of those that order something. */
const CHANGED = 0.4;
const ORDERING = 0.3;
const LONGEST_PAUSE_MS = 25;

const Order = z.object({ drink: z.string() });
const answerTo = (drink: string) => `You get ${drink}, with pleasure. Is that all?`;

let providers: RunningProviders;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
});
afterAll(() => providers.close());

it('answers the last words alone, orders once, and counts what was begun in vain exactly', async () => {
  // The engine counts by call: another try is another one.
  const call = `many-${crypto.randomUUID()}`;
  await providers.script({
    call,
    timing: TIMING,
    replies: [
      ...DRINKS.map((drink) => ({
        when: `order ${drink}`,
        toolCalls: [{ name: 'place_order', arguments: { drink } }],
      })),
      ...DRINKS.map((drink) => ({ when: drink, text: answerTo(drink) })),
    ],
  });
  const { drafts, counts, outcomes, close } = startDrafting(providers, call);
  const placed: string[] = [];
  const tools = [
    llm.tool({
      name: 'place_order',
      description: 'Places an order.',
      parameters: Order,
      execute: async () => 'placed',
    }),
  ];
  // All drinks' names are as long: so are the calls that order them.
  await hearDraft(drafts.take(order(`order ${DRINKS[0]}`, { tools }), undefined, () => undefined));
  const toolTokens = (await providers.counters(call)).llm.tokensSent;
  const random = seededRandom(7, 'turns');
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const wanted = { tokens: toolTokens, characters: 0, orders: [] as string[] };
  const stale: string[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const verb = random() < ORDERING ? 'order' : 'tell me about';
    const first = oneOf(DRINKS);
    const last = random() < CHANGED ? oneOf(DRINKS.filter((drink) => drink !== first)) : first;
    drafts.speculate(order(`${verb} ${first}`, { tools }));
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_PAUSE_MS));
    const draft = drafts.take(order(`${verb} ${last}.`, { tools }), undefined, () => undefined);
    const { text, toolArguments } = await hearDraft(draft);
    if (verb === 'order') {
      wanted.orders.push(last);
      // What the framework runs: the calls of a reply that is wanted.
      placed.push(...toolArguments.map((json) => Order.parse(JSON.parse(json)).drink));
      wanted.tokens += toolTokens;
    } else {
      if (text !== answerTo(last)) stale.push(text);
      wanted.tokens += countTokens(answerTo(last));
      wanted.characters += answerTo(last).length;
    }
  }
  expect(stale).toEqual([]);
  expect(placed).toEqual(wanted.orders);
  const changed = outcomes.length - outcomes.filter((outcome) => outcome === 'used').length;
  await vi.waitFor(() => expect(outcomes).toHaveLength(TURNS), { timeout: 5_000 });
  expect(changed).toBeGreaterThan(TURNS * CHANGED * 0.8);
  const { llm: asked, tts } = await providers.counters(call);
  expect(counts.turnwise_speculation_wasted_characters_total).toBe(tts.charactersReceived - wanted.characters);
  // A token that is on its way when its request is aborted is received by nobody: this fails then, and is tried again.
  expect(counts.turnwise_speculation_wasted_tokens_total).toBe(asked.tokensSent - wanted.tokens);
  await close();
}, 180_000);
