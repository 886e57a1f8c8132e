/** A real Prometheus with the project's rules, at the pace of a test. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configureScrapes, type Targets } from '../../scripts/lib/monitor.mjs';
import { freePort, startProgram } from '../support/processes.js';
import { prometheusPath } from './promtool.js';

const COMMITTED = fileURLToPath(new URL('../../monitoring/prometheus/', import.meta.url));
const POLL_MS = 500;

const Vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
const Alerts = z.object({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.enum(['pending', 'firing']) })),
  }),
});
const Rules = z.object({
  data: z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
  }),
});

const Values = z.object({ data: z.array(z.string()) });

/** One series of an answer: its labels, and its value now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RunningPrometheus extends AsyncDisposable {
  readonly url: string;
  /** What an instant query gives. */
  query(expr: string): Promise<readonly Sample[]>;
  /** Values that a label has in the series selected. */
  labelValues(label: string, selector: string): Promise<readonly string[]>;
  /** Names of alerts that fire now. */
  firing(): Promise<readonly string[]>;
  /** Rules that Prometheus could not evaluate. */
  sickRules(): Promise<readonly string[]>;
  /** Waits until an alert fires, or does not any more. @throws when it takes longer. */
  until(alert: string, isFiring: boolean, timeoutMs: number): Promise<void>;
}

/**
 * @param targets - What is scraped, each second.
 * @param hasten - Makes the rules' windows and guards as short as a test is; names and conditions stay.
 */
export async function startPrometheus(targets: Targets, hasten: (rules: string) => string): Promise<RunningPrometheus> {
  if (prometheusPath === undefined) throw new Error('Prometheus is not installed.');
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rules = join(folder, 'rules');
  await mkdir(rules);
  for (const name of await readdir(join(COMMITTED, 'rules'))) {
    await copyFile(join(COMMITTED, 'rules', name), join(rules, name));
    await writeFile(join(rules, name), hasten(await readFile(join(rules, name), 'utf8')));
  }
  const committed = await readFile(join(COMMITTED, 'prometheus.yml'), 'utf8');
  const config = configureScrapes(committed, { targets, prometheus: `127.0.0.1:${port}`, region: 'local', rules })
    .replace(/scrape_interval: \S+/, 'scrape_interval: 1s')
    .replace(/scrape_timeout: \S+/, 'scrape_timeout: 1s')
    .replace(/evaluation_interval: \S+/, 'evaluation_interval: 1s');
  await writeFile(join(folder, 'prometheus.yml'), config);
  const program = startProgram({
    command: prometheusPath,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
  });
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}${path}`);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  };
  await program.waitForLine(/Server is ready to receive web requests/, 20_000);
  const firing = async () =>
    Alerts.parse(await get('/api/v1/alerts'))
      .data.alerts.filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels.alertname ?? '');
  return {
    url,
    firing,
    async query(expr) {
      const answer = Vector.parse(await get(`/api/v1/query?query=${encodeURIComponent(expr)}`));
      return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async labelValues(label, selector) {
      return Values.parse(await get(`/api/v1/label/${label}/values?match[]=${encodeURIComponent(selector)}`)).data;
    },
    async sickRules() {
      const { groups } = Rules.parse(await get('/api/v1/rules')).data;
      return groups.flatMap(({ rules: all }) => all.filter(({ health }) => health !== 'ok').map(({ name }) => name));
    },
    async until(alert, isFiring, timeoutMs) {
      const endsAtMs = performance.now() + timeoutMs;
      while ((await firing()).includes(alert) !== isFiring) {
        if (performance.now() > endsAtMs) {
          throw new Error(
            `${alert} ${isFiring ? 'did not fire' : 'still fires'} after ${timeoutMs} ms; firing: ${await firing()}`,
          );
        }
        await sleep(POLL_MS);
      }
    },
    async [Symbol.asyncDispose]() {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
