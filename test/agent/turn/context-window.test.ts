import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needsSummary, type Summary, type WindowSettings, windowOf } from '../../../agent/turn/context-window.js';

interface Item {
  readonly id: string;
  readonly type: string;
  readonly role?: string;
  readonly callId?: string;
  readonly text: string;
}

const settings: WindowSettings<Item> = {
  ...{ mostItems: 10, leastItems: 4, mostCharacters: 10_000, leastCharacters: 4_000 },
  charactersOf: ({ text }) => text.length,
  summarises: false,
};

const message = (id: string, role: string, text = 'words'): Item => ({ id, type: 'message', role, text });
const instructions = message('s', 'system', 'You take orders.');

/** Exchanges of the caller and the agent, the agent's with a tool where it is said so. */
function talk(exchanges: readonly { readonly tools: number; readonly length: number }[]): Item[] {
  return exchanges.flatMap(({ tools, length }, turn) => [
    message(`u${turn}`, 'user', 'x'.repeat(length)),
    ...Array.from({ length: tools }, (_, tool) => ({
      id: `c${turn}.${tool}`,
      type: 'function_call',
      callId: `${turn}.${tool}`,
      text: '{}',
    })),
    ...Array.from({ length: tools }, (_, tool) => ({
      id: `r${turn}.${tool}`,
      type: 'function_call_output',
      callId: `${turn}.${tool}`,
      text: 'done',
    })),
    message(`a${turn}`, 'assistant'),
  ]);
}

const plain = (count: number): Item[] => talk(Array.from({ length: count }, () => ({ tools: 0, length: 5 })));
const ids = (items: readonly Item[]): string => items.map(({ id }) => id).join(' ');

describe('the window of a conversation', () => {
  it('tells all of a short one', () => {
    const items = [instructions, ...plain(5)];
    expect(windowOf(items, settings)).toEqual(items);
    expect(windowOf([], settings)).toEqual([]);
    expect(windowOf([instructions], settings)).toEqual([instructions]);
  });

  it('is cut by a large step, at what the caller said, and then grows again', () => {
    const items = plain(9);
    expect(ids(windowOf([instructions, ...items.slice(0, 10)], settings))).toMatch(/^s u0 .* a4$/);
    expect(ids(windowOf([instructions, ...items.slice(0, 11)], settings))).toBe('s u3 a3 u4 a4 u5');
    expect(ids(windowOf([instructions, ...items.slice(0, 12)], settings))).toBe('s u3 a3 u4 a4 u5 a5');
    expect(ids(windowOf([instructions, ...items.slice(0, 16)], settings))).toMatch(/^s u3 .* a7$/);
  });

  it('is cut for its characters, too, and keeps the last words however long they are', () => {
    const long = talk([3, 3, 5_000, 5_001, 3].map((length) => ({ tools: 0, length })));
    expect(ids(windowOf(long, settings))).toBe('u3 a3 u4 a4');
    expect(ids(windowOf(talk([{ tools: 0, length: 20_000 }]), settings))).toBe('u0 a0');
    const tools = talk([
      { tools: 0, length: 3 },
      { tools: 8, length: 3 },
    ]);
    expect(ids(windowOf(tools.slice(0, -1), settings))).toMatch(/^u1 c1.0 .* r1.7$/);
  });

  it('keeps calls with their results', () => {
    const items = talk([
      ...Array.from({ length: 3 }, () => ({ tools: 0, length: 5 })),
      { tools: 3, length: 5 },
      { tools: 0, length: 5 },
    ]);
    expect(ids(windowOf(items, settings))).toMatch(/^u3 c3.0 c3.1 c3.2 r3.0 r3.1 r3.2 a3 u4 a4$/);
  });

  it('never begins with a result whose call is gone', () => {
    const orphan: Item = { id: 'r', type: 'function_call_output', callId: 'gone', text: '' };
    expect(ids(windowOf([orphan, ...plain(1)], settings))).toBe('u0 a0');
  });

  it('waits for a summary of what it leaves out, and puts it first', () => {
    const summing = { ...settings, summarises: true };
    const items = [instructions, ...plain(6)];
    expect(ids(needsSummary(items.slice(0, 11), summing))).toBe('');
    expect(ids(needsSummary(items, summing))).toBe('u0 a0 u1 a1 u2 a2');
    expect(ids(windowOf(items, summing))).toBe(ids(items));
    const summary: Summary<Item> = { item: message('sum', 'system', 'Ordered a latte.'), untilId: 'a2' };
    expect(ids(windowOf(items, summing, summary))).toBe('s sum u3 a3 u4 a4 u5 a5');
    expect(needsSummary(items, summing, summary)).toEqual([]);
    expect(needsSummary(items, settings)).toEqual([]);
    expect(ids(windowOf(items, settings, summary))).toBe('s sum u3 a3 u4 a4 u5 a5');
  });

  it('does not wait for a summary for ever', () => {
    const summing = { ...settings, summarises: true };
    expect(windowOf(plain(10), summing)).toHaveLength(20);
    expect(windowOf(plain(11), summing).length).toBeLessThanOrEqual(10);
  });
});

