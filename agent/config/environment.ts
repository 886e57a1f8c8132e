import { availableParallelism, totalmem } from 'node:os';
import { z } from 'zod';
import { PROFILE_NAMES, type ProfileName } from '../../wire/profile.js';
import { CALL_LOG_VARIABLES, type CallLogSettings, callLogSettings } from '../call-log/settings.js';
import { ConfigError } from './errors.js';
import { type ExpectedOverrides, expectedMs } from './expected-latencies.js';
import { key, LEGS, modelName, type ProviderSettings, type Providers, readProviders } from './providers.js';

export type { ProviderSettings } from './providers.js';

/** Memory of one call process at its peak, in bytes: measured with `ps` on 1.8.1 with Silero and the room's native library. */
const CALL_MEMORY_BYTES = 400 * 2 ** 20;
/** Calls that one core carries with local turn detection, before the event loop lags: LiveKit's own rule is 10 to 25 on 4. */
const CALLS_PER_CORE = 6;
const MAX_CALLS_DEFAULT = Math.max(
  1,
  Math.min(Math.floor((totalmem() * 0.75) / CALL_MEMORY_BYTES), availableParallelism() * CALLS_PER_CORE),
);

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, { error: 'is not a port number' })
    .transform(Number)
    .refine((value) => value <= 65_535, { error: 'is not a port number (0 to 65535)' })
    .default(fallback);

const count = (fallback: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'is not a whole number' })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `is not between ${least} and ${most}` })
    .default(fallback);

const Environment = z.object({
  LIVEKIT_URL: z.url({ protocol: /^(wss?|https?)$/, error: 'is not set to a ws:// or wss:// URL' }),
  LIVEKIT_API_KEY: key,
  LIVEKIT_API_SECRET: key,
  AGENT_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      error: 'is not 1 to 64 letters, digits, dots, dashes or underscores',
    })
    .default('turnwise'),
  /** "Katie", the voice that Cartesia's LiveKit plugin has as its default. */
  CARTESIA_VOICE: z.string().max(100).default('f786b574-daa5-4673-aa0c-cbe3e8534c02'),
  OPENAI_FASTER_MODEL: modelName.optional(),
  STT_EXPECTED_MS: expectedMs,
  LLM_EXPECTED_MS: expectedMs,
  TTS_EXPECTED_MS: expectedMs,
  STT_ENGINE_NAME: z.string().max(80).optional(),
  LATENCY_PROFILE: z.enum(PROFILE_NAMES, { error: `is not one of ${PROFILE_NAMES.join(', ')}` }).default('good'),
  METRICS_PORT: port(9464),
  HEALTH_PORT: port(8081),
  INTERNAL_HOST: z.string().min(1).max(255).default('127.0.0.1'),
  MAX_CALLS: count(MAX_CALLS_DEFAULT, 1, 1_000),
  WARM_PROCESSES: count(2, 1, 64),
  PHRASES_DIR: z.string().min(1).max(4_000).default('.cache/phrases'),
  ORDERS_DB: z.string().min(1).max(4_000).default('.cache/orders.db'),
  TURN_RECORDINGS: z.string().max(4_000).optional(),
  ...CALL_LOG_VARIABLES,
  REGION: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, { error: 'is not 1 to 32 letters, digits and dashes' })
    .default('local'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'is not one of debug, info, warn, error' })
    .default('info'),
});

