/** Waiting until something that others change has come true. */
import type { Clock } from '../clock.js';
import { CallError } from './errors.js';

export interface WaitOptions {
  /** Longest wait, in ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, for the error: `the agent to join`. */
  readonly what: string;
}

export class Watch {
  readonly #clock: Clock;
  readonly #checks = new Set<() => void>();
  readonly #ended = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called after each change that a wait may depend on. */
  changed(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Ends every wait, now and later, with this error. Later calls change nothing. */
  end(error: Error): void {
    this.#ended.abort(error);
  }

  /** Aborts with the error given to {@link end}. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /**
   * Resolves with what `probe` returns as soon as that is not undefined.
   * @throws CallError `WAIT_TIMEOUT` after `timeoutMs`; the reason of `signal` when it aborts; the error given to {@link end}.
   */
  async until<T>(probe: () => T | undefined, { timeoutMs, signal, what }: WaitOptions): Promise<T> {
    const found = probe();
    if (found !== undefined) return found;
    const done = new AbortController();
    const owners = [this.#ended.signal, ...(signal === undefined ? [] : [signal])];
    let value: T | undefined;
    const check = (): void => {
      value = probe();
      if (value !== undefined) done.abort();
    };
    this.#checks.add(check);
    try {
      await this.#clock.sleep(timeoutMs, AbortSignal.any([done.signal, ...owners]));
    } catch (error) {
      if (value === undefined) {
        for (const owner of owners) owner.throwIfAborted();
        throw error;
      }
    } finally {
      this.#checks.delete(check);
    }
    if (value !== undefined) return value;
    throw new CallError('WAIT_TIMEOUT', `Waited ${Math.round(timeoutMs)} ms for ${what}.`);
  }
}
