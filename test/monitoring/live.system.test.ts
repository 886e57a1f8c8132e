/** A real Prometheus with our rules scrapes the real system while it is called: dashboards show it, alerts come and go. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { descendantsOf } from '../support/process-tree.js';
import { freePort } from '../support/processes.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeHealthyCall, placeInterruptedCall, placeTroubledCall } from './calls.js';
import { CHOICES, chosen, QUERIES } from './dashboard-files.js';
import { type RunningPrometheus, startPrometheus } from './prometheus.js';
import { prometheusPath } from './promtool.js';
import { legendLabels } from './selectors.js';

/** What windows of 5 min and more become. */
const WINDOW = '30s';
/** All of the calls, and Grafana's idea of the time shown. */
const SHOWN = { interval: '5m', range: '10m' };
/** How long what a call counts may take from its process to Prometheus, in ms. */
const SCRAPED_MS = 20_000;
/** Longest that a call with troubles may take until its breaker is seen open, in ms: some 25 s on a quiet machine. */
const TROUBLED_MS = 120_000;

/** Panels of what should not happen, and is made to. */
const EVENTS = [
  'Failovers',
  'Hedges',
  'Circuit breakers',
  'Provider errors',
  "Speech over the agent's voice",
  'Yielding to an interruption',
];

let system: ScriptedStack;
let prometheus: RunningPrometheus;
beforeAll(async () => {
  if (prometheusPath === undefined) return;
  const sfuPort = await freePort();
  system = await startScriptedStack('monitored', { LIVEKIT_METRICS_PORT: String(sfuPort) });
  const { metricsUrl, tokenMetricsUrl } = system.stack;
  prometheus = await startPrometheus(
    { worker: new URL(metricsUrl).host, tokenServer: new URL(tokenMetricsUrl).host, sfu: `127.0.0.1:${sfuPort}` },
    (rules) =>
      rules
        .replaceAll(/\[(5m|10m|15m|30m)\]/g, `[${WINDOW}]`)
        .replaceAll(/for: \d+m$/gm, 'for: 2s')
        .replaceAll(/>= 20\b/g, '>= 1'),
  );
});
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await system?.close();
});

/** What each query of the dashboards shows now. */
async function show() {
  return Promise.all(
    QUERIES.map(async (query) => ({ ...query, samples: await prometheus.query(chosen(query.expr, SHOWN)) })),
  );
}

type Shown = Awaited<ReturnType<typeof show>>;

/** Queries without a number. */
const emptyOf = (shown: Shown): string[] =>
  shown
    .filter(({ samples }) => !samples.some(({ value }) => Number.isFinite(value)))
    .map(({ dashboard, title, expr, samples }) => `${dashboard} | ${title} | ${samples.length} series | ${expr}`);

/** Lines whose name would have a hole. */
const namelessOf = (shown: Shown): string[] =>
  shown.flatMap(({ dashboard, title, legend, samples }) =>
    legendLabels(legend)
      .filter((label) => samples.some(({ labels }) => labels[label] === undefined))
      .map((label) => `${dashboard} | ${title} | ${label}`),
  );

/** Panels of events in which none shows. */
const eventlessOf = (shown: Shown): string[] =>
  EVENTS.filter(
    (event) => !shown.some(({ title, samples }) => title === event && samples.some(({ value }) => value > 0)),
  );

describe.skipIf(prometheusPath === undefined)('a real Prometheus', () => {
  it('has data for every query of the dashboards after calls that went well and badly', {
    timeout: 480_000,
  }, async () => {
    await placeHealthyCall(system, 'good');
    await placeHealthyCall(system, 'excellent');
    await placeInterruptedCall(system);
    // Looked for while the call goes on: by its end the window may be over.
    await Promise.all([placeTroubledCall(system), prometheus.until('BreakerOpened', true, TROUBLED_MS)]);
    await vi.waitFor(
      async () => {
        const shown = await show();
        expect({ empty: emptyOf(shown), eventless: eventlessOf(shown) }).toEqual({ empty: [], eventless: [] });
        expect(namelessOf(shown)).toEqual([]);
      },
      { timeout: SCRAPED_MS, interval: 2_000 },
    );
    for (const { label, selector, query } of CHOICES) {
      expect(await prometheus.labelValues(label, selector), query).not.toEqual([]);
    }
    expect(await prometheus.sickRules()).toEqual([]);
    // How fast this machine answers is not asked here: it may be busy.
    const faults = [
      'WorkerDown',
      'SfuDown',
      'TokenServerDown',
      'TokenServerFailing',
      'CallsFailing',
      'MetricBatchesDropped',
    ];
    expect((await prometheus.firing()).filter((name) => faults.includes(name))).toEqual([]);
  });

  it('sees the voice become slow, says so, and takes it back', { timeout: 300_000 }, async () => {
    await placeHealthyCall(system, 'good', 900);
    await prometheus.until('TtsSlow', true, 20_000);
    await placeHealthyCall(system, 'good');
    await prometheus.until('TtsSlow', false, 120_000);
    // By now the breaker that opened in the call before is out of the window, too.
    await prometheus.until('BreakerOpened', false, 60_000);
  });

  it('sees the worker stop answering, says so, and takes it back', { timeout: 60_000 }, async () => {
    const worker = descendantsOf(system.stack.process.pid ?? 0).find(({ command }) =>
      command.includes('agent/main.js'),
    );
    expect(worker).toBeDefined();
    process.kill(worker?.pid ?? 0, 'SIGSTOP');
    try {
      await prometheus.until('WorkerDown', true, 20_000);
    } finally {
      process.kill(worker?.pid ?? 0, 'SIGCONT');
    }
    await prometheus.until('WorkerDown', false, 20_000);
  });
});
