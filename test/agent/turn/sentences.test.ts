import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutSentences } from '../../../agent/turn/sentences.js';

describe('cutting text into sentences', () => {
  it('gives out what is whole and keeps the rest', () => {
    expect(cutSentences('Sure. One latte! And')).toEqual({ sentences: ['Sure. ', 'One latte! '], rest: 'And' });
  });

  it.each(['It is $4.50 with milk', 'See example.com for it', 'Dr. Bean is here', 'At 7 a.m. we open', 'J. Doe'])(
    'does not cut inside: %s',
    (text) => {
      expect(cutSentences(text)).toEqual({ sentences: [], rest: text });
    },
  );

  it('loses and adds no letter, however the text is cut up', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        let pending = '';
        let spoken = '';
        for (const piece of pieces) {
          const { sentences, rest } = cutSentences(pending + piece);
          spoken += sentences.join('');
          pending = rest;
        }
        expect(spoken + pending).toBe(pieces.join(''));
      }),
    );
  });
});
