import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { continuationOf } from '../../../agent/turn/continuation.js';

const part = (text: string, changedSomething = false) => ({ text, changedSomething });

describe('a turn that goes on', () => {
  it('is told as one message, and what was answered to its first half is not told', () => {
    expect(continuationOf('I want a latte with oat milk', [part('I want a latte')])).toEqual({
      text: 'I want a latte with oat milk',
      hides: [true],
    });
  });

  it('is told as what was added, once something was changed on its first half', () => {
    expect(continuationOf('I want a latte with oat milk', [part('I want a latte.', true)])).toEqual({
      text: 'with oat milk',
      hides: [false],
    });
  });

  it('keeps of three halves the one that something was changed on', () => {
    const parts = [part('I want'), part('I want a latte', true), part('I want a latte with')];
    expect(continuationOf('I want a latte with oat milk', parts)).toEqual({
      text: 'with oat milk',
      hides: [true, false, true],
    });
  });

  it('is told in full when it does not begin with what was acted upon, or adds nothing', () => {
    expect(continuationOf('a mocha', [part('a latte', true)]).text).toBe('a mocha');
    expect(continuationOf('A latte.', [part('a latte', true)]).text).toBe('A latte.');
  });

  it('always has words to tell when it was said in words', () => {
    const text = fc.string({ minLength: 1 });
    const parts = fc.array(fc.record({ text: fc.string(), changedSomething: fc.boolean() }), { maxLength: 4 });
    fc.assert(
      fc.property(text, parts, (said, earlier) => {
        const { text: told, hides } = continuationOf(said, earlier);
        expect(told).not.toBe('');
        expect(said.endsWith(told) || said.trim().endsWith(told)).toBe(true);
        expect(hides).toHaveLength(earlier.length);
      }),
    );
  });
});
