import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstClause, firstClauseTokens, repliesOf, spokenReply } from '../../../bench/latency/replies.js';

describe('the first clause of a reply', () => {
  it('ends with the first mark that something follows', () => {
    expect(firstClause('Got it, it goes on your order.')).toBe('Got it,');
    expect(firstClause('Done.')).toBe('Done.');
    expect(firstClause('That makes 4.50 dollars. Anything?')).toBe('That makes 4.50 dollars.');
    expect(firstClause('no mark at all')).toBe('no mark at all');
  });

  it('is counted in the tokens of the scripted model', () => {
    expect(firstClauseTokens('Got it, it goes on your order.')).toBe(3);
    expect(firstClauseTokens('That is on the list, thanks.')).toBe(6);
  });

  it('is the beginning of the reply, letter for letter', () => {
    fc.assert(
      fc.property(fc.string(), (reply) => {
        expect(reply.startsWith(firstClause(reply))).toBe(true);
      }),
    );
  });
});

describe('scripted replies', () => {
  it('are the same for the same seed, of many lengths, and begin with a few words', () => {
    expect(repliesOf(20, 3)).toEqual(repliesOf(20, 3));
    expect(repliesOf(20, 3)).not.toEqual(repliesOf(20, 4));
    const replies = repliesOf(200, 1);
    expect(new Set(replies.map(({ length }) => length)).size).toBeGreaterThan(15);
    for (const reply of replies) {
      expect(firstClause(reply)).toMatch(/,$/);
      expect(firstClauseTokens(reply)).toBeLessThanOrEqual(7);
    }
  });

  it('are not said twice within ten', () => {
    const replies = repliesOf(60, 5);
    for (const [index, reply] of replies.entries()) {
      expect(replies.slice(Math.max(0, index - 10), index)).not.toContain(reply);
    }
  });
});

describe('the reply that was spoken', () => {
  const replies = ['Got it, it is down.', 'All right, the bar has it now.'];

  it('is found behind an opening, and cut short', () => {
    expect(spokenReply('Sure, all right, the bar has it now.', replies)).toBe(replies[1]);
    expect(spokenReply('All right,', replies)).toBe(replies[1]);
  });

  it('is none of what nobody scripted', () => {
    expect(spokenReply('Sorry, what was that?', replies)).toBeUndefined();
    expect(spokenReply('', replies)).toBeUndefined();
  });
});
