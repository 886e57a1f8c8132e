/** From the environment and what runs to what watches it: which Prometheus, which Grafana, and what they are told. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findOnPath, isExecutable } from './exec.mjs';
import { Failure } from './failure.mjs';
import { claimPorts } from './ports.mjs';

const HOST = '127.0.0.1';
/** Long enough to compare months' ends; the objective's longest window is 3 days. */
const RETENTION = '35d';
const PORTS = [
  { name: 'PROMETHEUS_PORT', fallback: 9090 },
  { name: 'GRAFANA_PORT', fallback: 3001 },
];

/**
 * Where the metrics of the running system are: what the launcher says of itself, else the settings, else the defaults.
 * @param {Record<string, string>} env
 * @param {Record<string, unknown> | undefined} running - What `npm start` wrote about itself, if it runs.
 * @returns {{ worker: string, tokenServer: string, sfu: string | undefined }} `host:port` each; an SFU of someone else's has none.
 */
export function findTargets(env, running) {
  const target = (url, name, fallback) => {
    if (typeof url === 'string') return new URL(url).host;
    const port = env[name] === undefined || env[name] === '0' ? fallback : env[name];
    return `${HOST}:${port}`;
  };
  const isTheirs = env.LIVEKIT_URL !== undefined && env.LIVEKIT_METRICS_PORT === undefined;
  const sfuHost = env.LIVEKIT_URL === undefined ? HOST : new URL(env.LIVEKIT_URL).hostname;
  return {
    worker: target(running?.metricsUrl, 'METRICS_PORT', 9464),
    tokenServer: target(running?.tokenMetricsUrl, 'TOKEN_METRICS_PORT', 9465),
    sfu:
      running?.sfuMetricsUrl === undefined && isTheirs
        ? undefined
        : target(running?.sfuMetricsUrl, 'LIVEKIT_METRICS_PORT', 6789).replace(HOST, sfuHost),
  };
}

/**
 * `prometheus.yml` with the targets that are really there.
 * @param {string} text - The committed file.
 * @param {{ targets: ReturnType<typeof findTargets>, prometheus: string, region: string, rules: string }} real - `rules` is the
 *   folder of the rules as Prometheus sees it.
 */
