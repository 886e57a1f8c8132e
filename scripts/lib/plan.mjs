/** From the environment to what is to be started: which programs, with which settings, on which ports. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from './failure.mjs';
import { claimPorts } from './ports.mjs';
import { findLivekitServer } from './steps/livekit-server.mjs';
import { readEngines } from './steps/speech.mjs';

const HOST = '127.0.0.1';

/** Every port of this machine: its setting, its default, and when it is needed; an `optional` one gives way where it is taken. */
const PORTS = [
  { name: 'LIVEKIT_PORT', fallback: 7880, for: 'sfu' },
  { name: 'LIVEKIT_TCP_PORT', fallback: 7881, for: 'sfu' },
  { name: 'LIVEKIT_UDP_PORT', fallback: 7882, for: 'sfu', protocol: 'udp' },
  { name: 'LIVEKIT_METRICS_PORT', fallback: 6789, for: 'sfu', optional: true },
  { name: 'LOCAL_PROVIDERS_PORT', fallback: 8790, for: 'providers' },
  { name: 'WEB_PORT', fallback: 3000, for: 'web' },
  { name: 'TOKEN_METRICS_PORT', fallback: 9465, for: 'web' },
  { name: 'METRICS_PORT', fallback: 9464, for: 'worker' },
  { name: 'HEALTH_PORT', fallback: 8081, for: 'worker' },
];

/** Who serves each leg when no key and no other server is given. */
const LEGS = [
  { prefix: 'DEEPGRAM', path: '' },
  { prefix: 'OPENAI', path: '/v1' },
  { prefix: 'CARTESIA', path: '' },
];
/** The worker's alone: keys, and what tells its database and its collector who it is. */
const VENDOR_SECRET =
  /(_API_KEY|_API_SECRET|_KEY|_TOKEN|_PASSWORD)(_\d+)?$|^CALL_LOG_URL$|^OTEL_EXPORTER_OTLP_(TRACES_)?HEADERS$/;

/**
 * @param {{ root: string, env: Record<string, string>, cache: string, speech: string, secrets: () => { apiKey: string,
 *   apiSecret: string }, web: boolean, worker: boolean }} options
 * @returns {Promise<{ programs: import('./supervise.mjs').Program[], endpoints: Record<string, unknown>, readyLine: string }>}
 * @throws {Failure} naming every wrong setting, or every port that is taken, at once.
 */
