/** A setting that keeps a program from starting. Its message names every bad variable and never a value. */
export class ConfigError extends Error {
  readonly code = 'config';
  readonly retryable = false;
  override readonly name = 'ConfigError';
}

/** Something outside this program that it cannot start without. The message says which, and what to do next. */
export class UnreachableError extends Error {
  readonly code = 'unreachable';
  readonly retryable = true;
  override readonly name = 'UnreachableError';
}
