/** The stock worker's process: registers one of the agents beside this file, and says on standard output when it takes calls. */
import { fileURLToPath } from 'node:url';
import { AgentServer, initializeLogger, ServerOptions } from '@livekit/agents';
import { freePort } from '../../agent/free-port.js';
import { READY_LINE } from './ready-line.js';
import { parseStockSettings } from './settings.js';

/** A call's process may load while the machine is busy; the framework's 10 s then end in a fork for each failure. */
const INITIALIZE_TIMEOUT_MS = 60_000;

const AGENTS = { default: './agent.js', tuned: './tuned.js', 'tuned-patient': './tuned.js' } as const;

async function main(): Promise<void> {
  process.env.NODE_ENV ??= 'production';
  const settings = parseStockSettings(process.env);
  initializeLogger({ pretty: false, level: 'warn' });
  const server = new AgentServer(
    new ServerOptions({
      agent: fileURLToPath(new URL(AGENTS[settings.STOCK_OPTIONS], import.meta.url)),
      agentName: settings.LIVEKIT_AGENT_NAME,
      wsURL: settings.LIVEKIT_URL,
      apiKey: settings.LIVEKIT_API_KEY,
      apiSecret: settings.LIVEKIT_API_SECRET,
      production: true,
      logLevel: 'warn',
      numIdleProcesses: settings.STOCK_WARM_PROCESSES,
      initializeProcessTimeout: INITIALIZE_TIMEOUT_MS,
      host: '127.0.0.1',
      port: await freePort(),
      // The framework's load is the whole machine's CPU, on which a bench is not alone: calls would be refused.
      loadFunc: async () => 0,
      loadThreshold: Number.POSITIVE_INFINITY,
    }),
  );
  server.event.on('worker_registered', () => process.stdout.write(`${READY_LINE}\n`));
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
  const running = server.run();
  await Promise.race([running, stopped]);
  await server.close();
  await running.catch(() => undefined);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
