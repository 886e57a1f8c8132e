/** `npm run monitor` with a real Prometheus, and with a stand-in that tells how it was called where Grafana would be. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProgram } from '../support/processes.js';
import { prometheusPath, promtool } from './promtool.js';

/** What the launcher promises, in ms. */
const END_MS = 5_000;
const Ready = z.object({
  prometheusUrl: z.string(),
  grafanaUrl: z.string().optional(),
  config: z.string(),
  targets: z.object({ worker: z.string(), sfu: z.string() }),
  turnwiseRuns: z.boolean(),
});
const Called = z.object({ args: z.array(z.string()), env: z.record(z.string(), z.string()) });

const GRAFANA = `#!${process.execPath}
require('node:http').createServer((request, response) => {
  response.end(JSON.stringify({ args: process.argv.slice(2), env: process.env }));
}).listen(Number(process.env.GF_SERVER_HTTP_PORT), process.env.GF_SERVER_HTTP_ADDR);
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-monitor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function standInGrafana(): Promise<string> {
  const home = join(folder, 'grafana');
  await mkdir(join(home, 'bin'), { recursive: true });
  await mkdir(join(home, 'conf'));
  await writeFile(join(home, 'conf', 'defaults.ini'), '');
  await writeFile(join(home, 'bin', 'grafana'), GRAFANA);
  await chmod(join(home, 'bin', 'grafana'), 0o755);
  return join(home, 'bin', 'grafana');
}

function monitor(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  return startProgram({
    command: process.execPath,
    args: ['scripts/monitor.mjs', ...args],
    env: { TURNWISE_ENV_FILE: 'off', TURNWISE_CACHE_DIR: folder, PROMETHEUS_PORT: '0', GRAFANA_PORT: '0', ...env },
  });
}

async function ready(program: ReturnType<typeof monitor>) {
  const [line] = await program.waitForLine(/^\{"ready":true.*\}$/m, 60_000);
  return Ready.parse(JSON.parse(line));
}

describe.skipIf(prometheusPath === undefined)('npm run monitor', () => {
  it('starts both, tells where they are, and ends both on Ctrl-C', async () => {
    const program = monitor(
      { GRAFANA_BIN: await standInGrafana(), OPENAI_API_KEY: 'sk-secret', REGION: 'eu' },
      '--json',
    );
    const { prometheusUrl, grafanaUrl = '', config, turnwiseRuns } = await ready(program);
    expect(turnwiseRuns).toBe(false);
    expect((await fetch(`${prometheusUrl}/-/ready`)).status).toBe(200);
    expect(await promtool('check', 'config', config)).toContain('6 rule files found');
    const called = Called.parse(await (await fetch(grafanaUrl)).json());
    expect(called.args).toEqual(['server', '--homepath', join(folder, 'grafana', 'bin', '..')]);
    expect(called.env).toMatchObject({
      PROMETHEUS_URL: prometheusUrl,
      GF_PATHS_PROVISIONING: join(process.cwd(), 'monitoring/grafana/provisioning'),
      TURNWISE_DASHBOARDS: join(process.cwd(), 'monitoring/grafana/dashboards'),
    });
    expect(JSON.stringify(called)).not.toContain('sk-secret');

    const stoppedAtMs = performance.now();
    expect(await program.stop('SIGINT')).toBe(0);
    expect(performance.now() - stoppedAtMs).toBeLessThan(END_MS);
    await expect(fetch(prometheusUrl)).rejects.toThrow();
    await expect(fetch(grafanaUrl)).rejects.toThrow();
  });

  it('watches what the launcher says it started', async () => {
    const endpoints = {
      metricsUrl: 'http://127.0.0.1:20001/metrics',
      tokenMetricsUrl: 'http://127.0.0.1:20002/metrics',
      sfuMetricsUrl: 'http://127.0.0.1:20003/metrics',
    };
    await writeFile(join(folder, 'running.json'), JSON.stringify({ schema: 1, pid: process.pid, ...endpoints }));
    const program = monitor({ GRAFANA_BIN: await standInGrafana() }, '--json');
    expect(await ready(program)).toMatchObject({
      turnwiseRuns: true,
      targets: { worker: '127.0.0.1:20001', sfu: '127.0.0.1:20003' },
    });
    expect(await program.stop('SIGINT')).toBe(0);
  });

  it('starts Prometheus without Grafana, and says how to get it', async () => {
    const program = monitor({ PATH: folder, PROMETHEUS_BIN: prometheusPath ?? '' });
    await program.waitForLine(/^Grafana is not here\. Install it/m, 60_000);
    const [, url = ''] = await program.waitForLine(/^Prometheus: (http:\S+)/m, 60_000);
    expect((await fetch(`${url}/-/ready`)).status).toBe(200);
    expect(await program.stop('SIGINT')).toBe(0);
  });

  it('says in one line what is missing and what to try next', async () => {
    const program = monitor({ PATH: folder });
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/^turnwise: Prometheus is not here\. Install it .*, then start again\.\n$/);
  });
});
