import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatChunk, ChatRequest } from '../../../../local-providers/engine.js';
import { createConversationalist } from '../../../../local-providers/offline/conversation/conversationalist.js';
import { type BarCall, openBar } from './bar.js';

let bar: BarCall;
beforeEach(() => {
  bar = openBar();
});
afterEach(() => bar.close());

describe('a conversation at the bar', () => {
  it('takes an order, changes it and cancels it', async () => {
    expect(await bar.say('hello')).toContain('What can I get you');
    expect(await bar.say('can i get a large latte with oat milk and')).toContain('a large latte with oat milk');
    expect(await bar.order()).toMatchObject({
      items: [{ drink: 'latte', size: 'large', milk: 'oat', sweetener: null }],
    });
    expect(await bar.say('make it a small')).toContain('a small latte with oat milk');
    expect(await bar.say('with soy milk instead')).toContain('soy milk');
    expect(await bar.say('add a shot')).toContain('double shot');
    expect(await bar.order()).toMatchObject({ items: [{ size: 'small', milk: 'soy', shots: 'double' }] });
    expect(await bar.say('cancel my order')).toContain('cancelled');
    expect(await bar.order()).toEqual({ status: 'no_order' });
    expect(await bar.say('thanks bye')).toContain('Goodbye');
  });

  it('makes a drink bigger by one cup, and asks for the size when none stands', async () => {
    await bar.say('a small latte');
    expect(await bar.say('can i get a bigger one')).toContain('a medium latte');
    await bar.say('cancel everything');
    await bar.say('a mocha');
    expect(await bar.say('a smaller one please')).toContain('What size');
    expect(await bar.say('small')).toContain('a small mocha');
  });

  it.each([
    ['i changed my mind cancel everything', { status: 'no_order' }],
    ['is it possible to cancel it', { status: 'no_order' }],
    ['i am sorry i have to cancel', { status: 'no_order' }],
    ['dark roast sorry', { items: [{ drink: 'coffee', roast: 'dark' }] }],
    ['two sugars please', { items: [{ drink: 'coffee', sweetener: 'sugar', quantity: 1 }] }],
    ['hmm actually i think i need a large one', { items: [{ drink: 'coffee', size: 'large' }] }],
  ])('understands "%s" of the order that stands', async (said, order) => {
    await bar.say('a coffee');
    await bar.say(said);
    expect(await bar.order()).toMatchObject(order);
  });

  it('takes several drinks in one sentence and one more later', async () => {
    await bar.say('two large lattes and a mocha with oat milk');
    expect(await bar.say('and an espresso')).toContain('Added an espresso');
    expect(await bar.order()).toMatchObject({
      items: [{ quantity: 2, drink: 'latte' }, { drink: 'mocha' }, { drink: 'espresso' }],
    });
    expect(await bar.say('remove the mocha')).toContain('took off a mocha');
    expect(await bar.say('make it large')).toContain('Which one');
    await bar.say('the second one');
    expect(await bar.order()).toMatchObject({
      items: [
        { drink: 'latte', quantity: 2 },
        { drink: 'espresso', size: 'large' },
      ],
    });
  });

  it('reads back, asks and writes only after a yes when the words were hardly heard', async () => {
    expect(await bar.say('a large mocha', 0.6)).toContain('I heard a large mocha. Is that right?');
    expect(await bar.order()).toEqual({ status: 'no_order' });
    expect(await bar.say('yes', 0.7)).toContain('a large mocha. That');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'mocha', size: 'large' }] });
  });

  it('drops what the caller denies', async () => {
    await bar.say('a large mocha', 0.6);
    expect(await bar.say('no')).toContain('What would you like instead');
    expect(await bar.say('yes')).not.toContain('mocha');
    expect(await bar.order()).toEqual({ status: 'no_order' });
  });

  it('asks again when its question was cut off before the yes', async () => {
    await bar.say('a large mocha', 0.6);
    bar.messages.splice(-1, 1, { role: 'assistant', content: 'I heard a' });
    expect(await bar.say('yes')).toContain('a large mocha. Is that right?');
    expect(await bar.order()).toEqual({ status: 'no_order' });
    expect(await bar.say('yes')).toContain('a large mocha. That');
  });

  it('takes a correction of what it read back', async () => {
    await bar.say('a large mocha', 0.6);
    await bar.say('no small');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'mocha', size: 'small' }] });
  });

  it('asks for the drink, and remembers what was said of it', async () => {
    expect(await bar.say('a large one with oat milk please')).toContain('which drink');
    await bar.say('a latte');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte', size: 'large', milk: 'oat' }] });
  });

  it('reads back what it put together from words that did not all fit', async () => {
    expect(await bar.say('can i get two large like with oat milk')).toContain('but not the drink');
    expect(await bar.say('latte')).toBe('So a large latte with oat milk, is that right?');
    expect(await bar.order()).toEqual({ status: 'no_order' });
    await bar.say('yes');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte', size: 'large', milk: 'oat' }] });
  });

  it('makes sure of a number that may be a misheard article', async () => {
    expect(await bar.say('can i get two small latte')).toContain('Is it two small lattes?');
    await bar.say('yes');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte', size: 'small', quantity: 2 }] });
  });

  it('asks which of two sizes is meant', async () => {
    expect(await bar.say('a small large latte')).toBe('A latte: small or large?');
    await bar.say('large');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte', size: 'large' }] });
  });

  it('asks back with what it understood, and orders nothing until the yes', async () => {
    expect(await bar.say('can i get an iced latte')).toContain('Is it a latte?');
    expect(await bar.order()).toEqual({ status: 'no_order' });
    await bar.say('yes');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte' }] });
  });

  it('asks before it adds the same drink twice', async () => {
    await bar.say('can i get a latte');
    expect(await bar.say('can i get a latte')).toContain('another one');
    await bar.say('no');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'latte', quantity: 1 }] });
  });

  it('offers typing and a person after two turns that it did not understand', async () => {
    const first = await bar.say('purple monkey');
    const second = await bar.say('green elephant');
    expect(second).not.toBe(first);
    expect(second).toMatch(/type it/);
    expect(second).toMatch(/human colleague/);
    expect(await bar.say('yes')).toContain('human colleague takes over');
    expect(bar.called).toEqual(['hand_over']);
  });

  it('answers questions from the tools', async () => {
    expect(await bar.say('how much is a large cappuccino')).toContain('$5.10');
    expect(await bar.say('what milk do you have')).toContain('oat milk');
    expect(await bar.say('when do you close')).toContain('9:00 PM');
    expect(await bar.say('a latte')).toContain('$4.50');
    expect(await bar.say('when will it be ready')).toContain('5 minutes');
    expect(await bar.say("what's the total")).toContain('$4.50');
    expect(await bar.say('what did i order')).toContain('a latte');
    expect(bar.called).toEqual(
      expect.arrayContaining(['get_price', 'get_menu', 'get_opening_hours', 'get_pickup_time']),
    );
  });

  it('takes a yes after a price as an order', async () => {
    expect(await bar.say('how much is a mocha')).toContain('Would you like one?');
    await bar.say('yes please');
    expect(await bar.order()).toMatchObject({ items: [{ drink: 'mocha' }] });
  });

  it('says what it cannot do', async () => {
    expect(await bar.say("what's the weather like")).toContain("can't help with that");
    expect(await bar.say('can i pay by card')).toContain("can't take payments");
    expect(await bar.say('are you a robot')).toContain('a computer');
    expect(bar.called).toEqual([]);
  });

  it('names the human colleague, and that nobody is really called', async () => {
    const said = await bar.say('can i talk to a human please');
    expect(said).toContain('human colleague');
    expect(said).toContain('nobody is really called');
  });
});

