import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Assistant, createAssistant, vocabulary } from '../../agent/assistant.js';
import { vocabularyAsJson } from '../../agent/export-vocabulary.js';
import { Vocabulary } from '../../wire/vocabulary.js';

let folder: string;
let file: string;
let assistant: Assistant;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'turnwise-assistant-'));
  file = path.join(folder, 'orders.db');
  assistant = createAssistant({ ordersDb: file });
});
afterEach(() => {
  assistant.close();
  assistant.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = Readonly<Record<string, unknown>>;

/** The tools of one call, run as the framework runs them; each run names the turn it answers. */
function startCall(callId = 'call', of: Assistant = assistant) {
  let turn = { id: 1, confidence: 1 };
  const tools = of.createTools({
    callId,
    currentTurn: () => turn,
    nowUnixMs: () => new Date(2026, 10, 21, 10).getTime(),
  });
  const run = async (name: string, args: Answer, at: { id: number; confidence?: number }): Promise<Answer> => {
    turn = { confidence: 1, ...at };
    const tool = tools.getFunctionTool(name);
    if (tool === undefined) throw new Error(`There is no tool ${name}.`);
    const parsed = (tool.parameters as { parse(value: unknown): Answer }).parse(args);
    const options = { ctx: {}, toolCallId: 'test', abortSignal: new AbortController().signal };
    return (await tool.execute(parsed, options as Parameters<typeof tool.execute>[1])) as Answer;
  };
  return { tools, run };
}

const largeLatte = { items: [{ drink: 'latte', size: 'large', milk: 'oat' }] };

describe("the assistant's tools", () => {
  it('are named as they are listed, each reading or writing', () => {
    const { tools } = startCall();
    expect(Object.keys(tools.functionTools).sort()).toEqual(Object.keys(assistant.tools).sort());
    const writing = Object.entries(assistant.tools).flatMap(([name, { readOnly }]) => (readOnly ? [] : [name]));
    expect(writing.sort()).toEqual(['cancel_order', 'change_order', 'hand_over', 'place_order']);
  });

  it('change nothing when they only read', async () => {
    const { run } = startCall();
    for (const [name, { readOnly }] of Object.entries(assistant.tools)) {
      if (readOnly) await run(name, name === 'get_price' ? { drink: 'latte' } : {}, { id: 1 });
    }
    expect(rows('SELECT count(*) AS n FROM writes')).toMatchObject([{ n: 0 }]);
    expect(rows('SELECT count(*) AS n FROM orders')).toMatchObject([{ n: 0 }]);
  });

  it('store what was said, and null for what was not', async () => {
    await startCall().run('place_order', largeLatte, { id: 1 });
    expect(rows('SELECT * FROM order_items')).toMatchObject([
      {
        quantity: 1,
        drink: 'latte',
        size: 'large',
        roast: null,
        shots: null,
        milk: 'oat',
        milk_amount: 'regular',
        sweetener: null,
        sweetener_amount: null,
        price_cents: 570,
      },
    ]);
  });

  it('write once per turn, however often the model calls', async () => {
    const { run } = startCall();
    const first = await run('place_order', largeLatte, { id: 1 });
    const again = await run(
      'place_order',
      { items: [{ milk: 'oat', size: 'large', drink: 'latte', roast: null }] },
      { id: 1 },
    );
    expect(again).toEqual(first);
    expect(rows('SELECT count(*) AS n FROM order_items')).toMatchObject([{ n: 1 }]);
  });

  it('change once per turn, too, though the order looks different the second time', async () => {
    const { run } = startCall();
    await run('place_order', { items: [{ drink: 'latte' }] }, { id: 1 });
    expect(await run('change_order', { shots: 'one more' }, { id: 2 })).toMatchObject({
      changedTo: 'a double shot latte',
    });
    expect(await run('change_order', { shots: 'one more' }, { id: 2 })).toMatchObject({
      changedTo: 'a double shot latte',
    });
    expect(await run('change_order', { shots: 'one more' }, { id: 3 })).toMatchObject({
      changedTo: 'a triple shot latte',
    });
    expect(await run('change_order', { shots: 'one more' }, { id: 4 })).toMatchObject({ status: 'not_possible' });
    expect(await run('cancel_order', {}, { id: 5 })).toEqual({ status: 'cancelled' });
    expect(await run('cancel_order', {}, { id: 5 })).toEqual({ status: 'cancelled' });
    expect(await run('cancel_order', {}, { id: 6 })).toEqual({ status: 'no_order' });
  });

  it('keep calls apart, in one process or in several', async () => {
    const other = createAssistant({ ordersDb: file });
    await startCall('one').run('place_order', largeLatte, { id: 1 });
    await startCall('two', other).run('place_order', { items: [{ drink: 'mocha' }] }, { id: 1 });
    // The first call's job was taken over by another process: the same call, the same turn, written once.
    await startCall('one', other).run('place_order', largeLatte, { id: 1 });
    other.close();
    expect(rows('SELECT call_id, drink FROM orders JOIN order_items ON order_id = id ORDER BY id')).toMatchObject([
      { call_id: 'one', drink: 'latte' },
      { call_id: 'two', drink: 'mocha' },
    ]);
  });

  it('read back and write nothing on words that were hardly heard, until the yes of a later turn', async () => {
    const { run } = startCall();
    const asked = await run('place_order', largeLatte, { id: 1, confidence: 0.6 });
    expect(asked).toEqual({ status: 'confirm_first', readBack: 'a large latte with oat milk' });
    expect(await run('place_order', { ...largeLatte, confirmed: true }, { id: 1, confidence: 0.6 })).toEqual(asked);
    expect(rows('SELECT count(*) AS n FROM orders')).toMatchObject([{ n: 0 }]);
    expect(await run('place_order', { ...largeLatte, confirmed: true }, { id: 2, confidence: 0.7 })).toMatchObject({
      status: 'placed',
    });
  });

  it('ask before the same drink is ordered twice, and count it up when it is meant', async () => {
    const { run } = startCall();
    await run('place_order', largeLatte, { id: 1 });
    expect(await run('place_order', largeLatte, { id: 2 })).toMatchObject({ status: 'confirm_first' });
    expect(await run('place_order', { ...largeLatte, another: true }, { id: 3 })).toMatchObject({ status: 'added' });
    expect(rows('SELECT quantity FROM order_items')).toMatchObject([{ quantity: 2 }]);
  });

  it('ask for the drink instead of guessing it', async () => {
    expect(await startCall().run('place_order', { items: [{ size: 'large' }] }, { id: 1 })).toEqual({
      status: 'needs',
      needs: ['drink'],
    });
  });

  it('ask which drink is to be changed, and offer to cancel instead of emptying an order', async () => {
    const { run } = startCall();
    await run('place_order', { items: [{ drink: 'latte' }, { drink: 'mocha' }] }, { id: 1 });
    expect(await run('change_order', { size: 'small' }, { id: 2 })).toEqual({
      status: 'which_item',
      items: ['a latte', 'a mocha'],
    });
    expect(await run('change_order', { which: 'mocha', milk: 'soy' }, { id: 3 })).toMatchObject({
      changedTo: 'a mocha with soy milk',
    });
    expect(await run('change_order', { position: 2, milk: 'none' }, { id: 4 })).toMatchObject({ changedTo: 'a mocha' });
    expect(await run('change_order', { position: 1, remove: true }, { id: 5 })).toMatchObject({
      status: 'removed',
      order: 'a mocha',
    });
    expect(await run('change_order', { remove: true }, { id: 6 })).toMatchObject({ status: 'last_item' });
  });

  it('record that a person is wanted, and say that none is really called', async () => {
    const answer = await startCall().run('hand_over', { reason: 'allergy' }, { id: 1 });
    expect(answer).toMatchObject({
      status: 'handed_over',
      who: 'a human colleague',
      say: expect.stringContaining('nobody is really called'),
    });
    expect(rows('SELECT reason FROM hand_overs')).toMatchObject([{ reason: 'allergy' }]);
  });
});

describe('the vocabulary', () => {
  it('has the form that recognisers read', () => {
    expect(Vocabulary.parse(JSON.parse(vocabularyAsJson(vocabulary)))).toEqual(vocabulary);
  });

  it('is refused with the name of a slot that is used but not defined', () => {
    const broken = { ...vocabulary, phrases: [{ text: 'i want {nothing}' }] };
    expect(() => vocabularyAsJson(broken)).toThrow(/\{nothing\}/);
  });

  it('is refused when its form is wrong, naming the place', () => {
    expect(() => vocabularyAsJson({ ...vocabulary, language: 7 })).toThrow(/language/);
  });
});

function rows(sql: string): unknown[] {
  const database = new Database(file);
  const result = database.prepare(sql).all();
  database.close();
  return result;
}
