import { pino } from 'pino';
import { systemClock } from './clock.js';
import { type Config, ConfigError, parseConfig } from './config.js';
import { CallLedger } from './ledger.js';
import { createScriptedEngine } from './scripted/engine.js';
import { RecordingLibrary } from './scripted/labels.js';
import { createScriptRoute } from './scripted/route.js';
import { ScriptStore } from './scripted/script-store.js';
import { LocalProviders, type LocalProvidersOptions } from './server.js';

/** A signalled process is gone after this long even if something hangs, in ms. */
const EXIT_DEADLINE_MS = 1_800;

/** The name the port's setting has, for whoever finds it taken. */
const PORT_TAKEN = (port: number): string =>
  `Cannot start the local providers: port ${port} is taken. Stop what uses it, or set LOCAL_PROVIDERS_PORT to another (0 picks one).`;

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const logger = pino({ name: 'local-providers', level: config.LOG_LEVEL });
  const providers = new LocalProviders({
    logger,
    port: config.LOCAL_PROVIDERS_PORT,
    requiredKey: config.LOCAL_PROVIDERS_KEY,
    ...(await chooseEngine(config, (problem) => logger.warn(problem))),
  });
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), EXIT_DEADLINE_MS).unref();
    providers.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const port = await providers.listen();
  try {
    await providers.ready();
  } catch (error) {
    if (isStopping) return;
    await providers.close();
    throw error;
  }
  if (isStopping) return;
  process.stdout.write(`local providers ready on http://127.0.0.1:${port} (${config.LOCAL_PROVIDERS_ENGINE})\n`);
}

async function chooseEngine(
  config: Config,
  logProblem: (problem: string) => void,
): Promise<Pick<LocalProvidersOptions, 'engine' | 'faults' | 'ledger' | 'scriptRoute'>> {
  if (config.LOCAL_PROVIDERS_ENGINE === 'offline') {
    // Loaded only when asked for: the scripted engine runs without the speech engines.
    const { createOfflineEngine } = await import('./offline/engine.js');
    return {
      engine: createOfflineEngine({
        vocabularyFile: config.VOCABULARY_FILE,
        enginesDir: config.SPEECH_ENGINES_DIR,
        logProblem,
      }),
    };
  }
  const library = config.SCRIPT_DATA_DIR === undefined ? undefined : await openLibrary(config.SCRIPT_DATA_DIR);
  const scripts = new ScriptStore({
    clock: systemClock,
    preset: config.SCRIPTED_PRESET,
    seed: config.SCRIPTED_SEED,
    library,
    logProblem,
  });
  const ledger = new CallLedger(systemClock);
  return {
    engine: createScriptedEngine(systemClock, scripts),
    faults: scripts,
    ledger,
    scriptRoute: createScriptRoute(scripts, ledger),
  };
}

async function openLibrary(dataDir: string): Promise<RecordingLibrary> {
  try {
    return await RecordingLibrary.open(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`Cannot start the local providers: SCRIPT_DATA_DIR cannot be read (${reason}).`);
  }
}

main().catch((error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const port = isTaken && 'port' in error ? Number(error.port) : 0;
  const message = isTaken ? PORT_TAKEN(port) : error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
});