describe('over the protocol', () => {
  const conversationalist = createConversationalist();
  const collect = async (request: ChatRequest, signal = new AbortController().signal): Promise<ChatChunk[]> => {
    const chunks: ChatChunk[] = [];
    for await (const chunk of conversationalist.reply(request, signal)) chunks.push(chunk);
    return chunks;
  };

  it('streams a reply in words', async () => {
    const chunks = await collect({
      model: 'x',
      messages: [{ role: 'user', content: 'hello' }],
      tools: [],
      toolChoice: 'auto',
    });
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.every((chunk) => chunk.kind === 'text')).toBe(true);
  });

  it('calls no tool when told not to, or when there is none', async () => {
    const messages = [{ role: 'user' as const, content: 'cancel my order' }];
    for (const request of [
      { model: 'x', messages, tools: bar.tools, toolChoice: 'none' as const },
      { model: 'x', messages, tools: [], toolChoice: 'auto' as const },
    ]) {
      expect(await collect(request)).not.toContainEqual(expect.objectContaining({ kind: 'tool-call' }));
    }
  });

  it('puts words together that were not answered in between', async () => {
    const messages = [
      { role: 'user' as const, content: 'can i get a large' },
      { role: 'user' as const, content: 'latte with oat milk' },
    ];
    expect(await collect({ model: 'x', messages, tools: bar.tools, toolChoice: 'auto' })).toEqual([
      {
        kind: 'tool-call',
        name: 'place_order',
        arguments: { items: [{ size: 'large', drink: 'latte', milk: 'oat' }] },
      },
    ]);
  });

  it('knows the words of an order from the tools alone', async () => {
    const item = {
      type: 'object',
      properties: {
        drink: { type: 'string', enum: ['green tea', 'cocoa'] },
        size: { anyOf: [{ enum: ['tall'] }, { type: 'null' }] },
      },
    };
    const place = {
      name: 'place_order',
      description: '',
      parameters: { type: 'object', properties: { items: { type: 'array', items: item } } },
    };
    const order = (content: string) =>
      collect({ model: 'x', messages: [{ role: 'user', content }], tools: [place], toolChoice: 'auto' });
    expect(await order('could i have a tall green tea please')).toEqual([
      { kind: 'tool-call', name: 'place_order', arguments: { items: [{ size: 'tall', drink: 'green tea' }] } },
    ]);
    expect(await order('can i get a latte')).not.toContainEqual(expect.objectContaining({ kind: 'tool-call' }));
  });

  it('apologises for a tool that failed instead of claiming that it worked', async () => {
    const messages = [
      { role: 'user' as const, content: 'a latte' },
      { role: 'assistant' as const, content: '', toolCalls: [{ id: '1', name: 'place_order', arguments: '{}' }] },
      { role: 'tool' as const, toolCallId: '1', content: 'An internal error occurred' },
    ];
    const text = (await collect({ model: 'x', messages, tools: bar.tools, toolChoice: 'auto' }))
      .map((chunk) => (chunk.kind === 'text' ? chunk.text : ''))
      .join('');
    expect(text).toContain('Something went wrong');
  });

  it('ends quietly when the reply is not wanted any more', async () => {
    const request: ChatRequest = {
      model: 'x',
      messages: [{ role: 'user', content: 'hello' }],
      tools: [],
      toolChoice: 'auto',
    };
    expect(await collect(request, AbortSignal.abort())).toEqual([]);
  });
});
