import { z } from 'zod';
import { PresetName } from './scripted/latency.js';

/** The environment is wrong; the message names every bad variable at once, but no value. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  readonly retryable = false;
}

const Env = z.object({
  LOCAL_PROVIDERS_PORT: z.coerce
    .number({ error: 'is not a port number' })
    .int('is not a port number')
    .min(0, 'is not a port number')
    .max(65_535, 'is not a port number')
    .default(8790),
  LOCAL_PROVIDERS_ENGINE: z
    .enum(['offline', 'scripted'], { error: 'is neither offline nor scripted' })
    .default('offline'),
  /** When set, clients must present exactly this key (before the `:` that names a call). */
  LOCAL_PROVIDERS_KEY: z
    .string()
    .regex(/^[^:\s]+$/, 'must not hold a colon or white space')
    .optional(),
  VOCABULARY_FILE: z.string().default('dist/vocabulary.json'),
  SPEECH_ENGINES_DIR: z.string().default('.cache/speech-engines'),
  SCRIPTED_PRESET: z
    .enum(PresetName.options, { error: `is none of ${PresetName.options.join(', ')}` })
    .default('fixed'),
  SCRIPTED_SEED: z.coerce.number({ error: 'is not a whole number' }).int('is not a whole number').default(1),
  /** Folder with manifests in the form of the project's speech data; recordings in it serve as scripts by name. */
  SCRIPT_DATA_DIR: z.string().optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'is not a log level of pino' })
    .default('info'),
});
export type Config = Readonly<z.infer<typeof Env>>;

/** @throws {@link ConfigError} */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  // `NAME=` means unset; coercion alone would read the empty string as 0.
  const parsed = Env.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
  throw new ConfigError(`Cannot start the local providers:\n${lines.join('\n')}\nSee .env.example, then start again.`);
}
