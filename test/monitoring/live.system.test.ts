/** A real Prometheus with our rules scrapes the real system while it is called: dashboards show it, alerts come and go. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { descendantsOf } from '../support/process-tree.js';
import { freePort } from '../support/processes.js';
import { wordsOf } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { clipFrom, placeCall } from '../support/stack.js';
import { type RunningPrometheus, startPrometheus } from './prometheus.js';
import { prometheusPath } from './promtool.js';

const FILES = ['orders/7594182a.flac', 'orders/a7b1de7b.flac', 'orders/1e8e3e61.flac'];
const TURNS = 3;
/** What windows of 5 min and more become. */
const WINDOW = '60s';

const Panel = z.object({
  title: z.string(),
  type: z.string(),
  targets: z.array(z.object({ expr: z.string() })).optional(),
});
const Dashboard = z.object({ panels: z.array(Panel.extend({ panels: z.array(Panel).optional() })) });

/**
 * Panels that a few healthy calls leave without a number: nothing of the kind has happened. All others must show one.
 */
const SILENT: Readonly<Record<string, string>> = {
  NACKs: 'no packet was lost on this machine, and the SFU has no series before the first',
  'Yielding to an interruption': 'nobody interrupts here',
};

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

/** A call in which the caller says something a few times, and is answered each time. */
async function placeScriptedCall(profile: string, ttsTtfb: number) {
  const turns = await Promise.all(
    Array.from({ length: TURNS }, async (_, turn) => ({ words: await wordsOf(FILES[turn % FILES.length] ?? '') })),
  );
  const replies = turns.map((_, turn) => ({
    text: `This is what number ${turn + 1} of ${profile} gets, and nothing else.`,
  }));
  await system.script({ turns, replies, timing: { ttsTtfb: { kind: 'fixed', ms: ttsTtfb } } });
  await using call = await placeCall(system.stack, { profile });
  await call.caller.waitForGreeting({ timeoutMs: 45_000 });
  for (let turn = 0; turn < TURNS; turn += 1) {
    await call.caller.say(await clipFrom(`test/speech/${FILES[turn % FILES.length]}`), { timeoutMs: 20_000 });
  }
}

describe.skipIf(prometheusPath === undefined)('a real Prometheus', () => {
  it('has data for every query of the dashboards after two calls', { timeout: 240_000 }, async () => {
    await placeScriptedCall('good', 80);
    await placeScriptedCall('excellent', 80);
    const missing: string[] = [];
    for (const name of ['calls', 'worker', 'sfu']) {
      const file = new URL(`../../monitoring/grafana/dashboards/${name}.json`, import.meta.url);
      const { panels } = Dashboard.parse(JSON.parse(readFileSync(file, 'utf8')));
      for (const { title, targets = [] } of panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])) {
        for (const { expr } of targets) {
          const values = await prometheus.query(
            expr
              .replaceAll('$__rate_interval', '2m')
              .replaceAll('$__range', '5m')
              .replaceAll(/\$(profile|region)/g, '.*'),
          );
          if (values.some(Number.isFinite) || title in SILENT) continue;
          missing.push(`${name} | ${title} | ${values.length} | ${expr}`);
        }
      }
    }
    expect(missing).toEqual([]);
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
    await placeScriptedCall('good', 900);
    await prometheus.until('TtsSlow', true, 20_000);
    await placeScriptedCall('good', 80);
    await prometheus.until('TtsSlow', false, 120_000);
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
