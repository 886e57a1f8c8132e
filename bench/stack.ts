/**
 * The whole system, started for a bench or a test by the launcher of `npm start` itself, on free ports and with a cache and
 * an order store of its own, so that it meets nothing that runs or lies on this machine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cacheFolder, installedSfu, projectRoot } from './installed.js';

/** How long everything may take to be ready, in ms; above the launcher's own limit for one program. */
const READY_TIMEOUT_MS = 90_000;

/** How long everything may take to end, in ms; above the 5 s that the launcher promises. */
const CLOSE_TIMEOUT_MS = 15_000;

/** Variables that a program needs to run at all, or that say where installed things are. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LIVEKIT_SERVER_BIN',
  'SPEECH_ENGINES_DIR',
  'PYTHON',
  'TURNWISE_ROOT',
  'LD_LIBRARY_PATH',
] as const;

/** Each picks a free port at 0. */
const PORTS = [
  'LIVEKIT_PORT',
  'LIVEKIT_TCP_PORT',
  'LIVEKIT_UDP_PORT',
  'LOCAL_PROVIDERS_PORT',
  'WEB_PORT',
  'TOKEN_METRICS_PORT',
  'METRICS_PORT',
  'HEALTH_PORT',
] as const;

const Endpoints = z.object({
  webUrl: z.string(),
  livekitUrl: z.string(),
  agentName: z.string(),
  metricsUrl: z.string(),
  healthUrl: z.string(),
  tokenMetricsUrl: z.string(),
  providersUrl: z.string().optional(),
  ordersDb: z.string(),
});
const Ready = z.object({ ready: z.literal(true), pid: z.number() });
const Failed = z.object({ ready: z.literal(false), error: z.string() });

/** Where the parts of a started system are. */
export type StackEndpoints = z.infer<typeof Endpoints>;

export interface StackOptions {
  /** What the local providers answer with. */
  readonly engine?: 'offline' | 'scripted';
  /** Further settings, as in `.env`; they win over everything else. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Stack extends StackEndpoints {
  /** The launcher, leader of all other processes. */
  readonly process: ChildProcess;
  /** Keys of the SFU, when it is one of its own. */
  readonly livekitKeys: { readonly apiKey: string; readonly apiSecret: string };
  /** Lines that a program has written so far: `worker`, `token-server`, `local-providers`, `livekit-server`. */
  lines(program: string): readonly string[];
  /** Ends everything. May be called twice. @returns The launcher's exit code. */
  close(): Promise<number>;
}

/**
 * Starts livekit-server, local providers, token server and worker.
 * @throws Error with the launcher's own words when something does not become ready.
 */
export async function startStack({ engine = 'offline', env = {}, signal }: StackOptions = {}): Promise<Stack> {
  const root = projectRoot();
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-stack-'));
  const livekitKeys = { apiKey: 'devkey', apiSecret: `${crypto.randomUUID()}${crypto.randomUUID()}` };
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), '--json', '--providers-engine', engine], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...installed(),
      ...Object.fromEntries(PORTS.map((name) => [name, '0'])),
      TURNWISE_ENV_FILE: 'off',
      TURNWISE_CACHE_DIR: folder,
      ORDERS_DB: join(folder, 'orders.db'),
      PHRASES_DIR: join(folder, 'phrases'),
      LIVEKIT_API_KEY: livekitKeys.apiKey,
      LIVEKIT_API_SECRET: livekitKeys.apiSecret,
      ...env,
    },
  });
  const lines = new Map<string, string[]>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    const [, program = '', text = line] = /^([a-z-]+) \| (.*)$/.exec(line) ?? [];
    lines.set(program, [...(lines.get(program) ?? []), text]);
  });
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
  const close = async (): Promise<number> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    const code = await ended;
    clearTimeout(killer);
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  try {
    const timeout = AbortSignal.timeout(READY_TIMEOUT_MS);
    const endpoints = await firstAnswer(child, signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
    return { ...endpoints, process: child, livekitKeys, lines: (program) => lines.get(program) ?? [], close };
  } catch (error) {
    await close();
    const said = [...lines].flatMap(([program, texts]) => texts.slice(-10).map((text) => `${program} | ${text}`));
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The system did not start: ${reason}\n${said.join('\n')}`, { cause: error });
  }
}

/** What setup installed is used from where it is, though the stack's own cache is elsewhere. */
function installed(): Record<string, string> {
  const server = installedSfu();
  const engines = join(cacheFolder(), 'speech-engines');
  return {
    ...(existsSync(engines) && { SPEECH_ENGINES_DIR: engines }),
    ...Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    ...(server !== undefined && { LIVEKIT_SERVER_BIN: server }),
  };
}

/** The launcher's one line on standard output: ready, or why not. */
async function firstAnswer(child: ChildProcess, signal: AbortSignal): Promise<StackEndpoints> {
  if (child.stdout === null) throw new Error('the launcher has no standard output');
  const input = createInterface({ input: child.stdout });
  const stop = (): void => input.close();
  signal.addEventListener('abort', stop);
  try {
    for await (const line of input) {
      const message: unknown = JSON.parse(line);
      const failed = Failed.safeParse(message);
      if (failed.success) throw new Error(failed.data.error);
      if (Ready.safeParse(message).success) return Endpoints.parse(message);
    }
    throw new Error(signal.aborted ? 'it took too long, or was stopped' : 'the launcher ended');
  } finally {
    signal.removeEventListener('abort', stop);
    // What it may say later must not fill the pipe.
    child.stdout.resume();
  }
}
