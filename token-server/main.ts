/** The token server's process: environment in, listeners up, signals and exit codes. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { type Config, ConfigError, parseConfig } from './config.js';
import { createMetrics, createMetricsServer } from './metrics.js';
import { createTokenServer } from './server.js';

/** Exit code when a setting keeps the server from starting. */
const EXIT_SETTING = 2;

/** How long open requests may take to finish after a signal, in ms; below the 5 s that the launcher allows. */
const CLOSE_DEADLINE_MS = 3_000;

/** Where metrics are served; never on the public address. */
const METRICS_HOST = '127.0.0.1';

/** A listener could not be had, and the setting that moves it. */
class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'TOKEN_SERVER_LISTEN';
  readonly retryable = false;
}

/** @throws {@link ListenError} saying which setting to change. */
async function listening<T>(listen: Promise<T>, host: string, name: string, port: number): Promise<T> {
  try {
    return await listen;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : undefined;
    if (reason === 'EADDRINUSE') {
      throw new ListenError(`Port ${port} on ${host} is in use. Set ${name} to another port (0 picks a free one).`);
    }
    if (reason === 'EACCES') throw new ListenError(`Port ${port} needs more rights. Set ${name} to one above 1023.`);
    if (reason === 'EADDRNOTAVAIL') throw new ListenError(`This machine has no address ${host}. Correct WEB_HOST.`);
    throw error;
  }
}

async function start(config: Config): Promise<() => Promise<void>> {
  const logger = pino({ level: config.LOG_LEVEL, name: 'token-server' });
  const metrics = createMetrics({ region: config.REGION });
  const app = await createTokenServer({
    config,
    metrics,
    logger,
    webClientDir: fileURLToPath(new URL('../web-client/', import.meta.url)),
    nowMs: () => performance.now(),
  });
  const metricsServer = createMetricsServer(metrics.registry);
  const close = async () => {
    await app.close();
    metricsServer.closeAllConnections();
    metricsServer.close();
  };
  try {
    metricsServer.listen(config.TOKEN_METRICS_PORT, METRICS_HOST);
    await listening(once(metricsServer, 'listening'), METRICS_HOST, 'TOKEN_METRICS_PORT', config.TOKEN_METRICS_PORT);
    await listening(
      app.listen({ host: config.WEB_HOST, port: config.WEB_PORT, listenTextResolver: () => '' }),
      config.WEB_HOST,
      'WEB_PORT',
      config.WEB_PORT,
    );
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const { port: metricsPort } = metricsServer.address() as AddressInfo;
  const host = config.WEB_HOST.includes(':') ? `[${config.WEB_HOST}]` : config.WEB_HOST;
  logger.info(
    { url: `http://${host}:${port}`, metricsUrl: `http://${METRICS_HOST}:${metricsPort}/metrics` },
    'token server ready',
  );
  return async () => {
    logger.info('token server closing');
    await close();
  };
}

async function main(): Promise<void> {
  const close = await start(parseConfig(process.env));
  let closing = false;
  const stop = () => {
    if (closing) return;
    closing = true;
    // A client that never finishes must not keep the process.
    setTimeout(() => process.exit(0), CLOSE_DEADLINE_MS).unref();
    void close();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError) && !(error instanceof ListenError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT_SETTING;
}
