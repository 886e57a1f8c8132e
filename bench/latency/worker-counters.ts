/** What our worker counted in the calls of one arm, by the difference of its metrics before and after. Pure but for the fetches. */
import { systemClock } from '../clock.js';

/** Counters of techniques; requests to providers are counted by the providers themselves. */
const COUNTED =
  /^turnwise_(speculation|failovers|hedges|cache_requests|provider_connections|openings|fillers|breaker|llm_tokens|tts_characters)/;
/** Metrics of a call reach the worker's parent a moment after it was hung up, in ms. */
export const SETTLE_MS = 300;

/** Counts by name with labels, as Prometheus writes them. */
export type Counts = Readonly<Record<string, number>>;

export async function readCounters(metricsUrl: string, signal: AbortSignal): Promise<Counts> {
  const response = await fetch(metricsUrl, { signal });
  return parseCounters(await response.text());
}

/** Between two looks at how many processes are ready, in ms. */
const WARM_CHECK_MS = 250;

/**
 * Waits until our worker holds so many call processes ready, or until the time is over: who calls then may have to wait.
 * @throws what `fetch` does, and the reason of the signal.
 */
export async function untilWarm(
  metricsUrl: string,
  { processes, withinMs, signal }: { processes: number; withinMs: number; signal?: AbortSignal },
): Promise<void> {
  const untilMs = systemClock.nowMs() + withinMs;
  while ((await readWarmProcesses(metricsUrl, signal)) < processes && systemClock.nowMs() < untilMs) {
    await systemClock.sleep(WARM_CHECK_MS, signal);
  }
}

async function readWarmProcesses(metricsUrl: string, signal?: AbortSignal): Promise<number> {
  const response = await fetch(metricsUrl, { signal: signal ?? null });
  return parseWarmProcesses(await response.text());
}

/** @param text - Metrics in Prometheus' text form. @returns How many processes are ready; 0 where it does not say so. */
export function parseWarmProcesses(text: string): number {
  return Number(/^turnwise_warm_processes(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** @param text - Metrics in Prometheus' text form. */
export function parseCounters(text: string): Counts {
  const counts: Record<string, number> = {};
  for (const line of text.split('\n')) {
    if (!COUNTED.test(line)) continue;
    const cut = line.lastIndexOf(' ');
    const value = Number(line.slice(cut + 1));
    if (cut > 0 && Number.isFinite(value)) counts[line.slice(0, cut)] = value;
  }
  return counts;
}

/** What came between; counts that did not change are left out. */
export function countsBetween(before: Counts, after: Counts): Counts {
  const changed = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, difference]) => difference > 0));
}

export function addCounts(some: Counts, more: Counts): Counts {
  const sum: Record<string, number> = { ...some };
  for (const [name, value] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

/** Requests to providers that found no open connection: each waited for a handshake. */
export function coldConnections(counts: Counts): number {
  const cold = Object.entries(counts).filter(
    ([name]) => name.startsWith('turnwise_provider_connections_total') && name.includes('reused="false"'),
  );
  return cold.reduce((sum, [, count]) => sum + count, 0);
}
