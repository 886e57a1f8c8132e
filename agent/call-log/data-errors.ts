/** Tells what a database will never take from what it does not take now. Pure. */

/** Classes of Postgres' SQLSTATE (appendix A): data exception, integrity constraint violation, program limit exceeded. */
const POSTGRES_CLASSES = /^(22|23|54)[0-9A-Z]{3}$/;
/** SQLite's result codes for the same. */
const SQLITE_CODES = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;

/** Whether the records themselves are at fault, so that another attempt would fail like this one. */
export function isDataError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return POSTGRES_CLASSES.test(error.code) || SQLITE_CODES.test(error.code);
}