export function configureScrapes(text, { targets, prometheus, region, rules }) {
  const jobs = text.split(/(?=^ {2}(?:#.*\n {2})*- job_name: )/m);
  const kept = targets.sfu === undefined ? jobs.filter((job) => !job.includes('- job_name: livekit-server')) : jobs;
  return kept
    .join('')
    .replaceAll("'127.0.0.1:9464'", quoted(targets.worker))
    .replaceAll("'127.0.0.1:9465'", quoted(targets.tokenServer))
    .replaceAll("'127.0.0.1:6789'", quoted(targets.sfu ?? ''))
    .replaceAll("'127.0.0.1:9090'", quoted(prometheus))
    .replaceAll(/^( +)region: local$/gm, (_, indent) => `${indent}region: ${quoted(region)}`)
    .replaceAll('- rules/*.yml', () => `- ${quoted(`${rules}/*.yml`)}`);
}

const quoted = (value) => `'${value.replaceAll("'", "''")}'`;

/**
 * Ports for both.
 * @param {Record<string, string>} env
 * @returns {Promise<{ PROMETHEUS_PORT: number, GRAFANA_PORT: number }>}
 * @throws {Failure} naming every port that is wrong or taken.
 */
export async function monitorPorts(env) {
  const wanted = PORTS.map(({ name, fallback }) => {
    const text = env[name] ?? String(fallback);
    return { name, text, port: /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN };
  });
  const wrong = wanted.filter(({ port }) => !(port <= 65_535));
  if (wrong.length > 0) {
    const lines = wrong.map(({ name }) => `${name} is not a port number (0 to 65535; 0 picks a free one)`);
    throw new Failure(`${lines.join('; ')}. Correct it, then start again.`);
  }
  const { ports, taken } = await claimPorts(wanted);
  if (taken.length === 0) return ports;
  const lines = taken.map(
    ({ name, port, reason }) => `Port ${port} ${reason}: set ${name} to another, or to 0 for any free one.`,
  );
  throw new Failure(`${lines.join(' ')} Then start again.`);
}

/**
 * The program to use, or undefined when there is none.
 * @param {Record<string, string>} env
 * @param {string} setting - Names a program outright, such as PROMETHEUS_BIN.
 * @param {readonly string[]} names - What it is called on PATH, the preferred one first.
 * @throws {Failure} when the setting names something that cannot be run.
 */
export function findProgram(env, setting, names) {
  const given = env[setting];
  if (given !== undefined) {
    if (isExecutable(given)) return given;
    throw new Failure(`${setting} names ${given}, which is no program that can be run. Correct it, then start again.`);
  }
  return names.map((name) => findOnPath(name, env)).find((path) => path !== undefined);
}

/** What the programs need of the environment; keys of providers and of the SFU are none of their business. */
const PASSED_ON = /^(PATH|Path|HOME|USER|LANG|TZ|TMPDIR|SystemRoot|GRAFANA_HOME|(DOCKER|COMPOSE|XDG|GF)_\w+)$/;

/** @param {Record<string, string>} env */
export function harmless(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
}

/** @returns {import('./supervise.mjs').Program} */
export function prometheusProgram({ command, config, data, port, env }) {
  return {
    name: 'prometheus',
    command,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--storage.tsdb.retention.time=${RETENTION}`,
      `--web.listen-address=${HOST}:${port}`,
      '--log.level=warn',
    ],
    env,
    readyUrl: `http://${HOST}:${port}/-/ready`,
    stage: 0,
  };
}

/** Where Grafana's own files may be, relative to its program, or as packages put them. */
const HOMES = ['..', '../share/grafana', '../../share/grafana'];
const PACKAGED_HOMES = ['/usr/share/grafana', '/opt/homebrew/share/grafana', '/usr/local/share/grafana'];

/**
 * @returns {import('./supervise.mjs').Program}
 * @throws {Failure} when Grafana's own files are not found beside it.
 */
export function grafanaProgram({ command, root, data, port, prometheusUrl, env }) {
  const real = realpathSync(command);
  const homes = [
    ...(env.GRAFANA_HOME === undefined ? [] : [env.GRAFANA_HOME]),
    ...HOMES.map((each) => join(dirname(real), each)),
    ...PACKAGED_HOMES,
  ];
  const home = homes.find((each) => existsSync(join(each, 'conf', 'defaults.ini')));
  if (home === undefined) {
    throw new Failure(
      `Grafana's own files are not where ${command} is. Set GRAFANA_HOME to their folder, then start again.`,
    );
  }
  const isOld = /grafana-server(\.exe)?$/.test(command);
  return {
    name: 'grafana',
    command,
    args: [...(isOld ? [] : ['server']), '--homepath', home],
    env: {
      ...env,
      ...grafanaSettings({
        data,
        port,
        prometheusUrl,
        provisioning: join(root, 'monitoring/grafana/provisioning'),
        dashboards: join(root, 'monitoring/grafana/dashboards'),
      }),
    },
    readyUrl: `http://${HOST}:${port}/api/health`,
    stage: 1,
  };
}

function grafanaSettings({ data, port, prometheusUrl, provisioning, dashboards }) {
  return {
    GF_PATHS_DATA: data,
    GF_PATHS_LOGS: join(data, 'log'),
    GF_PATHS_PROVISIONING: provisioning,
    GF_SERVER_HTTP_ADDR: HOST,
    GF_SERVER_HTTP_PORT: String(port),
    // On loopback only, so whoever sits at the machine may look; changing things still takes the admin's password.
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `${dashboards}/calls.json`,
    GF_LOG_LEVEL: 'warn',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    PROMETHEUS_URL: prometheusUrl,
    TURNWISE_DASHBOARDS: dashboards,
  };
}

/** `docker compose` on deploy/compose.yaml with what differs here laid over it. */
export function composeArguments(root, override, ...rest) {
  return ['compose', '-f', join(root, 'deploy/compose.yaml'), '-f', override, '--profile', 'monitoring', ...rest];
}

/** The file's other services want keys of the SFU; these two take none. */
export const COMPOSE_ENV = { LIVEKIT_API_KEY: 'none', LIVEKIT_API_SECRET: 'none' };

/**
 * Parts that run in containers, by deploy/compose.yaml with what differs here laid over it.
 * @param {{ docker: string, root: string, override: string, services: readonly string[], readyUrl: string, env:
 *   Record<string, string> }} options
 * @returns {import('./supervise.mjs').Program}
 */
export function composeProgram({ docker, root, override, services, readyUrl, env }) {
  return {
    name: 'compose',
    command: docker,
    args: composeArguments(root, override, 'up', '--no-deps', '--no-log-prefix', ...services),
    env: { ...COMPOSE_ENV, ...env },
    readyUrl,
    stage: 0,
  };
}

/** What differs from deploy/compose.yaml: the targets, and the ports. JSON is YAML. */
export function composeOverride({ config, ports, prometheusUrl }) {
  return JSON.stringify({
    services: {
      prometheus: {
        restart: 'no',
        command: [
          '--config.file=/etc/turnwise/prometheus.yml',
          `--web.listen-address=${HOST}:${ports.PROMETHEUS_PORT}`,
          `--storage.tsdb.retention.time=${RETENTION}`,
          '--log.level=warn',
        ],
        volumes: [`${config}:/etc/turnwise/prometheus.yml:ro`],
      },
      grafana: {
        restart: 'no',
        environment: {
          GF_SERVER_HTTP_PORT: String(ports.GRAFANA_PORT),
          GF_LOG_LEVEL: 'warn',
          PROMETHEUS_URL: prometheusUrl,
        },
      },
    },
  });
}
