/** Scrapes a worker again and again, as Prometheus does but oftener: when each turn is seen, and whether anything goes back. */
import { systemClock } from '../clock.js';
import { type Exposition, sumOf, wentBack } from './exposition.js';
import type { AccountedSystem } from './system.js';
import type { CountedScrape } from './visibility.js';

/** Between two scrapes, in ms: what they add to the time after which a turn is seen. */
const EVERY_MS = 150;
/** What counts turns soonest. */
const TURNS_SERIES = 'turnwise_response_seconds_count';

export interface ScrapeWatch {
  /** So far, each with the instant at which it was answered. */
  readonly scrapes: readonly CountedScrape[];
  /** Series of counters and histograms that were less than in the scrape before, or gone. */
  readonly wentBack: ReadonlySet<string>;
  /** Waits until a scrape says so. @returns It; undefined when none did in time. */
  until(probe: (scrape: Exposition) => boolean, timeoutMs: number): Promise<Exposition | undefined>;
  /** @throws what a scrape threw. */
  stop(): Promise<void>;
}

export function watchScrapes(system: AccountedSystem, signal: AbortSignal): ScrapeWatch {
  const ending = new AbortController();
  const scrapes: CountedScrape[] = [];
  const back = new Set<string>();
  let last: Exposition | undefined;
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const askedAtMs = systemClock.nowMs();
      const scrape = await system.scrape(signal);
      for (const series of last === undefined ? [] : wentBack(last, scrape)) back.add(series);
      last = scrape;
      const answeredAtMs = systemClock.nowMs();
      scrapes.push({ atMs: answeredAtMs, count: sumOf(scrape, TURNS_SERIES) });
      await systemClock.sleep(Math.max(0, askedAtMs + EVERY_MS - answeredAtMs), signal);
    }
  };
  const running = run();
  // Told by `stop`.
  running.catch(() => undefined);
  return {
    scrapes,
    wentBack: back,
    async until(probe, timeoutMs) {
      const deadlineMs = systemClock.nowMs() + timeoutMs;
      while (systemClock.nowMs() < deadlineMs) {
        if (last !== undefined && probe(last)) return last;
        await systemClock.sleep(EVERY_MS, signal);
      }
      return undefined;
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}
