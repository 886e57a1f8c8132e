/** What can go wrong in placing and holding a call, in words for the person at the terminal. */

export type CallErrorCode =
  | 'CONNECT_FAILED'
  | 'TOKEN_REFUSED'
  | 'NOTHING_RUNS'
  | 'NO_AGENT'
  | 'NO_GREETING'
  | 'CALL_ENDED'
  | 'WAIT_TIMEOUT'
  | 'BAD_INPUT';

export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: CallErrorCode;
  readonly retryable: boolean;

  constructor(code: CallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code !== 'BAD_INPUT' && code !== 'TOKEN_REFUSED';
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

/** Turns the end of a wait into a value; everything else stays an error. */
export function ifTimedOut<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof CallError && error.code === 'WAIT_TIMEOUT') return value;
    throw error;
  };
}

/** Gives the end of a wait the words and the code of what it means. */
export function rename(code: CallError['code'], message: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof CallError && error.code === 'WAIT_TIMEOUT')
      throw new CallError(code, message, { cause: error });
    throw error;
  };
}
