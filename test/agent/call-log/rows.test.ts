import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallRow } from '../../../agent/call-log/columns.js';
import { foldRecords, mergeCalls } from '../../../agent/call-log/rows.js';
import { DAY_MS, ended, heard, NOON_UNIX_MS, started, taken, told } from './support.js';

const texts = ['a latte please', 'One latte.'];

describe('rows of a batch', () => {
  it('hold each call and each turn once, with what was told last', () => {
    const {
      calls,
      told: turns,
      heard: ears,
    } = foldRecords(
      [
        taken(started('a')),
        taken(told({ callId: 'a', turn: 1, responseMs: 900 })),
        taken(heard('a', 1, 950)),
        taken(told({ callId: 'a', turn: 1, responseMs: 700 })),
        taken(told({ callId: 'b', turn: 1 })),
        taken(ended('a')),
      ],
      true,
    );
    expect(calls.map(({ call_id: id, outcome }) => [id, outcome])).toEqual([
      ['a', 'ended'],
      ['b', null],
    ]);
    expect(turns.map(({ call_id: id, response_ms: ms }) => [id, ms])).toEqual([
      ['a', 700],
      ['b', 700],
    ]);
    expect(ears).toHaveLength(1);
  });

  it('hold nothing that was said, unless texts are kept', () => {
    const records = [taken(told({ callId: 'a', turn: 1 }))];
    for (const text of texts) {
      expect(JSON.stringify(foldRecords(records, false))).not.toContain(text);
      expect(JSON.stringify(foldRecords(records, true))).toContain(text);
    }
  });

  it('put a turn where its first instant was, and never far into the future', () => {
    const at = (startedAtUnixMs: number, instants: object) =>
      foldRecords([taken(told({ callId: 'a', turn: 1, instants }, startedAtUnixMs))], false).told[0]
        ?.started_at_unix_ms;
    expect(at(NOON_UNIX_MS, { playoutStartedAtMs: 9_000, speechEndedAtMs: 8_000.4 })).toBe(NOON_UNIX_MS + 8_000);
    expect(at(NOON_UNIX_MS, {})).toBe(NOON_UNIX_MS);
    const now = NOON_UNIX_MS + 30_000;
    expect(at(now + DAY_MS + 1, {})).toBe(now);
    expect(at(NOON_UNIX_MS, { speechEndedAtMs: 1e308 })).toBe(now);
  });
});

describe('two accounts of a call', () => {
  const call = fc.record<CallRow>({
    call_id: fc.constant('a'),
    region: fc.constant('eu-1'),
    profile: fc.option(fc.constantFrom('good', 'excellent')),
    started_at_unix_ms: fc.nat(),
    last_sign_at_unix_ms: fc.nat(),
    ended_at_unix_ms: fc.option(fc.nat()),
    outcome: fc.option(fc.constantFrom('ended', 'crashed')),
  });

  it('come to the same however they are grouped, and once more changes nothing', () => {
    fc.assert(
      fc.property(call, call, call, (a, b, c) => {
        expect(mergeCalls(mergeCalls(a, b), c)).toEqual(mergeCalls(a, mergeCalls(b, c)));
        expect(mergeCalls(mergeCalls(a, b), b)).toEqual(mergeCalls(a, b));
      }),
    );
  });
});
