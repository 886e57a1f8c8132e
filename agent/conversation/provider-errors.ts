import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';

/** Counts and tells what fails at the providers of one call. */
export class ProviderErrors {
  readonly #measurements: Measurements;
  readonly #logger: Logger;
  /** How the turn model failed last; `undefined` once it gave a score. */
  #scoreFailure: string | undefined;

  constructor(measurements: Measurements, logger: Logger) {
    this.#measurements = measurements;
    this.#logger = logger;
  }

  note(provider: string, kind: string, error: Error): void {
    this.#measurements.count('turnwise_provider_errors_total', { provider, kind });
    // The turn model is asked several times a turn: that it goes on failing in one way is told once.
    const isTold = provider === 'turn-model' && kind === this.#scoreFailure;
    if (provider === 'turn-model' && kind !== 'busy') this.#scoreFailure = kind;
    // A busy one refuses by design; the counter tells how often.
    this.#logger[isTold || kind === 'busy' ? 'debug' : 'warn']({ provider, kind, error }, 'provider failed');
  }

  /** The turn model works again. */
  noteScore(): void {
    this.#scoreFailure = undefined;
  }
}
