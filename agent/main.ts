/**
 * The worker's process: reads the environment, builds the parts, registers with the SFU, hands each call its settings, and
 * owns signals and exit codes: 0 after a stop that was asked for, 1 when something outside is missing or fails, 2 for a
 * setting that is wrong.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentServer, initializeLogger, ServerOptions } from '@livekit/agents';
import type { FastifyInstance } from 'fastify';
import { AGENT_ATTRIBUTES } from '../wire/turn.js';
import { script, vocabulary } from './assistant.js';
import { CALL_SETTINGS_VARIABLE, type CallSettings } from './config/call-settings.js';
import { parseWorkerConfig, type WorkerConfig } from './config/environment.js';
import { ConfigError, UnreachableError } from './config/errors.js';
import { checkLegs } from './config/preflight.js';
import { PROFILES } from './config/profiles.js';
import { MOUTH_SAMPLE_RATE_HZ } from './conversation/mouth.js';
import { freePort } from './free-port.js';
import { assistantTexts } from './phrases/assistant-texts.js';
import { phraseKey } from './phrases/phrase.js';
import { preparePhrases } from './phrases/prepare.js';
import { createPhraseSynthesiser } from './phrases/synthesise.js';
import { delaySpares } from './spare-delay-settings.js';
import { BudgetController } from './telemetry/budget-controller.js';
import { createHealthServer, createMetricsServer, type Readiness } from './telemetry/http.js';
import { createLogger, describeError, frameworkLogLevel, type Logger } from './telemetry/logger.js';
import { MetricReceiver } from './telemetry/metric-receiver.js';
import { Metrics } from './telemetry/metrics.js';
import { keepFrameworkFromLoadingTurnModel } from './turn-model/framework-inference.js';
import { TurnModelSupervisor } from './turn-model/supervisor.js';

/** How long calls may go on after a stop is asked for, in ms: an hour, as the framework's own default. */
const DRAIN_TIMEOUT_MS = 3_600_000;
/** How often the gauges are read, in ms. */
const GAUGES_MS = 1_000;
/** Attempts of the framework to reach the SFU again after it went away, 2 to 10 s apart: about five minutes. */
const RECONNECT_ATTEMPTS = 32;
/** How long the worker waits for the turn model before it takes calls without it, in ms. */
const TURN_MODEL_TIMEOUT_MS = 10_000;

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // The room's native library writes its inner life to standard output unless this says otherwise; call processes inherit it.
  process.env.NODE_ENV ??= 'production';
  const config = parseWorkerConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  initializeLogger({ pretty: false, level: frameworkLogLevel(config.logLevel) });

  const stop = new AbortController();
  const cut = new AbortController();
  // SIGTERM lets calls end; SIGINT (somebody at the terminal) and a second SIGTERM do not wait for them.
  process.on('SIGINT', () => {
    stop.abort();
    cut.abort();
  });
  process.on('SIGTERM', () => (stop.signal.aborted ? cut : stop).abort());

  const metrics = new Metrics(config.region);
  const worker = new Worker(config, metrics, logger);
  const budget = new BudgetController({
    profiles: PROFILES,
    hasFasterModel: config.fasterModel !== undefined,
    metrics,
    nowMs: () => performance.now(),
    onStep: (profile, step, direction) => {
      logger.info({ profile, step, direction }, 'budget');
      receiver.tellBudget(budget.steps);
    },
  });
  const receiver = new MetricReceiver(metrics, {
    warm: () => worker.noteWarm(receiver.warmProcesses),
    response: (profile, responseMs) => budget.note(profile, responseMs),
  });
  const turnModel = new TurnModelSupervisor({ measurements: metrics, logger });
  const metricsServer = createMetricsServer(metrics);
  const frameworkPort = await freePort();
  const healthServer = createHealthServer(() => worker.readiness(), frameworkPort);
  try {
    const metricsPort = await listenOn(metricsServer, config.internalHost, config.metricsPort, 'METRICS_PORT');
    const healthPort = await listenOn(healthServer, config.internalHost, config.healthPort, 'HEALTH_PORT');
    logger.info({ metricsPort, healthPort, maxCalls: config.maxCalls }, 'worker starting');
    await checkLegs(config, stop.signal);
    if (stop.signal.aborted) return;
    await worker.run({ receiver, turnModel, budget, frameworkPort }, stop.signal, cut.signal);
  } finally {
    await Promise.allSettled([metricsServer.close(), healthServer.close(), receiver.close(), turnModel.close()]);
  }
  logger.info('worker stopped');
}

