/** Starts Prometheus and Grafana against the running system: `npm run monitor`. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEnv } from './lib/env-file.mjs';
import { findOnPath } from './lib/exec.mjs';
import { exitWith, Failure } from './lib/failure.mjs';
import { readIfThere } from './lib/fingerprint.mjs';
import { launch } from './lib/launch.mjs';
import {
  COMPOSE_ENV,
  composeArguments,
  composeOverride,
  composeProgram,
  configureScrapes,
  findProgram,
  findTargets,
  grafanaProgram,
  harmless,
  monitorPorts,
  prometheusProgram,
} from './lib/monitor.mjs';
import { cacheDir, ROOT } from './lib/paths.mjs';
import { isAlive } from './lib/temporary.mjs';

const HELP = `Usage: npm run monitor [-- OPTIONS]

Starts Prometheus with the project's rules and alerts, and Grafana with its dashboards, against the running system: what
\`npm start\` says of itself, else METRICS_PORT, TOKEN_METRICS_PORT and LIVEKIT_METRICS_PORT. Programs on PATH (or PROMETHEUS_BIN,
GRAFANA_BIN) are used; what is missing is started by \`docker compose\` where a Docker engine answers. Data stays in the cache
folder. Ctrl-C ends both. Ports: PROMETHEUS_PORT (9090), GRAFANA_PORT (3001); 0 picks a free one.

  --json   JSON on stdout ({"ready":true,"prometheusUrl":...}), the programs' raw lines on stderr
  --help`;

/** How long a Docker engine may take to answer, in ms. */
const ENGINE_TIMEOUT_MS = 5_000;
/** Lines of docker's that are worth showing. */
const KEPT_LINES = 12;
const GET_GRAFANA =
  'Grafana is not here. Install it (https://grafana.com/grafana/download, or brew install grafana), set GRAFANA_BIN, or start Docker, then start again.';

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const env = loadEnv(ROOT);
  const plain = harmless(env);
  const cache = cacheDir(env);
  const folder = join(cache, 'monitor');
  const running = readRunning(join(cache, 'running.json'));
  const found = {
    prometheus: findProgram(env, 'PROMETHEUS_BIN', ['prometheus']),
    grafana: findProgram(env, 'GRAFANA_BIN', ['grafana', 'grafana-server']),
  };
  const missing = Object.keys(found).filter((name) => found[name] === undefined);
  const docker = missing.length > 0 ? await findEngine(env) : undefined;
  if (found.prometheus === undefined && docker === undefined) {
    throw new Failure(
      'Prometheus is not here. Install it (apt-get install prometheus, or brew install prometheus), set PROMETHEUS_BIN, or start Docker, then start again.',
    );
  }
  const ports = await monitorPorts(env);
  const prometheus = `127.0.0.1:${ports.PROMETHEUS_PORT}`;
  const prometheusUrl = `http://${prometheus}`;
  const grafanaUrl = (found.grafana ?? docker) ? `http://127.0.0.1:${ports.GRAFANA_PORT}` : undefined;
  const targets = findTargets(env, running);
  const config = join(folder, 'prometheus.yml');
  mkdirSync(join(folder, 'grafana'), { recursive: true });
  const isContained = found.prometheus === undefined;
  writeFileSync(
    config,
    configureScrapes(readFileSync(join(ROOT, 'monitoring/prometheus/prometheus.yml'), 'utf8'), {
      targets,
      prometheus,
      region: env.REGION ?? 'local',
      rules: isContained ? '/etc/prometheus/rules' : join(ROOT, 'monitoring/prometheus/rules'),
    }),
  );
  return launch({
    programs: [
      ...(isContained
        ? []
        : [
            prometheusProgram({
              command: found.prometheus,
              config,
              data: join(folder, 'prometheus'),
              port: ports.PROMETHEUS_PORT,
              env: plain,
            }),
          ]),
      ...(docker === undefined ? [] : [await contained()]),
      ...(found.grafana === undefined
        ? []
        : [
            grafanaProgram({
              command: found.grafana,
              root: ROOT,
              data: join(folder, 'grafana'),
              port: ports.GRAFANA_PORT,
              prometheusUrl,
              env: plain,
            }),
          ]),
    ],
    endpoints: { prometheusUrl, grafanaUrl, targets, turnwiseRuns: running !== undefined, config },
    readyLine: [
      ...(grafanaUrl === undefined ? [GET_GRAFANA] : [`Grafana:    ${grafanaUrl}`]),
      `Prometheus: ${prometheusUrl} (alerts: ${prometheusUrl}/alerts)`,
      `Watched:    worker ${targets.worker}, token server ${targets.tokenServer}, SFU ${targets.sfu ?? 'of someone else, which tells no metrics'}`,
      ...(running === undefined
        ? ['Turnwise does not run here by `npm start`; what runs at these addresses is watched once it does.']
        : []),
    ].join('\n'),
    json: options.json,
  });

  async function contained() {
    const override = join(folder, 'compose.json');
    writeFileSync(override, composeOverride({ config, ports, prometheusUrl }));
    console.error(`Fetching the images of ${missing.join(' and ')}, if they are not here yet.`);
    const pull = await ask(docker, composeArguments(ROOT, override, 'pull', '--quiet', ...missing), plain);
    if (!pull.succeeded) {
      throw new Failure(
        `The images of ${missing.join(' and ')} could not be had; what docker said is above. Correct it, then start again.`,
        { details: pull.lines },
      );
    }
    return composeProgram({
      docker,
      root: ROOT,
      override,
      services: missing,
      readyUrl: missing.includes('grafana') ? `${grafanaUrl}/api/health` : `${prometheusUrl}/-/ready`,
      env: plain,
    });
  }
}

function readOptions() {
  try {
    return parseArgs({
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    throw new Failure(`${error.message.split('. ')[0]}. See npm run monitor -- --help.`);
  }
}

/** What `npm start` says of itself, if it runs. */
function readRunning(path) {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const running = JSON.parse(text);
  return isAlive(running.pid) ? running : undefined;
}

/** The docker program, if an engine answers it. */
async function findEngine(env) {
  const docker = findOnPath('docker', env);
  if (docker === undefined) return undefined;
  const { succeeded } = await ask(
    docker,
    ['version', '--format', '{{.Server.Version}}'],
    harmless(env),
    ENGINE_TIMEOUT_MS,
  );
  return succeeded ? docker : undefined;
}

/** Runs a program to its end, and leaves Ctrl-C to whoever comes after. */
function ask(command, args, env, timeoutMs = 0) {
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...COMPOSE_ENV, ...env }, timeout: timeoutMs }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
      resolve({ succeeded: error === null, lines: lines.slice(-KEPT_LINES) });
    });
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  exitWith(error);
}
