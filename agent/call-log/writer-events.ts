/** What the writer of the call log tells the worker about itself. */

/** Where something is wrong: the file on this machine, or the database that it feeds. */
export type LogPart = 'file' | 'database';

export interface WriterEvents {
  /** So many records are in the spool, in the database, or lost. */
  count(result: 'spooled' | 'sent' | 'dropped', by: number): void;
  /** Records in the spool. */
  waiting(records: number): void;
  /** @param message - For people, without secrets; undefined: it works again. Told when it changes. */
  state(part: LogPart, message: string | undefined): void;
}
