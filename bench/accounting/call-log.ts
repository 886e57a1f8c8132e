/** Reads what the worker's call log keeps of turns. The schema stands in docs/call-log.md. */
import Database from 'libsql';
import { z } from 'zod';

const Row = z.object({
  call_id: z.string(),
  turn: z.number(),
  started_at_unix_ms: z.number().nullable(),
  heard_ms: z.number().nullable(),
  heard_unexplained_ms: z.number().nullable(),
});

/** The call log has a record at the latest so long after it was told, in ms: a second for its turn's fate to be known, and its own gathering. */
export const LOGGED_AFTER_MS = 2_000;

/** What the log knows of what was heard of a turn, in ms. */
export interface LoggedTurn {
  readonly callId: string;
  readonly turn: number;
  /** Wall time of the first of the turn's instants. */
  readonly startedAtUnixMs?: number;
  readonly heardMs?: number;
  /** What neither the worker nor the way to the ear accounts for; below 0 where they are more than was heard. */
  readonly heardUnexplainedMs?: number;
}

/** @throws when there is no such file. @returns All turns but the greetings. */
export function readLoggedTurns(file: string): LoggedTurn[] {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = database
      .prepare('SELECT call_id, turn, started_at_unix_ms, heard_ms, heard_unexplained_ms FROM turns WHERE turn > 0')
      .all();
    return rows.map((raw) => {
      const row = Row.parse(raw);
      const { call_id: callId, turn, started_at_unix_ms: startedAtUnixMs } = row;
      const { heard_ms: heardMs, heard_unexplained_ms: unexplainedMs } = row;
      return {
        callId,
        turn,
        ...(startedAtUnixMs !== null && { startedAtUnixMs }),
        ...(heardMs !== null && { heardMs }),
        ...(unexplainedMs !== null && { heardUnexplainedMs: unexplainedMs }),
      };
    });
  } finally {
    database.close();
  }
}
