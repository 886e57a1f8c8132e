/** The framework's server with our admission, load, readiness and gauges around it. */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentServer, ServerOptions } from '@livekit/agents';
import { AGENT_ATTRIBUTES } from '../wire/turn.js';
import { AcceptedCalls } from './accepted-calls.js';
import { vocabulary } from './assistant.js';
import { CALL_SETTINGS_VARIABLE, type CallSettings } from './config/call-settings.js';
import type { WorkerConfig } from './config/environment.js';
import { PROFILES } from './config/profiles.js';
import { finishCalls } from './finish-calls.js';
import { delaySpares } from './spare-delay-settings.js';
import { BudgetController } from './telemetry/budget-controller.js';
import type { RecordSink } from './telemetry/call-record.js';
import type { Readiness } from './telemetry/http.js';
import { frameworkLogLevel, type Logger } from './telemetry/logger.js';
import { MetricReceiver } from './telemetry/metric-receiver.js';
import type { Metrics } from './telemetry/metrics.js';
import { measureMemory } from './telemetry/process-memory.js';
import { keepFrameworkFromLoadingTurnModel } from './turn-model/framework-inference.js';
import type { TurnModelSupervisor } from './turn-model/supervisor.js';
import { prepareWorkerPhrases } from './worker-phrases.js';
import { readinessOf } from './worker-readiness.js';

/** How long calls may go on after a stop is asked for, in ms: an hour, as the framework's own default. */
const DRAIN_TIMEOUT_MS = 3_600_000;
/** How often the gauges are read, in ms. */
const GAUGES_MS = 1_000;
/** How often processes' memory is read, in ms: it changes slowly. */
const MEMORY_MS = 5_000;
/** Attempts of the framework to reach the SFU again after it went away, 2 to 10 s apart: about five minutes. */
const RECONNECT_ATTEMPTS = 32;
/**
 * How long a call process may take to load, in ms. On a machine that is busy ten times over it takes 15 s; ended at the
 * framework's 10 s it only begins again and keeps the machine busy, and no process is ever warm.
 */
const LOADING_TIMEOUT_MS = 45_000;
/** How long livekit-server may take from a call's acceptance to its assignment, in ms: the framework's own patience (worker.js:29 of 1.8.1). */
const ASSIGNMENT_TIMEOUT_MS = 7_500;
/** How long the worker waits for the turn model before it takes calls without it, in ms. */
const TURN_MODEL_TIMEOUT_MS = 10_000;

/** What calls need of the parent besides the framework; closed by whoever made it. */
export interface Surroundings {
  /** Each is given every record of every call; the last of them before `run` is over. */
  readonly sinks: readonly RecordSink[];
  readonly turnModel: TurnModelSupervisor;
  /** Where the framework's own health page listens, on loopback. */
  readonly frameworkPort: number;
}

export class Worker {
  readonly #config: WorkerConfig;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #budget: BudgetController;
  #server: AgentServer | undefined;
  #receiver: MetricReceiver | undefined;
  #isRegistered = false;
  #isWarm = false;
  /** The turn model serves, or has been waited for long enough: calls go without it. */
  #isTurnModelSettled = false;
  #isConnected = true;
  #isDraining = false;
  readonly #accepted = new AcceptedCalls();

