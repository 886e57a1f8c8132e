/**
 * The worker's process: reads the environment, builds the parts, registers with the SFU, hands each call its settings, and
 * owns signals and exit codes: 0 after a stop that was asked for, 1 when something outside is missing or fails, 2 for a
 * setting that is wrong.
 */
import { existsSync } from 'node:fs';
import { initializeLogger } from '@livekit/agents';
import type { FastifyInstance } from 'fastify';
import { parseWorkerConfig } from './config/environment.js';
import { ConfigError, UnreachableError } from './config/errors.js';
import { checkLegs } from './config/preflight.js';
import { freePort } from './free-port.js';
import { closeSinks, openSinks } from './record-sinks.js';
import type { RecordSink } from './telemetry/call-record.js';
import { showExpectedSeries } from './telemetry/expected-series.js';
import { createHealthServer, createMetricsServer } from './telemetry/http.js';
import { createLogger, describeError, frameworkLogLevel } from './telemetry/logger.js';
import { Metrics } from './telemetry/metrics.js';
import { TurnModelSupervisor } from './turn-model/supervisor.js';
import { Worker } from './worker.js';

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
  showExpectedSeries(metrics, config);
  const worker = new Worker(config, metrics, logger);
  const turnModel = new TurnModelSupervisor({ measurements: metrics, logger });
  const metricsServer = createMetricsServer(metrics);
  const frameworkPort = await freePort();
  const healthServer = createHealthServer(() => worker.readiness(), frameworkPort);
  let sinks: readonly RecordSink[] = [];
  try {
    const metricsPort = await listenOn(metricsServer, config.internalHost, config.metricsPort, 'METRICS_PORT');
    const healthPort = await listenOn(healthServer, config.internalHost, config.healthPort, 'HEALTH_PORT');
    logger.info({ metricsPort, healthPort, maxCalls: config.maxCalls }, 'worker starting');
    await checkLegs(config, stop.signal);
    if (stop.signal.aborted) return;
    sinks = await openSinks(config, process.env, { metrics, logger });
    await worker.run({ sinks, turnModel, frameworkPort }, stop.signal, cut.signal);
  } finally {
    // The last scrape may see what became of the last records.
    await closeSinks(sinks, logger);
    await Promise.allSettled([metricsServer.close(), healthServer.close(), turnModel.close()]);
  }
  logger.info('worker stopped');
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