/** What calls need of the parent besides the framework. */
interface Surroundings {
  readonly receiver: MetricReceiver;
  readonly turnModel: TurnModelSupervisor;
  readonly budget: BudgetController;
  /** Where the framework's own health page listens, on loopback. */
  readonly frameworkPort: number;
}

/** The framework's server with our admission, load and gauges around it. */
class Worker {
  readonly #config: WorkerConfig;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  #server: AgentServer | undefined;
  #isRegistered = false;
  #isWarm = false;
  /** The turn model serves, or has been waited for long enough: calls go without it. */
  #isTurnModelSettled = false;
  #isConnected = true;
  #isDraining = false;
  /** Calls accepted whose process has not been given them yet: the framework counts a call only then. */
  #accepted = 0;

  constructor(config: WorkerConfig, metrics: Metrics, logger: Logger) {
    this.#config = config;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  readiness(): Readiness {
    if (this.#isDraining) return { isReady: false, reason: 'the worker is finishing its calls before it stops' };
    if (!this.#isRegistered) return { isReady: false, reason: 'the worker is not registered with livekit-server yet' };
    if (!this.#isConnected) return { isReady: false, reason: 'livekit-server is away' };
    if (!this.#isTurnModelSettled) return { isReady: false, reason: 'the turn model is loading' };
    if (!this.#isWarm) return { isReady: false, reason: 'no call process is warm yet' };
    if (this.#calls() >= this.#config.maxCalls) return { isReady: false, reason: 'all MAX_CALLS calls are taken' };
    return { isReady: true };
  }

  /** Hears that a call process is loaded: with the first one, a registration and the turn model, calls can be placed. */
  noteWarm(warmProcesses: number): void {
    if (this.#isWarm || !this.#isRegistered || !this.#isTurnModelSettled || warmProcesses === 0) return;
    this.#isWarm = true;
    delaySpares(this.#config.warmProcesses);
    this.#logger.info('worker ready');
  }

  /** Registers and takes calls until `stop` aborts and the last call is over, or `cut` aborts. @throws when the SFU stays away. */
  async run(surroundings: Surroundings, stop: AbortSignal, cut: AbortSignal): Promise<void> {
    const { receiver, turnModel, budget, frameworkPort } = surroundings;
    const { livekit, agentName, maxCalls, warmProcesses, logLevel } = this.#config;
    mkdirSync(dirname(resolve(this.#config.ordersDb)), { recursive: true });
    const settings = this.#callSettings(await receiver.listen(), await turnModel.start());
    process.env[CALL_SETTINGS_VARIABLE] = JSON.stringify(settings);
    void this.#awaitTurnModel(turnModel, receiver);
    void this.#preparePhrases(AbortSignal.any([stop, cut]));
    keepFrameworkFromLoadingTurnModel();
    const server = new AgentServer(
      new ServerOptions({
        agent: fileURLToPath(new URL('./call.js', import.meta.url)),
        agentName,
        wsURL: livekit.url,
        apiKey: livekit.apiKey,
        apiSecret: livekit.apiSecret,
        production: true,
        logLevel: frameworkLogLevel(logLevel),
        numIdleProcesses: warmProcesses,
        maxRetry: RECONNECT_ATTEMPTS,
        // 0 would become 8081 (worker.ts:303 of 1.8.1); health is ours, this one only answers what we pass on.
        host: '127.0.0.1',
        port: frameworkPort,
        // The framework's load is the whole machine's CPU, which on one machine with an SFU refuses the first call.
        loadFunc: async () => this.#load(),
        loadThreshold: 1,
        requestFunc: async (request) => {
          // Availability is asked in bursts between two load reports, and the framework answers yes to all of them.
          if (this.#calls() >= maxCalls || budget.refusesCalls) return request.reject();
          this.#accepted += 1;
          try {
            await request.accept(agentName, undefined, undefined, this.#attributes());
          } finally {
            this.#accepted -= 1;
          }
        },
      }),
    );
    this.#server = server;
    server.event.on('worker_registered', () => {
      this.#isRegistered = true;
      this.noteWarm(receiver.warmProcesses);
    });
    const gauges = setInterval(() => {
      this.#readGauges(receiver);
      budget.rest();
      void this.#checkConnection(frameworkPort);
    }, GAUGES_MS);
    this.#readGauges(receiver);
    const running = server.run();
    try {
      await Promise.race([running, aborted(stop)]);
      if (stop.aborted) await Promise.race([this.#finish(server), aborted(cut)]);
    } finally {
      clearInterval(gauges);
      await server.close();
      await running.catch(() => undefined);
    }
  }

  /** The first call finds the phrases, or makes its voice as it goes: nobody waits for them here. */
  async #preparePhrases(signal: AbortSignal): Promise<void> {
    const [{ apiKey, ...voice }] = this.#config.tts;
    const key = phraseKey(voice, script.language, MOUTH_SAMPLE_RATE_HZ);
    const done = await preparePhrases({
      folder: resolve(this.#config.phrasesDir),
      key,
      texts: assistantTexts(script),
      synthesise: createPhraseSynthesiser({
        ...voice,
        apiKey,
        language: script.language,
        sampleRateHz: MOUTH_SAMPLE_RATE_HZ,
      }),
      onError: (error) => this.#logger.warn({ error }, 'phrases cannot be kept'),
      onProgress: (progress) => {
        if (progress.kind !== 'made') this.#logger.warn(progress, 'a phrase could not be synthesised');
      },
      signal,
    });
    if (!signal.aborted) this.#logger.info(done, 'phrases ready');
  }

  /** Only the first moments wait for the turn model: what happens to it later is its supervisor's business. */
  async #awaitTurnModel(turnModel: TurnModelSupervisor, receiver: MetricReceiver): Promise<void> {
    const serves = await turnModel.firstServing(TURN_MODEL_TIMEOUT_MS);
    if (!serves) this.#logger.warn('the turn model does not serve yet; calls begin without its scores');
    this.#isTurnModelSettled = true;
    this.noteWarm(receiver.warmProcesses);
  }

  /** The framework tells nobody when its connection is lost, but its own health page knows. */
  async #checkConnection(frameworkPort: number): Promise<void> {
    if (!this.#isRegistered) return;
    const isConnected = await fetch(`http://127.0.0.1:${frameworkPort}/`, {
      signal: AbortSignal.timeout(GAUGES_MS),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    if (isConnected) this.#logger.info('calls are taken again');
    else this.#logger.warn('livekit-server (LIVEKIT_URL) is away; trying again, no calls until then');
  }

  async #finish(server: AgentServer): Promise<void> {
    this.#isDraining = true;
    this.#logger.info({ calls: this.#calls() }, 'worker finishing its calls');
    try {
      await server.drain(DRAIN_TIMEOUT_MS);
    } catch (error) {
      this.#logger.warn({ error }, 'calls did not end in time and are cut');
    }
  }

  #calls(): number {
    return (this.#server?.activeJobs.length ?? 0) + this.#accepted;
  }

  #load(): number {
    return Math.min(1, this.#calls() / this.#config.maxCalls);
  }

  #readGauges(receiver: MetricReceiver): void {
    this.#metrics.set('turnwise_calls', {}, this.#calls());
    this.#metrics.set('turnwise_call_capacity', {}, this.#config.maxCalls);
    this.#metrics.set('turnwise_warm_processes', {}, receiver.warmProcesses);
    this.#metrics.set('turnwise_load', {}, this.#load());
    this.#metrics.set('lk_agents_active_job_count', {}, this.#calls());
    this.#metrics.set('lk_agents_worker_load', {}, this.#load());
  }

  /** Stands on the agent's participant from its first moment in the room. */
  #attributes(): Record<string, string> {
    const { name, local } = this.#config.listeningEngine;
    return {
      [AGENT_ATTRIBUTES.engine]: name,
      ...(local && { [AGENT_ATTRIBUTES.phrases]: JSON.stringify(vocabulary.examples) }),
    };
  }

  #callSettings(metricsSocket: string, turnModelSocket: string): CallSettings {
    const { stt, llm, tts, fasterModel, profile, ordersDb, phrasesDir, turnRecordings, logLevel } = this.#config;
    const recordings = turnRecordings === undefined ? {} : { turnRecordings: resolve(turnRecordings) };
    return {
      ...{ stt, llm, tts, profile, logLevel, metricsSocket, turnModelSocket },
      ...{ ordersDb: resolve(ordersDb), phrasesDir: resolve(phrasesDir) },
      keepsTexts: this.#config.callLog?.keepsTexts ?? false,
      ...recordings,
      ...(fasterModel !== undefined && { fasterModel }),
    };
  }
}

/** @throws {@link ConfigError} naming the setting when the port is taken. @returns The port, chosen when 0 was asked. */
async function listenOn(server: FastifyInstance, host: string, port: number, setting: string): Promise<number> {
  try {
    const address = await server.listen({ port, host });
    return Number(new URL(address).port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new ConfigError(`Cannot start the worker: port ${port} is taken. Set ${setting} to another one, or to 0.`);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isExpected = error instanceof ConfigError || error instanceof UnreachableError;
    process.stderr.write(
      `${isExpected ? error.message : `The worker failed: ${describeError(error).message ?? describeError(error).type}`}\n`,
    );
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