export async function makePlan({ root, env, cache, speech, secrets, web, worker }) {
  const ownSfu = env.LIVEKIT_URL === undefined;
  const localLegs = LEGS.filter(({ prefix }) => !env[`${prefix}_API_KEY`] && !env[`${prefix}_BASE_URL`]);
  const needed = new Set([
    ...(ownSfu ? ['sfu'] : []),
    ...(localLegs.length > 0 ? ['providers'] : []),
    ...(web ? ['web'] : []),
    ...(worker ? ['worker'] : []),
  ]);
  const problems = new Map();
  const asked = askedPorts(env, needed, problems);
  const ports = Object.fromEntries(asked.map(({ name, port }) => [name, port]));

  // The settings are judged before the ports are touched, with the ports as asked for.
  await checkSettings(root, childEnvs(ports), needed, problems);
  if (problems.size > 0) {
    const lines = [...problems].map(([name, problem]) => `  ${name} ${problem}`);
    throw new Failure(`Cannot start:\n${lines.join('\n')}\nSee .env.example, correct .env, then start again.`);
  }
  Object.assign(ports, await freePorts(asked, env));
  const envs = childEnvs(ports);
  const sfu = ownSfu ? findLivekitServer(env, cache) : undefined;
  if (ownSfu && sfu === undefined) {
    throw new Failure('livekit-server is not there yet. Run `npm run setup`, then start again.');
  }
  return {
    programs: [
      ...(sfu === undefined ? [] : [sfuProgram(sfu, envs.livekit, ports)]),
      ...(needed.has('providers')
        ? [nodeProgram(root, 'local-providers', 'local-providers', envs.providers, ports.LOCAL_PROVIDERS_PORT, 0)]
        : []),
      ...(web ? [nodeProgram(root, 'token-server', 'token-server', envs.web, ports.WEB_PORT, 1, env.WEB_HOST)] : []),
      ...(worker
        ? [
            {
              ...nodeProgram(root, 'worker', 'agent', envs.worker, ports.HEALTH_PORT, 1, env.INTERNAL_HOST),
              insist: true,
            },
          ]
        : []),
    ],
    ...describe(ports),
  };

  function livekitUrl(at) {
    return env.LIVEKIT_URL ?? `ws://${HOST}:${at.LIVEKIT_PORT}`;
  }

  function childEnvs(at) {
    const hasOwnKeys = env.LIVEKIT_API_KEY !== undefined && env.LIVEKIT_API_SECRET !== undefined;
    const own = ownSfu && !hasOwnKeys ? secrets() : undefined;
    const livekit = {
      LIVEKIT_URL: livekitUrl(at),
      ...(own === undefined ? {} : { LIVEKIT_API_KEY: own.apiKey, LIVEKIT_API_SECRET: own.apiSecret }),
    };
    const base = `http://${HOST}:${at.LOCAL_PROVIDERS_PORT}`;
    const scripted = env.LOCAL_PROVIDERS_ENGINE === 'scripted';
    const legs = {};
    for (const { prefix, path } of LEGS) {
      if (env[`${prefix}_API_KEY`]) continue;
      // A server of one's own (Ollama, say) often wants no key, but the clients want to send one.
      legs[`${prefix}_API_KEY`] =
        env[`${prefix}_BASE_URL`] === undefined ? (env.LOCAL_PROVIDERS_KEY ?? 'local') : 'local';
      legs[`${prefix}_BASE_URL`] = env[`${prefix}_BASE_URL`] ?? `${base}${path}`;
    }
    if (localLegs.some(({ prefix }) => prefix === 'DEEPGRAM') && env.STT_ENGINE_NAME === undefined) {
      legs.STT_ENGINE_NAME = scripted ? 'A script on this machine' : 'PocketSphinx on this machine';
    }
    const withoutSecrets = Object.fromEntries(
      Object.entries(env).filter(([name]) => !VENDOR_SECRET.test(name) || name === 'LOCAL_PROVIDERS_KEY'),
    );
    const set = (...names) => Object.fromEntries(names.map((name) => [name, String(at[name])]));
    const { LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = { ...env, ...livekit };
    const python = env.PYTHON ?? readEngines(speech)?.python;
    return {
      // LIVEKIT_PORT is a setting of livekit-server's own too, and wins over its configuration: 0 would give another port.
      livekit: {
        ...withoutSecrets,
        ...set('LIVEKIT_PORT'),
        LIVEKIT_KEYS: `${LIVEKIT_API_KEY}: ${LIVEKIT_API_SECRET}`,
      },
      providers: {
        ...withoutSecrets,
        SPEECH_ENGINES_DIR: speech,
        ...(python === undefined ? {} : { PYTHON: python }),
        ...set('LOCAL_PROVIDERS_PORT'),
      },
      web: {
        ...withoutSecrets,
        ...pick(env, 'TOKEN_SERVER_KEY'),
        ...pick({ ...env, ...livekit }, 'LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'),
        ...set('WEB_PORT', 'TOKEN_METRICS_PORT'),
      },
      worker: {
        ORDERS_DB: join(cache, 'orders.db'),
        PHRASES_DIR: join(cache, 'phrases'),
        CALL_LOG_URL: `file:${join(cache, 'calls.db')}`,
        CALL_LOG_SPOOL: join(cache, 'calls-spool.db'),
        ...env,
        ...livekit,
        ...legs,
        ...set('METRICS_PORT', 'HEALTH_PORT'),
      },
    };
  }

  function describe(at) {
    const webUrl = web
      ? `http://${isWildcardOrLoopback(env.WEB_HOST) ? 'localhost' : reachable(env.WEB_HOST)}:${at.WEB_PORT}`
      : undefined;
    const url = livekitUrl(at);
    const endpoints = {
      webUrl,
      tokenUrl: webUrl && `${webUrl}/token`,
      livekitUrl: url,
      // Where the secret is, never the secret: this is printed and written to a file that others may read.
      ...(ownSfu && env.LIVEKIT_API_SECRET === undefined
        ? { apiKey: 'devkey', secretsFile: join(cache, 'secrets.json') }
        : {}),
      agentName: env.AGENT_NAME ?? 'turnwise',
      metricsUrl: worker ? `http://${reachable(env.INTERNAL_HOST)}:${at.METRICS_PORT}/metrics` : undefined,
      healthUrl: worker ? `http://${reachable(env.INTERNAL_HOST)}:${at.HEALTH_PORT}` : undefined,
      sfuMetricsUrl: ownSfu ? `http://${HOST}:${at.LIVEKIT_METRICS_PORT}/metrics` : undefined,
      tokenMetricsUrl: web ? `http://${HOST}:${at.TOKEN_METRICS_PORT}/metrics` : undefined,
      providersUrl: needed.has('providers') ? `http://${HOST}:${at.LOCAL_PROVIDERS_PORT}` : undefined,
      ordersDb: worker ? (env.ORDERS_DB ?? join(cache, 'orders.db')) : undefined,
    };
    return { endpoints, readyLine: `Turnwise is ready: ${webUrl ?? url}` };
  }
}

function askedPorts(env, needed, problems) {
  return PORTS.filter((port) => needed.has(port.for)).map(
    ({ name, fallback, protocol = 'tcp', for: owner, optional = false }) => {
      // Who lets the SFU have any port runs several of them.
      const isAny = optional && env.LIVEKIT_PORT === '0';
      const text = env[name] ?? String(isAny ? 0 : fallback);
      const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
      if (!(port <= 65_535)) problems.set(name, 'is not a port number (0 to 65535; 0 picks a free one)');
      return {
        name,
        port: port <= 65_535 ? port : fallback,
        protocol,
        // What was asked for is insisted on.
        givesWay: optional && env[name] === undefined,
        host: (name === 'WEB_PORT' ? env.WEB_HOST : owner === 'worker' ? env.INTERNAL_HOST : undefined) ?? HOST,
      };
    },
  );
}

/** The programs judge their own settings; asking their parsers keeps one truth, and names everything at once. */
async function checkSettings(root, envs, needed, problems) {
  const parsers = [
    ...(needed.has('worker') ? [['agent/config/environment.js', 'parseWorkerConfig', envs.worker]] : []),
    ...(needed.has('web') ? [['token-server/config.js', 'parseConfig', envs.web]] : []),
    ...(needed.has('providers') ? [['local-providers/config.js', 'parseConfig', envs.providers]] : []),
  ];
  for (const [file, name, env] of parsers) {
    const path = join(root, 'dist', file);
    if (!existsSync(path)) throw new Failure('The programs are not built yet. Run `npm run setup`, then start again.');
    const parse = (await import(pathToFileURL(path).href))[name];
    try {
      parse(env);
    } catch (error) {
      const found = [...String(error.message).matchAll(/^ {2}([A-Z][A-Z0-9_]*) (.+)$/gm)];
      if (found.length === 0) throw error;
      for (const [, variable, problem] of found) if (!problems.has(variable)) problems.set(variable, problem);
    }
  }
}

async function freePorts(asked) {
  const { ports, taken: all } = await claimPorts(asked);
  const givingWay = asked.filter(({ name, givesWay }) => givesWay && all.some((each) => each.name === name));
  const others = await claimPorts(givingWay.map((port) => ({ ...port, port: 0 })));
  Object.assign(ports, others.ports);
  const taken = all.filter(({ name }) => ports[name] === undefined);
  if (taken.length === 0) return ports;
  const lines = taken.map(
    ({ name, port, reason }) => `Port ${port} ${reason}: set ${name} in .env to another, or to 0 for any free one.`,
  );
  throw new Failure(`${lines.join('\n')}${lines.length > 1 ? '\n' : ' '}Then start again.`);
}

function sfuProgram(found, env, ports) {
  const published = found.kind === 'image' && process.platform !== 'linux';
  const level = env.LOG_LEVEL === 'debug' ? 'debug' : 'warn';
  // A SFU for this machine alone; livekit.yaml is the form for a server of one's own. JSON is YAML.
  const config = JSON.stringify({
    port: ports.LIVEKIT_PORT,
    bind_addresses: [published ? '0.0.0.0' : HOST],
    rtc: {
      tcp_port: ports.LIVEKIT_TCP_PORT,
      udp_port: ports.LIVEKIT_UDP_PORT,
      node_ip: HOST,
      use_external_ip: false,
      enable_loopback_candidate: true,
      ...(published ? {} : { interfaces: { includes: [process.platform === 'darwin' ? 'lo0' : 'lo'] } }),
    },
    prometheus: { port: ports.LIVEKIT_METRICS_PORT },
    logging: { level, pion_level: 'error', json: false },
  });
  const shared = { name: 'livekit-server', readyUrl: `http://${HOST}:${ports.LIVEKIT_PORT}/`, stage: 0, insist: true };
  if (found.kind === 'binary')
    return { ...shared, command: found.path, args: [], env: { ...env, LIVEKIT_CONFIG: config } };
  const network = published
    ? ['LIVEKIT_PORT', 'LIVEKIT_TCP_PORT', 'LIVEKIT_UDP_PORT', 'LIVEKIT_METRICS_PORT'].flatMap((name) => [
        '-p',
        `${HOST}:${ports[name]}:${ports[name]}${name === 'LIVEKIT_UDP_PORT' ? '/udp' : ''}`,
      ])
    : ['--network', 'host'];
  return {
    ...shared,
    command: found.docker,
    args: ['run', '--rm', '--init', ...network, '-e', 'LIVEKIT_CONFIG', '-e', 'LIVEKIT_KEYS', found.image],
    env: { ...env, LIVEKIT_CONFIG: config },
  };
}

function nodeProgram(root, name, folder, env, port, stage, host) {
  return {
    name,
    command: process.execPath,
    args: [join(root, 'dist', folder, 'main.js')],
    env,
    cwd: root,
    readyUrl: `http://${reachable(host)}:${port}/readyz`,
    stage,
  };
}

function isWildcardOrLoopback(host) {
  return host === undefined || ['localhost', '0.0.0.0', '::', HOST].includes(host);
}

/** The address by which this machine reaches what listens on `host`. */
function reachable(host) {
  return isWildcardOrLoopback(host) ? HOST : host.includes(':') ? `[${host}]` : host;
}

function pick(env, ...names) {
  return Object.fromEntries(names.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]));
}