describe('any conversation', () => {
  const exchange = fc.record({ tools: fc.nat(2), length: fc.nat(900) });
  const bounds = fc
    .record({
      leastItems: fc.integer({ min: 1, max: 8 }),
      more: fc.integer({ min: 6, max: 20 }),
      leastCharacters: fc.integer({ min: 1, max: 2_000 }),
    })
    .map(({ leastItems, more, leastCharacters }) => ({
      ...settings,
      ...{ leastItems, mostItems: leastItems + more, leastCharacters, mostCharacters: leastCharacters + 3_000 },
    }));

  it('is told within the bounds, from a safe place to its end, and grows between few steps', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 40 }), bounds, (exchanges, bounded) => {
        const items = talk(exchanges);
        let before: readonly Item[] = [];
        let steps = 0;
        const faults: string[] = [];
        for (let end = 1; end <= items.length; end += 1) {
          const told = windowOf(items.slice(0, end), bounded);
          if (ids(told) !== ids(items.slice(end - told.length, end))) faults.push('not the last items');
          if (told.length > bounded.mostItems) faults.push('too many');
          if (told.reduce((sum, { text }) => sum + text.length, 0) > bounded.mostCharacters) faults.push('too long');
          if (told[0]?.type === 'function_call_output') faults.push('begins with a result');
          const calls = told.filter(({ type }) => type === 'function_call').map(({ callId }) => callId);
          const results = told.filter(({ type }) => type === 'function_call_output').map(({ callId }) => callId);
          if (results.some((callId) => !calls.includes(callId))) faults.push('a result without its call');
          if (!told.some(({ role }) => role === 'user')) faults.push('nothing said');
          if (before[0] !== undefined && told[0] !== before[0]) steps += 1;
          before = told;
        }
        expect(faults).toEqual([]);
        const characters = items.reduce((sum, { text }) => sum + text.length, 0);
        // A step leaves out all that came since the last one but the least, in items or in characters, less one exchange.
        expect(steps).toBeLessThanOrEqual(items.length / 2 + characters / 1_000 + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('never parts a call from its result, wherever they stand', () => {
    const item = fc.tuple(fc.constantFrom('message', 'function_call', 'function_call_output'), fc.nat(6), fc.boolean());
    fc.assert(
      fc.property(fc.array(item, { maxLength: 50 }), bounds, fc.boolean(), (parts, bounded, summarises) => {
        const items = parts.map(
          ([type, call, isUser], index): Item =>
            type === 'message'
              ? message(`${index}`, isUser ? 'user' : 'assistant')
              : { id: `${index}`, type, callId: `${call}`, text: '' },
        );
        const told = windowOf(items, { ...bounded, summarises });
        const first = items.length - told.length;
        expect(ids(told)).toBe(ids(items.slice(first)));
        expect(told[0]?.type).not.toBe('function_call_output');
        const known = new Set(
          items
            .slice(0, first)
            .filter(({ type }) => type === 'function_call')
            .map(({ callId }) => callId),
        );
        expect(told.filter(({ type, callId }) => type === 'function_call_output' && known.has(callId))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
