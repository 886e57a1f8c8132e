import path from 'node:path';
import { expect, it } from 'vitest';
import { readLoggedTurns } from '../../../bench/accounting/call-log.js';
import { heard, NOON_UNIX_MS, openStore, started, taken, temporaryFolder, told } from '../../agent/call-log/support.js';

it('reads what the worker’s call log keeps of turns and of what was heard of them', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder.folder, 'calls.db');
  const store = await openStore({ kind: 'sqlite', file });
  try {
    const turns = [0, 1, 2].map((turn) => told({ callId: 'one', turn }));
    await store.write([started('one'), ...turns, heard('one', 2, 810)].map((record) => taken(record)));
    expect(readLoggedTurns(file).toSorted((a, b) => a.turn - b.turn)).toEqual([
      { callId: 'one', turn: 1, startedAtUnixMs: NOON_UNIX_MS + 1_000 },
      { callId: 'one', turn: 2, startedAtUnixMs: NOON_UNIX_MS + 1_000, heardMs: 810, heardUnexplainedMs: 5 },
    ]);
    expect(() => readLoggedTurns(path.join(folder.folder, 'none.db'))).toThrow();
  } finally {
    await store.close();
    await folder.remove();
  }
});
