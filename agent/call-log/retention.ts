/** Deletes calls that are older than they are to be kept. */
const DAY_MS = 86_400_000;
/** How often it is looked for what has grown old, in ms. */
const INTERVAL_MS = 3_600_000;

/** @returns The wall time before which nothing is kept, in ms since 1970; undefined when everything is. */
export function keptSinceUnixMs(retentionDays: number, nowUnixMs: number): number | undefined {
  return retentionDays === 0 ? undefined : nowUnixMs - retentionDays * DAY_MS;
}

export class Retention {
  readonly #days: number;
  #nextAtUnixMs = 0;

  constructor(days: number) {
    this.#days = days;
  }

  /** Deletes what has grown old, once an hour. @returns What the deletion says; undefined when it was not time. */
  async enforce<Said>(
    store: { prune(beforeUnixMs: number, nowUnixMs: number): Promise<Said> },
    nowUnixMs: number,
  ): Promise<Said | undefined> {
    if (nowUnixMs < this.#nextAtUnixMs) return undefined;
    const since = keptSinceUnixMs(this.#days, nowUnixMs);
    const said = since === undefined ? undefined : await store.prune(since, nowUnixMs);
    this.#nextAtUnixMs = nowUnixMs + INTERVAL_MS;
    return said;
  }
}