/** Everything the worker is told from outside. */
export interface WorkerConfig {
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly agentName: string;
  readonly stt: Providers;
  readonly llm: Providers;
  /** Model of the first LLM that answers sooner. */
  readonly fasterModel?: string;
  readonly tts: Providers<ProviderSettings & { readonly voice: string }>;
  /** What the primary providers take where this worker runs, in ms; absent: as elsewhere. */
  readonly expectedMs: ExpectedOverrides;
  /** What the page says listens: the vendor's model, or the name the launcher gives a local engine. */
  readonly listeningEngine: { readonly name: string; readonly local: boolean };
  readonly profile: ProfileName;
  readonly metricsPort: number;
  readonly healthPort: number;
  /** Address that health and metrics listen on: loopback, or in a container all of its own. */
  readonly internalHost: string;
  readonly maxCalls: number;
  readonly warmProcesses: number;
  /** Folder of the phrases that are synthesised once. */
  readonly phrasesDir: string;
  readonly ordersDb: string;
  /** Folder for what each call's listener heard and decided, words included; absent: nothing is kept. */
  readonly turnRecordings?: string;
  /** Absent: no call log is kept. */
  readonly callLog?: CallLogSettings;
  readonly region: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/**
 * Reads the worker's environment.
 * @throws {@link ConfigError} naming every bad variable at once, but no value.
 */
export function parseWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  // `NAME=` means unset; coercion alone would read the empty string as 0.
  const trimmed = Object.entries(env).map(([name, value]) => [name, value?.trim()] as const);
  const given = Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message, code }) => {
        const isUnset = code === 'invalid_type' && given[path.join('.')] === undefined;
        return `${path.join('.')} ${isUnset ? 'is not set' : message}`;
      });
  const stt = readProviders(given, LEGS.stt);
  const llm = readProviders(given, LEGS.llm);
  const tts = readProviders(given, LEGS.tts);
  problems.push(...stt.problems, ...llm.problems, ...tts.problems);
  if (parsed.success && parsed.data.METRICS_PORT === parsed.data.HEALTH_PORT && parsed.data.METRICS_PORT !== 0) {
    problems.push('METRICS_PORT and HEALTH_PORT are the same');
  }
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(
      `Cannot start the worker:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n` +
        'See .env.example, then start again; `npm start` sets what is missing by itself.',
    );
  }
  const e = parsed.data;
  const callLog = callLogSettings(e);
  const [listener] = stt.providers;
  const voiced = (settings: ProviderSettings) => ({ ...settings, voice: e.CARTESIA_VOICE });
  const [speaker, ...otherSpeakers] = tts.providers;
  const speakers: WorkerConfig['tts'] = [voiced(speaker), ...otherSpeakers.map(voiced)];
  return Object.freeze({
    livekit: { url: e.LIVEKIT_URL.replace(/^http/, 'ws'), apiKey: e.LIVEKIT_API_KEY, apiSecret: e.LIVEKIT_API_SECRET },
    agentName: e.AGENT_NAME,
    stt: stt.providers,
    llm: llm.providers,
    ...(e.OPENAI_FASTER_MODEL !== undefined && { fasterModel: e.OPENAI_FASTER_MODEL }),
    tts: speakers,
    expectedMs: {
      ...(e.STT_EXPECTED_MS !== undefined && { stt: e.STT_EXPECTED_MS }),
      ...(e.LLM_EXPECTED_MS !== undefined && { llm: e.LLM_EXPECTED_MS }),
      ...(e.TTS_EXPECTED_MS !== undefined && { tts: e.TTS_EXPECTED_MS }),
    },
    listeningEngine: {
      name: e.STT_ENGINE_NAME ?? `${listener.provider}/${listener.model}`,
      local: e.STT_ENGINE_NAME !== undefined,
    },
    profile: e.LATENCY_PROFILE,
    metricsPort: e.METRICS_PORT,
    healthPort: e.HEALTH_PORT,
    internalHost: e.INTERNAL_HOST,
    maxCalls: e.MAX_CALLS,
    warmProcesses: e.WARM_PROCESSES,
    phrasesDir: e.PHRASES_DIR,
    ordersDb: e.ORDERS_DB,
    ...(e.TURN_RECORDINGS !== undefined && { turnRecordings: e.TURN_RECORDINGS }),
    ...(callLog !== undefined && { callLog }),
    region: e.REGION,
    logLevel: e.LOG_LEVEL,
  });
}
