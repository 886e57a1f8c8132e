import { describe, expect, it } from 'vitest';
import { mayWrite } from '../../../agent/orders/confirmation.js';

const write = { writeKey: 'place a latte', confirmed: false, doubtful: false };
const yes = { ...write, confirmed: true };
const asked = { writeKey: 'place a latte', turnId: 3 };

describe('a write', () => {
  it('is done at once on words that were heard well', () => {
    expect(mayWrite(write, { id: 3, confidence: 0.8 }, undefined)).toEqual({ kind: 'write' });
  });

  it('is asked about when the words were hardly heard', () => {
    expect(mayWrite(write, { id: 3, confidence: 0.79 }, undefined)).toEqual({ kind: 'ask', openQuestion: asked });
  });

  it('is asked about when it is doubtful, however well it was heard', () => {
    expect(mayWrite({ ...write, doubtful: true }, { id: 3, confidence: 1 }, undefined).kind).toBe('ask');
  });

  it('is done on the yes of a later turn', () => {
    expect(mayWrite(yes, { id: 4, confidence: 0.5 }, asked)).toEqual({ kind: 'write' });
    expect(mayWrite({ ...yes, doubtful: true }, { id: 4, confidence: 0.5 }, asked)).toEqual({ kind: 'write' });
  });

  it('is done on the second yes that was hardly heard, but not on the first', () => {
    const first = mayWrite(yes, { id: 4, confidence: 0.1 }, asked);
    expect(first).toEqual({ kind: 'ask', openQuestion: { ...asked, turnId: 4, faintYes: true } });
    const question = first.kind === 'ask' ? first.openQuestion : undefined;
    expect(mayWrite(yes, { id: 4, confidence: 0.1 }, question).kind).toBe('ask');
    expect(mayWrite(yes, { id: 5, confidence: 0.1 }, question)).toEqual({ kind: 'write' });
  });

  it.each([
    ['the same turn', yes, { id: 3, confidence: 0.6 }, asked],
    ['a yes that was hardly heard', yes, { id: 4, confidence: 0.49 }, asked],
    ['a question long gone', yes, { id: 6, confidence: 0.6 }, asked],
    ['another write than the one read back', { ...yes, writeKey: 'cancel' }, { id: 4, confidence: 0.6 }, asked],
    ['no question at all', yes, { id: 4, confidence: 0.6 }, undefined],
  ])('is not done by a confirmation in %s', (_name, request, turn, question) => {
    expect(mayWrite(request, turn, question).kind).toBe('ask');
  });
});
