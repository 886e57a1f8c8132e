/**
 * How requests to a language model fail. No message holds words of a caller, of an answer, or a key.
 */
import { APIStatusError } from '@livekit/agents';

export type ReplyFailure =
  /** No useful token within the hard deadline. */
  | 'timeout'
  /** An answer with an error status. */
  | 'status'
  /** No connection, or an answer that broke off, or was none. */
  | 'connection'
  /** Silence between two tokens. */
  | 'stall'
  /** An end in the middle of a tool call, at the limit of tokens. */
  | 'cut'
  /** An end without a useful token. */
  | 'empty';

/** One request failed at one provider. */
export class ProviderRequestError extends Error {
  override readonly name = 'ProviderRequestError';
  readonly kind: ReplyFailure;
  readonly status: number | undefined;

  constructor(provider: string, kind: ReplyFailure, status?: number) {
    super(`${provider}: ${WORDS[kind]}${status === undefined ? '' : ` (${status})`}.`);
    this.kind = kind;
    this.status = status;
  }

  /** Whether it tells something of the provider, and asking once more may help. */
  get isProviders(): boolean {
    return this.status === undefined || !REQUESTS_OWN_FAULT.has(this.status);
  }

  static from(provider: string, error: Error): ProviderRequestError {
    // The plugin uses the same class, with -1 for the status, for a connection that failed.
    const status = error instanceof APIStatusError && error.statusCode > 0 ? error.statusCode : undefined;
    return new ProviderRequestError(provider, status === undefined ? 'connection' : 'status', status);
  }
}

/** The whole reply failed: everything that could be asked was. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  /** `unavailable`: every breaker is open, nothing was asked. `failed`: nothing was given on. `broken`: something was. */
  readonly code: 'unavailable' | 'failed' | 'broken';
  /** Characters of text given on before the break; 0 unless `broken`. */
  readonly charactersGiven: number;
  /** Tool calls given on before the break. */
  readonly toolCallsGiven: number;

  constructor(
    code: 'unavailable' | 'failed' | 'broken',
    given: { readonly characters: number; readonly toolCalls: number },
    cause?: Error,
  ) {
    super(MESSAGES[code], cause === undefined ? {} : { cause });
    this.code = code;
    this.charactersGiven = given.characters;
    this.toolCallsGiven = given.toolCalls;
  }
}

const WORDS: Readonly<Record<ReplyFailure, string>> = {
  timeout: 'no token within the deadline',
  status: 'answered with an error',
  connection: 'the connection failed',
  stall: 'fell silent in the middle of an answer',
  cut: 'ended in the middle of a tool call',
  empty: 'ended without an answer',
};

const MESSAGES = {
  unavailable: 'Every language model failed lately and rests; say an apology and try again at the next turn.',
  failed: 'No language model answered; say an apology and try again at the next turn.',
  broken: 'The language model broke off in the middle of its answer; what was given on stands.',
} as const;

/** Another server would say the same: bad request, too large, unprocessable. */
const REQUESTS_OWN_FAULT: ReadonlySet<number> = new Set([400, 413, 422]);
