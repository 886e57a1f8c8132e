import { STATUS_CODES } from 'node:http';

/** What a client is told when a request fails (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** One sentence that says what to change; never holds a secret. */
  readonly detail: string;
}

/** An expected failure of one request. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code = 'TOKEN_REQUEST_REFUSED';
  readonly retryable: boolean;
  readonly statusCode: number;

  constructor(statusCode: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.statusCode = statusCode;
    this.retryable = statusCode === 429 || statusCode >= 500;
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}
