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