  constructor(config: WorkerConfig, metrics: Metrics, logger: Logger) {
    this.#config = config;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#budget = new BudgetController({
      profiles: PROFILES,
      hasFasterModel: config.fasterModel !== undefined,
      metrics,
      nowMs: () => performance.now(),
      onStep: (profile, step, direction) => {
        logger.info({ profile, step, direction }, 'budget');
        this.#receiver?.tellBudget(this.#budget.steps);
      },
    });
  }

  readiness(): Readiness {
    const refusing = [...this.#budget.steps].flatMap(([profile, step]) => (step === 'refuseCalls' ? [profile] : []));
    return readinessOf({
      isDraining: this.#isDraining,
      isRegistered: this.#isRegistered,
      isConnected: this.#isConnected,
      isTurnModelSettled: this.#isTurnModelSettled,
      isWarm: this.#isWarm,
      calls: this.#calls(),
      maxCalls: this.#config.maxCalls,
      refusing,
    });
  }

  /** Registers and takes calls until `stop` aborts and the last call is over, or `cut` aborts. @throws when the SFU stays away. */
  async run(surroundings: Surroundings, stop: AbortSignal, cut: AbortSignal): Promise<void> {
    const receiver = new MetricReceiver(
      this.#metrics,
      {
        warm: () => this.#noteWarm(receiver.warmProcesses),
        // However short the call will be: from now on the framework counts it.
        busy: () => void this.#onTheirWay(),
        response: (profile, responseMs) => this.#budget.note(profile, responseMs),
        sinkFailed: (error) => this.#logger.warn({ error }, 'records of calls are lost'),
      },
      surroundings.sinks,
    );
    this.#receiver = receiver;
    try {
      await this.#serve(receiver, surroundings, stop, cut);
    } finally {
      await receiver.close();
    }
  }

  async #serve(
    receiver: MetricReceiver,
    { turnModel, frameworkPort }: Surroundings,
    stop: AbortSignal,
    cut: AbortSignal,
  ): Promise<void> {
    mkdirSync(dirname(resolve(this.#config.ordersDb)), { recursive: true });
    const settings = this.#callSettings(await receiver.listen(), await turnModel.start());
    process.env[CALL_SETTINGS_VARIABLE] = JSON.stringify(settings);
    void this.#awaitTurnModel(turnModel, receiver);
    void prepareWorkerPhrases(this.#config, this.#logger, AbortSignal.any([stop, cut]));
    keepFrameworkFromLoadingTurnModel();
    const server = this.#createServer(frameworkPort);
    this.#server = server;
    server.event.on('worker_registered', () => {
      this.#isRegistered = true;
      this.#noteWarm(receiver.warmProcesses);
    });
    const gauges = setInterval(() => {
      this.#readGauges(receiver);
      this.#budget.rest();
      void this.#checkConnection(frameworkPort);
    }, GAUGES_MS);
    const memory = setInterval(() => void this.#readMemory(receiver, turnModel), MEMORY_MS);
    this.#readGauges(receiver);
    const running = server.run();
    try {
      await Promise.race([running, aborted(stop)]);
      if (stop.aborted) await this.#finish(cut);
    } finally {
      clearInterval(gauges);
      clearInterval(memory);
      await server.close();
      await running.catch(() => undefined);
    }
  }

  #createServer(frameworkPort: number): AgentServer {
    const { livekit, agentName, maxCalls, warmProcesses, logLevel } = this.#config;
    const options = new ServerOptions({
      agent: fileURLToPath(new URL('./call.js', import.meta.url)),
      agentName,
      wsURL: livekit.url,
      apiKey: livekit.apiKey,
      apiSecret: livekit.apiSecret,
      production: true,
      logLevel: frameworkLogLevel(logLevel),
      numIdleProcesses: warmProcesses,
      initializeProcessTimeout: LOADING_TIMEOUT_MS,
      maxRetry: RECONNECT_ATTEMPTS,
      // 0 would become 8081 (worker.ts:303 of 1.8.1); health is ours, this one only answers what we pass on.
      host: '127.0.0.1',
      port: frameworkPort,
      // The framework's load is the whole machine's CPU, which on one machine with an SFU refuses the first call.
      loadFunc: async () => this.#load(),
      loadThreshold: 1,
      requestFunc: async (request) => {
        // Availability is asked in bursts between two load reports, and the framework answers yes to all of them.
        const calls = this.#calls();
        const isRefused = this.#budget.refusesCalls && calls > 0;
        if (this.#isDraining || calls >= maxCalls || isRefused) return request.reject();
        this.#noteAccepted(request.id);
        await request.accept(agentName, undefined, undefined, this.#attributes());
      },
    });
    return new AgentServer(options);
  }

  /** A call process is loaded: with the first one, a registration and the turn model, calls can be placed. */
  #noteWarm(warmProcesses: number): void {
    if (this.#isWarm || !this.#isRegistered || !this.#isTurnModelSettled || warmProcesses === 0) return;
    this.#isWarm = true;
    delaySpares(this.#config.warmProcesses);
    this.#logger.info('worker ready');
  }

  /** Only the first moments wait for the turn model: what happens to it later is its supervisor's business. */
  async #awaitTurnModel(turnModel: TurnModelSupervisor, receiver: MetricReceiver): Promise<void> {
    const serves = await turnModel.firstServing(TURN_MODEL_TIMEOUT_MS);
    if (!serves) this.#logger.warn('the turn model does not serve yet; calls begin without its scores');
    this.#isTurnModelSettled = true;
    this.#noteWarm(receiver.warmProcesses);
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

  /** Until the server is closed its processes stay, those for calls that are on their way among them. */
  async #finish(cut: AbortSignal): Promise<void> {
    this.#isDraining = true;
    this.#logger.info({ calls: this.#calls() }, 'worker finishing its calls');
    const end = await finishCalls({ calls: () => this.#calls(), withinMs: DRAIN_TIMEOUT_MS, cut });
    if (end === 'late') this.#logger.warn({ calls: this.#calls() }, 'calls did not end in time and are cut');
  }

  /** Those on their way included. */
  #calls(): number {
    return this.#activeJobs.length + this.#onTheirWay();
  }

  /** Calls that were accepted and that no process has yet. */
  #onTheirWay(): number {
    const active = this.#activeJobs.map(({ job }) => job.id);
    return this.#accepted.beside(active, performance.now());
  }

  get #activeJobs(): AgentServer['activeJobs'] {
    return this.#server?.activeJobs ?? [];
  }

  /** Behind its assignment it waits for processes to load, one after the other, where more calls are on their way than are warm. */
  #noteAccepted(jobId: string): void {
    const toLoad = Math.max(0, this.#onTheirWay() + 1 - (this.#receiver?.warmProcesses ?? 0));
    this.#accepted.note(jobId, performance.now() + ASSIGNMENT_TIMEOUT_MS + toLoad * LOADING_TIMEOUT_MS);
  }

  /** Full while calls are finished: livekit-server offers it no more of them. */
  #load(): number {
    if (this.#isDraining) return 1;
    return Math.min(1, this.#calls() / this.#config.maxCalls);
  }

  #readGauges(receiver: MetricReceiver): void {
    this.#metrics.set('turnwise_calls', {}, this.#calls());
    this.#metrics.set('turnwise_call_capacity', {}, this.#config.maxCalls);
    this.#metrics.set('turnwise_warm_processes', {}, receiver.warmProcesses);
    this.#metrics.set('turnwise_load', {}, this.#load());
    const nodename = hostname();
    this.#metrics.set('lk_agents_child_process_count', { nodename }, receiver.processes.length);
    this.#metrics.set('lk_agents_active_job_count', { nodename }, this.#calls());
    this.#metrics.set('lk_agents_worker_load', { nodename }, this.#load());
  }

  async #readMemory(receiver: MetricReceiver, turnModel: TurnModelSupervisor): Promise<void> {
    for (const [kind, bytes] of await measureMemory(receiver.processes, turnModel.pid)) {
      this.#metrics.set('turnwise_process_memory_bytes', { kind }, bytes);
    }
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
