import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignWithAgent } from '../../../agent/turn/overlap-echo.js';

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const align = (heard: string, said: string) => alignWithAgent(words(heard), words(said));

describe('words beside what the agent says', () => {
  it('count one each where they follow it in order, wherever they begin', () => {
    expect(align('oat milk or whole', 'would you like oat milk or whole milk')).toBe(4);
    expect(align('like would you', 'would you like oat milk')).toBeLessThan(3);
  });

  it('count where they were misheard a little', () => {
    expect(align('cappucino with almond', 'a cappuccino with almond milk')).toBe(3);
    expect(align('tea', 'ten')).toBe(-1);
  });

  it('count against it where the agent did not say them', () => {
    expect(align('i want to pay', 'would you like oat milk')).toBe(-4);
    expect(align('oat milk please stop', 'would you like oat milk')).toBe(0);
  });

  it('lose half a word for each that was not caught', () => {
    expect(align('would like oat', 'would you like oat milk')).toBe(2.5);
  });

  it('come to no more than their number, and to all of it in the agent’s own text', () => {
    const anyWords = fc.array(fc.constantFrom('a', 'latte', 'oat', 'milk', 'ten', 'stop'), { maxLength: 30 });
    fc.assert(
      fc.property(anyWords, anyWords, anyWords, (before, heard, after) => {
        expect(alignWithAgent(heard, [...before, ...heard, ...after])).toBe(heard.length);
        expect(Math.abs(alignWithAgent(heard, before))).toBeLessThanOrEqual(heard.length);
      }),
    );
  });
});
