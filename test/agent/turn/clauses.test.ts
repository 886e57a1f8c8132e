import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutForVoice } from '../../../agent/turn/clauses.js';
import { randomOf, replies } from './replies-corpus.js';

const whole = (text: string): readonly string[] => cutForVoice(text, { isFirst: true, isEnd: true }).pieces;
const soFar = (text: string): readonly string[] => cutForVoice(text, { isFirst: true, isEnd: false }).pieces;

/** Feeds a text token by token, as a shell does. */
function stream(tokens: readonly string[]): string[] {
  const pieces: string[] = [];
  let pending = '';
  for (const token of tokens) {
    const cut = cutForVoice(pending + token, { isFirst: pieces.length === 0, isEnd: false });
    pieces.push(...cut.pieces);
    pending = cut.rest;
  }
  return [...pieces, ...cutForVoice(pending, { isFirst: pieces.length === 0, isEnd: true }).pieces];
}

/** Cuts a text into tokens of the given lengths, over and over. */
function split(text: string, lengths: readonly number[]): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at += tokens.at(-1)?.length ?? 0) {
    tokens.push(text.slice(at, at + (lengths[tokens.length % lengths.length] ?? 1)));
  }
  return tokens;
}

describe('cutting a reply for the voice', () => {
  it('gives out the first clause, then whole sentences', () => {
    expect(whole('Sure, one latte, with milk. That is $4.50, ready at 3:30 p.m. Anything else?')).toEqual([
      'Sure,',
      ' one latte, with milk.',
      ' That is $4.50, ready at 3:30 p.m.',
      ' Anything else?',
    ]);
  });

  it('gives out a first clause with its comma, before anything follows', () => {
    expect(soFar('Sure')).toEqual([]);
    expect(soFar('Sure,')).toEqual(['Sure,']);
    expect(soFar('好的，')).toEqual(['好的，']);
    expect(soFar('जी हाँ,')).toEqual(['जी हाँ,']);
  });

  it('cuts a clause without a mark in time, before a phrase and not inside a name', () => {
    expect(whole('I can certainly get you a large iced latte with oat milk and two pumps of vanilla today.')).toEqual([
      'I can certainly get you a large iced latte',
      ' with oat milk and two pumps of vanilla today.',
    ]);
    expect(whole('It was made by the good people at Ben and Jerry back in the nineties of the last century.')[0]).toBe(
      'It was made by the good people',
    );
    expect(whole('Ich bringe Ihnen sofort einen Latte mit Hafermilch und Zucker an Ihren Tisch am Fenster.')[0]).toBe(
      'Ich bringe Ihnen sofort einen Latte mit Hafermilch',
    );
  });

  it('waits for what follows where that decides', () => {
    expect(soFar('That is 4')).toEqual([]);
    expect(soFar('That is 4.')).toEqual([]);
    expect(soFar('It costs 4,')).toEqual([]);
    expect(soFar('At 3:')).toEqual([]);
    expect(soFar('Sure.')).toEqual([]);
    expect(soFar('Sure. O')).toEqual(['Sure.']);
    expect(soFar('"Sure,')).toEqual([]);
    expect(soFar('"Sure," ')).toEqual(['"Sure,"']);
  });
});

describe('any text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          ...[
            'a',
            'latte',
            'Sure',
            'and',
            'The',
            'Dr',
            'e.g',
            'a.m',
            '3',
            '4.50',
            'J',
            ' ',
            ' ',
            ' ',
            ' ',
            '\n',
            '.',
            '.',
          ],
          ...[
            ',',
            '?',
            '!',
            ':',
            '—',
            ' – ',
            '…',
            '。',
            '，',
            '"',
            '“',
            '”',
            '«',
            ' »',
            ')',
            '（',
            '）',
            '😀',
            'हाँ',
            '।',
            '你好',
          ],
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join('')),
  );

  it('goes out letter for letter, in the same pieces however it is split', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1 }), (reply, sizes) => {
        const tokens = split(reply, sizes);
        expect(tokens.join('')).toBe(reply);
        expect(stream(tokens)).toEqual(whole(reply));
        expect(whole(reply).join('')).toBe(reply);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what it has cut when more follows', () => {
    fc.assert(
      fc.property(text, fc.nat(), (reply, place) => {
        const begun = reply.slice(0, place % (reply.length + 1));
        const { pieces, rest } = cutForVoice(begun, { isFirst: true, isEnd: false });
        expect(pieces.join('') + rest).toBe(begun);
        expect(whole(reply).slice(0, pieces.length)).toEqual(pieces);
        expect(pieces.filter((piece) => !/[\p{L}\p{N}]/u.test(piece))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('2,400 replies in eight languages', () => {
  const all = replies(2_400, 20_261_121);

  it('are spoken letter for letter in any split into tokens, and never cut inside what must stay whole', () => {
    const random = randomOf(7);
    const changed: string[] = [];
    const unequal: string[] = [];
    const cut: string[] = [];
    for (const { text, whole: stretches } of all) {
      const pieces = whole(text);
      const lengths = Array.from({ length: 12 }, () => 1 + Math.floor(random() ** 2 * 9));
      const streamed = stream(split(text, lengths));
      if (pieces.join('') !== text || streamed.join('') !== text) changed.push(text);
      if (pieces.join('|') !== streamed.join('|')) unequal.push(text);
      let seam = 0;
      for (const piece of pieces.slice(0, -1)) {
        seam += piece.length;
        const isInside = stretches.some(([from, until]) => seam > from && seam < until);
        if (isInside) cut.push(`${text.slice(0, seam)}|${text.slice(seam)}`);
      }
    }
    expect({ changed, unequal, cut }).toEqual({ changed: [], unequal: [], cut: [] });
  });

  it('soon have a first piece, and few pieces', () => {
    const late: string[] = [];
    const stray: string[] = [];
    let short = 0;
    for (const { text } of all) {
      const [first = '', ...others] = whole(text);
      if (first.length > 100 || first.trim().split(/\s+/).length > 12) late.push(text);
      if (first.length <= 20) short += 1;
      // Without a letter, there may only be what ends a reply: closing quotes, an emoji.
      if (others.slice(0, -1).some((other) => !/[\p{L}\p{N}]/u.test(other))) stray.push(text);
    }
    expect({ late, stray }).toEqual({ late: [], stray: [] });
    expect(short / all.length).toBeGreaterThan(0.6);
  });
});
