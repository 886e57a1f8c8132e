/** What reports and people ask the tables. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { CallStore } from './store.js';
import { CallRowRead, TURN_ROW_COLUMNS, TurnRow } from './turn-row.js';

/** Rows that are read at once. */
const PAGE_ROWS = 5_000;

export interface Range {
  readonly sinceUnixMs: number;
  readonly untilUnixMs: number;
  readonly profile?: string;
}

/** Turns in the order in which they began; rows that hold no turn, because a client alone told of it, are left out. */
export async function* readTurns(
  store: CallStore,
  { sinceUnixMs, untilUnixMs, profile }: Range,
): AsyncGenerator<TurnRow> {
  let after: TurnRow | undefined;
  for (;;) {
    let query = store.db
      .selectFrom('turns')
      .select(TURN_ROW_COLUMNS)
      .where('outcome', 'is not', null)
      .where('started_at_unix_ms', '>=', after?.started_at_unix_ms ?? sinceUnixMs)
      .where('started_at_unix_ms', '<=', untilUnixMs);
    if (profile !== undefined) query = query.where('profile', '=', profile);
    if (after !== undefined) {
      const { started_at_unix_ms: at, call_id: callId, turn } = after;
      query = query.where(sql<boolean>`(started_at_unix_ms, call_id, turn) > (${at}, ${callId}, ${turn})`);
    }
    const rows = await query
      .orderBy('started_at_unix_ms')
      .orderBy('call_id')
      .orderBy('turn')
      .limit(PAGE_ROWS)
      .execute();
    for (const row of rows) {
      after = TurnRow.parse(row);
      yield after;
    }
    if (rows.length < PAGE_ROWS) return;
  }
}

/** Calls that began in the range, oldest first. */
export async function* readCalls(
  store: CallStore,
  { sinceUnixMs, untilUnixMs, profile }: Range,
): AsyncGenerator<CallRowRead> {
  let after: CallRowRead | undefined;
  for (;;) {
    let query = store.db
      .selectFrom('calls')
      .selectAll()
      .where('started_at_unix_ms', '>=', after?.started_at_unix_ms ?? sinceUnixMs)
      .where('started_at_unix_ms', '<=', untilUnixMs);
    if (profile !== undefined) query = query.where('profile', '=', profile);
    if (after !== undefined) {
      query = query.where(
        sql<boolean>`(started_at_unix_ms, call_id) > (${after.started_at_unix_ms}, ${after.call_id})`,
      );
    }
    const rows = await query.orderBy('started_at_unix_ms').orderBy('call_id').limit(PAGE_ROWS).execute();
    for (const row of rows) {
      after = CallRowRead.parse(row);
      yield after;
    }
    if (rows.length < PAGE_ROWS) return;
  }
}

/** A turn with what was waited for and said. */
export const ShownTurn = TurnRow.extend({
  outcome: z.string().nullable(),
  started_at_unix_ms: z.number().nullable(),
  continues: z.number().nullable(),
  overlaps: z.string().nullable(),
  waiting: z.string().nullable(),
  instants: z.string().nullable(),
  said: z.string().nullable(),
  reply: z.string().nullable(),
});
export type ShownTurn = z.infer<typeof ShownTurn>;

/** @returns undefined when there is no such call. */
export async function readCall(
  store: CallStore,
  callId: string,
): Promise<{ readonly call: CallRowRead; readonly turns: readonly ShownTurn[] } | undefined> {
  const call = await store.db.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst();
  if (call === undefined) return undefined;
  const turns = await store.db
    .selectFrom('turns')
    .select(ShownTurn.keyof().options)
    .where('call_id', '=', callId)
    .orderBy('turn')
    .execute();
  return { call: CallRowRead.parse(call), turns: turns.map((turn) => ShownTurn.parse(turn)) };
}

/** The last calls that began in the range, newest first, with how many turns each had. */
export async function readLastCalls(
  store: CallStore,
  { sinceUnixMs, untilUnixMs, profile }: Range,
  limit: number,
): Promise<readonly { readonly call: CallRowRead; readonly turns: number }[]> {
  let query = store.db
    .selectFrom('calls')
    .selectAll()
    .select((row) =>
      row
        .selectFrom('turns')
        .whereRef('turns.call_id', '=', 'calls.call_id')
        .where('turns.outcome', 'is not', null)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('turns'),
    )
    .where('started_at_unix_ms', '>=', sinceUnixMs)
    .where('started_at_unix_ms', '<=', untilUnixMs);
  if (profile !== undefined) query = query.where('profile', '=', profile);
  const rows = await query.orderBy('started_at_unix_ms', 'desc').orderBy('call_id').limit(limit).execute();
  return rows.map((row) => ({ call: CallRowRead.parse(row), turns: z.number().parse(row.turns) }));
}
