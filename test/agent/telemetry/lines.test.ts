import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines } from '../../../agent/telemetry/lines.js';

/** Gives a text in pieces of the given lengths. */
function inPieces(lines: Lines, text: string, lengths: readonly number[]): (string | undefined)[] {
  const taken: (string | undefined)[] = [];
  let rest = text;
  for (const length of lengths) {
    taken.push(...lines.take(rest.slice(0, length)));
    rest = rest.slice(length);
  }
  return [...taken, ...lines.take(rest)];
}

describe('lines', () => {
  it('are the same however a text is cut into pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(12)), fc.integer({ min: 1, max: 8 }), (whole, lengths, maxChars) => {
        const ended = whole.split('\n');
        const unended = ended.pop() ?? '';
        const expected = ended.map((line) => (line.length > maxChars ? undefined : line));
        if (unended.length > maxChars) expected.push(undefined);
        expect(inPieces(new Lines(maxChars), whole, lengths)).toEqual(expected);
      }),
    );
  });

  it('that never end are given up once they are too long, and the next one is read', () => {
    const lines = new Lines(10);
    expect(lines.take('x'.repeat(11))).toEqual([undefined]);
    for (let i = 0; i < 100; i += 1) expect(lines.take('x'.repeat(1_000))).toEqual([]);
    expect(lines.take('x\nnext\n')).toEqual(['next']);
  });
});
