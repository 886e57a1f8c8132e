import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { configureScrapes, findProgram, findTargets, harmless, monitorPorts } from '../../scripts/lib/monitor.mjs';

const committed = readFileSync(new URL('../../monitoring/prometheus/prometheus.yml', import.meta.url), 'utf8');
const DEFAULTS = { worker: '127.0.0.1:9464', tokenServer: '127.0.0.1:9465', sfu: '127.0.0.1:6789' };
const HERE = { prometheus: '127.0.0.1:9090', region: 'local', rules: '/project/monitoring/prometheus/rules' };

describe('what is watched', () => {
  it('is where the defaults are, without settings and without a running system', () => {
    expect(findTargets({}, undefined)).toEqual(DEFAULTS);
  });

  it('is where the running system says it is', () => {
    const running = {
      metricsUrl: 'http://127.0.0.1:20001/metrics',
      tokenMetricsUrl: 'http://127.0.0.1:20002/metrics',
      sfuMetricsUrl: 'http://127.0.0.1:20003/metrics',
    };
    expect(findTargets({ METRICS_PORT: '1' }, running)).toEqual({
      worker: '127.0.0.1:20001',
      tokenServer: '127.0.0.1:20002',
      sfu: '127.0.0.1:20003',
    });
  });

  it('is where the settings say, else', () => {
    const env = { METRICS_PORT: '1', TOKEN_METRICS_PORT: '2', LIVEKIT_METRICS_PORT: '3' };
    expect(findTargets(env, undefined)).toEqual({
      worker: '127.0.0.1:1',
      tokenServer: '127.0.0.1:2',
      sfu: '127.0.0.1:3',
    });
  });

  it("leaves out someone else's SFU, unless its port is told", () => {
    const env = { LIVEKIT_URL: 'wss://sfu.example.com' };
    expect(findTargets(env, undefined).sfu).toBeUndefined();
    expect(findTargets({ ...env, LIVEKIT_METRICS_PORT: '6789' }, undefined).sfu).toBe('sfu.example.com:6789');
  });
});

describe("Prometheus' configuration", () => {
  it('is the committed one but for the folder of the rules, when all is where it is by default', () => {
    const made = configureScrapes(committed, { targets: DEFAULTS, ...HERE });
    expect(
      made
        .replace("'/project/monitoring/prometheus/rules/*.yml'", 'rules/*.yml')
        .replace("region: 'local'", 'region: local'),
    ).toBe(committed);
  });

  it('names what is really there', () => {
    const targets = { worker: 'a:1', tokenServer: 'b:2', sfu: 'c:3' };
    const made = configureScrapes(committed, { targets, prometheus: 'd:4', region: "it's", rules: '/x' });
    expect([...made.matchAll(/targets: \['(.+)'\]/g)].map(([, target]) => target)).toEqual([
      'a:1',
      'b:2',
      'c:3',
      'd:4',
    ]);
    expect(made).toContain("region: 'it''s'");
  });

  it('has no job for an SFU that tells no metrics, and all others', () => {
    const made = configureScrapes(committed, { targets: { ...DEFAULTS, sfu: undefined }, ...HERE });
    expect([...made.matchAll(/job_name: (\S+)/g)].map(([, name]) => name)).toEqual([
      'turnwise-worker',
      'turnwise-token-server',
      'prometheus',
    ]);
  });
});

describe('what it needs', () => {
  it('is told by name when a port is wrong or taken', async () => {
    await expect(monitorPorts({ PROMETHEUS_PORT: 'x', GRAFANA_PORT: '70000' })).rejects.toThrow(
      'PROMETHEUS_PORT is not a port number (0 to 65535; 0 picks a free one); GRAFANA_PORT is not',
    );
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    await expect(monitorPorts({ PROMETHEUS_PORT: String(port), GRAFANA_PORT: '0' })).rejects.toThrow(
      `Port ${port} is in use: set PROMETHEUS_PORT to another`,
    );
    await new Promise((resolve) => holder.close(resolve));
  });

  it('is told when a program that was named cannot be run', () => {
    expect(() => findProgram({ GRAFANA_BIN: '/nowhere/grafana' }, 'GRAFANA_BIN', ['grafana'])).toThrow(
      'GRAFANA_BIN names /nowhere/grafana, which is no program that can be run',
    );
    expect(findProgram({ PATH: '/nowhere' }, 'GRAFANA_BIN', ['grafana'])).toBeUndefined();
  });

  it('never hands a key to Prometheus or Grafana', () => {
    const env = {
      PATH: '/bin',
      HOME: '/root',
      OPENAI_API_KEY: 'x',
      LIVEKIT_API_SECRET: 'y',
      CALL_LOG_URL: 'postgres://z',
      GF_LOG_MODE: 'file',
    };
    expect(harmless(env)).toEqual({ PATH: '/bin', HOME: '/root', GF_LOG_MODE: 'file' });
  });
});
