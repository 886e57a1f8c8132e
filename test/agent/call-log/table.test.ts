import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alignTable, toCsv } from '../../../agent/call-log/table.js';

/** A reader of RFC 4180 of its own. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

it('writes texts that read back as they were, with an apostrophe before what a spreadsheet would run', () => {
  const cells = fc.array(fc.array(fc.string({ unit: fc.constantFrom(...'a,"\r\n=+-@ \t') }), { minLength: 1 }));
  fc.assert(
    fc.property(cells, (rows) => {
      const guarded = rows.map((row) => row.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)));
      expect(readCsv(toCsv(rows))).toEqual(guarded);
    }),
  );
});

it('writes numbers as they are, and nothing where there is none', () => {
  expect(toCsv([['day', 1.5, -2, null, undefined]])).toBe('day,1.5,-2,,\r\n');
});

it('lets columns end below each other', () => {
  expect(
    alignTable([
      ['stage', 'P50'],
      ['LLM', '1250'],
      ['endpointing', '9'],
    ]),
  ).toEqual(['stage         P50', 'LLM          1250', 'endpointing     9']);
});
