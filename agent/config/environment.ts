import { availableParallelism, totalmem } from 'node:os';
import { z } from 'zod';
import { PROFILE_NAMES, type ProfileName } from '../../wire/profile.js';
import { ConfigError } from './errors.js';

const VENDOR_URLS = {
  deepgram: 'wss://api.deepgram.com',
  openai: 'https://api.openai.com/v1',
  cartesia: 'https://api.cartesia.ai',
} as const;

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

/** What goes into an HTTP header: a line break in it would break the request, a blank is a slip of the editor. */
const key = z.string().regex(/^[\x21-\x7e]{1,500}$/, { error: 'holds characters that no key has, or is too long' });

const baseUrl = (fallback: string) =>
  z.url({ protocol: /^(https?|wss?)$/, error: 'is not an http(s):// or ws(s):// URL' }).default(fallback);

/** `vendor/model`; further vendors come with their own issue, so others are refused by name. */
const providerString = (vendor: string, model: string) =>
  z
    .string()
    .regex(new RegExp(`^${vendor}/[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$`), {
      error: `is not "${vendor}/MODEL"; ${vendor} is the only vendor for it in this version`,
    })
    .default(`${vendor}/${model}`);

const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/, { error: 'is not a model name' })
  .optional();

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
  STT: providerString('deepgram', 'nova-3'),
  LLM: providerString('openai', 'gpt-4o-mini'),
  TTS: providerString('cartesia', 'sonic-3'),
  DEEPGRAM_API_KEY: key.optional(),
  DEEPGRAM_BASE_URL: baseUrl(VENDOR_URLS.deepgram),
  DEEPGRAM_MODEL: modelName,
  OPENAI_API_KEY: key.optional(),
  OPENAI_BASE_URL: baseUrl(VENDOR_URLS.openai),
  OPENAI_MODEL: modelName,
  CARTESIA_API_KEY: key.optional(),
  CARTESIA_BASE_URL: baseUrl(VENDOR_URLS.cartesia),
  CARTESIA_MODEL: modelName,
  /** "Katie", the voice that Cartesia's LiveKit plugin has as its default. */
  CARTESIA_VOICE: z.string().max(100).default('f786b574-daa5-4673-aa0c-cbe3e8534c02'),
  STT_ENGINE_NAME: z.string().max(80).optional(),
  LATENCY_PROFILE: z.enum(PROFILE_NAMES, { error: `is not one of ${PROFILE_NAMES.join(', ')}` }).default('good'),
  METRICS_PORT: port(9464),
  HEALTH_PORT: port(8081),
  INTERNAL_HOST: z.string().min(1).max(255).default('127.0.0.1'),
  MAX_CALLS: count(MAX_CALLS_DEFAULT, 1, 1_000),
  WARM_PROCESSES: count(2, 1, 64),
  ORDERS_DB: z.string().min(1).max(4_000).default('.cache/orders.db'),
  TURN_RECORDINGS: z.string().max(4_000).optional(),
  REGION: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, { error: 'is not 1 to 32 letters, digits and dashes' })
    .default('local'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'is not one of debug, info, warn, error' })
    .default('info'),
});

/** One provider leg: whom to ask, where, and as whom. Metrics name provider and model, never the URL or the key. */
export interface ProviderSettings {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Everything the worker is told from outside. */
export interface WorkerConfig {
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly agentName: string;
  readonly stt: ProviderSettings;
  readonly llm: ProviderSettings;
  readonly tts: ProviderSettings & { readonly voice: string };
  /** What the page says listens: the vendor's model, or the name the launcher gives a local engine. */
  readonly listeningEngine: { readonly name: string; readonly local: boolean };
  readonly profile: ProfileName;
  readonly metricsPort: number;
  readonly healthPort: number;
  /** Address that health and metrics listen on: loopback, or in a container all of its own. */
  readonly internalHost: string;
  readonly maxCalls: number;
  readonly warmProcesses: number;
  readonly ordersDb: string;
  /** Folder for what each call's listener heard and decided, words included; absent: nothing is kept. */
  readonly turnRecordings?: string;
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
  for (const [name, vendorUrl] of [
    ['DEEPGRAM', VENDOR_URLS.deepgram],
    ['OPENAI', VENDOR_URLS.openai],
    ['CARTESIA', VENDOR_URLS.cartesia],
  ] as const) {
    const url = withScheme(given[`${name}_BASE_URL`] ?? vendorUrl, 'http');
    if (url === withScheme(vendorUrl, 'http') && given[`${name}_API_KEY`] === undefined) {
      problems.push(`${name}_API_KEY is not set, and ${name}_BASE_URL names no other server`);
    }
  }
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
  const chosen = (providers: string, model: string | undefined, isExplicit: boolean) =>
    isExplicit || model === undefined ? providers.slice(providers.indexOf('/') + 1) : model;
  const sttModel = chosen(e.STT, e.DEEPGRAM_MODEL, given.STT !== undefined);
  return Object.freeze({
    livekit: { url: e.LIVEKIT_URL.replace(/^http/, 'ws'), apiKey: e.LIVEKIT_API_KEY, apiSecret: e.LIVEKIT_API_SECRET },
    agentName: e.AGENT_NAME,
    stt: {
      provider: 'deepgram',
      model: sttModel,
      baseUrl: withScheme(e.DEEPGRAM_BASE_URL, 'ws'),
      apiKey: e.DEEPGRAM_API_KEY ?? 'none',
    },
    llm: {
      provider: 'openai',
      model: chosen(e.LLM, e.OPENAI_MODEL, given.LLM !== undefined),
      baseUrl: withScheme(e.OPENAI_BASE_URL, 'http'),
      apiKey: e.OPENAI_API_KEY ?? 'none',
    },
    tts: {
      provider: 'cartesia',
      model: chosen(e.TTS, e.CARTESIA_MODEL, given.TTS !== undefined),
      baseUrl: withScheme(e.CARTESIA_BASE_URL, 'http'),
      apiKey: e.CARTESIA_API_KEY ?? 'none',
      voice: e.CARTESIA_VOICE,
    },
    listeningEngine: { name: e.STT_ENGINE_NAME ?? `deepgram/${sttModel}`, local: e.STT_ENGINE_NAME !== undefined },
    profile: e.LATENCY_PROFILE,
    metricsPort: e.METRICS_PORT,
    healthPort: e.HEALTH_PORT,
    internalHost: e.INTERNAL_HOST,
    maxCalls: e.MAX_CALLS,
    warmProcesses: e.WARM_PROCESSES,
    ordersDb: e.ORDERS_DB,
    ...(e.TURN_RECORDINGS !== undefined && { turnRecordings: e.TURN_RECORDINGS }),
    region: e.REGION,
    logLevel: e.LOG_LEVEL,
  });
}

/** `http` and `ws` forms of the same address mean the same server; each plugin wants its own. */
function withScheme(url: string, scheme: 'http' | 'ws'): string {
  return url.replace(/^(http|ws)/, scheme).replace(/\/+$/, '');
}
