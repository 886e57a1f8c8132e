export interface QueueOfOne {
  /** Requests that wait for the model. */
  readonly waiting: number;
  /** How long the model has been at its present request, in ms; `undefined` when it rests. */
  readonly runningForMs: number | undefined;
  /** What a request took lately, in ms. */
  readonly recentMs: number;
}

/**
 * How long a request that comes now would wait until the model begins with it, in ms.
 * A request that is overdue is taken to need as long again as it is overdue, so that a model that stands still looks full.
 */
export function expectedWaitMs({ waiting, runningForMs, recentMs }: QueueOfOne): number {
  const leftMs = runningForMs === undefined ? 0 : Math.abs(recentMs - runningForMs);
  return leftMs + waiting * recentMs;
}
