import { isIP } from 'node:net';
import { z } from 'zod';
import { ProfileName } from '../wire/profile.js';

/** Names one or more settings that keep the token server from starting; never a value, since some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'TOKEN_SERVER_CONFIG';
  readonly retryable = false;
}

const port = (fallback: number) =>
  z.coerce
    .number({ error: 'is not a port number (0 to 65535; 0 picks a free one)' })
    .int({ error: 'is not a whole number' })
    .min(0, { error: 'is below 0' })
    .max(65_535, { error: 'is above 65535' })
    .default(fallback);

const sfuUrl = (unset: string) =>
  z.url({
    protocol: /^wss?$/,
    error: ({ input }) => (input === undefined ? unset : 'is not a ws:// or wss:// URL'),
  });

const Env = z.object({
  LIVEKIT_URL: sfuUrl('is not set'),
  LIVEKIT_PUBLIC_URL: sfuUrl('is not set').optional(),
  LIVEKIT_API_KEY: z.string({ error: 'is not set' }),
  LIVEKIT_API_SECRET: z.string({ error: 'is not set' }),
  AGENT_NAME: z.string().max(128, { error: 'is longer than 128 characters' }).default('turnwise'),
  LATENCY_PROFILE: z
    .enum(ProfileName.options, { error: `is none of ${ProfileName.options.join(', ')}` })
    .default('good'),
  WEB_HOST: z
    .string()
    .refine((host) => host === 'localhost' || isIP(host) !== 0, {
      error: 'is not an IP address of this machine (127.0.0.1, 0.0.0.0, ::) nor localhost',
    })
    .default('127.0.0.1'),
  WEB_PORT: port(3000),
  TOKEN_METRICS_PORT: port(9465),
  TOKEN_SERVER_AUTH: z.enum(['open', 'key', 'jwt'], { error: 'is none of open, key, jwt' }).default('open'),
  TOKEN_SERVER_KEY: z.string().min(16, { error: 'is shorter than 16 characters' }).optional(),
  TOKEN_RATE_PER_MINUTE: z.coerce
    .number({ error: 'is not a number' })
    .int({ error: 'is not a whole number' })
    .min(1, { error: 'is below 1' })
    .max(1_000_000, { error: 'is above 1000000' })
    .default(60),
  EARLY_DISPATCH: z.enum(['on', 'off'], { error: 'is neither on nor off' }).default('on'),
  REGION: z.string().max(64, { error: 'is longer than 64 characters' }).optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'is none of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
});

/** Rules across settings run even when others are malformed, so that everything is reported at once. */
const always = { when: () => true };

const Checked = Env.refine(({ TOKEN_SERVER_AUTH, WEB_HOST }) => TOKEN_SERVER_AUTH !== 'open' || isLoopback(WEB_HOST), {
  ...always,
  path: ['TOKEN_SERVER_AUTH'],
  error:
    'is open, which is for this machine alone, but WEB_HOST can be reached from others; ' +
    'set TOKEN_SERVER_AUTH=key with TOKEN_SERVER_KEY',
})
  .refine(({ TOKEN_SERVER_AUTH, TOKEN_SERVER_KEY }) => TOKEN_SERVER_AUTH !== 'key' || TOKEN_SERVER_KEY !== undefined, {
    ...always,
    path: ['TOKEN_SERVER_KEY'],
    error: 'is not set, but TOKEN_SERVER_AUTH=key needs it (16 characters or more)',
  })
  .refine(({ TOKEN_SERVER_AUTH }) => TOKEN_SERVER_AUTH !== 'jwt', {
    ...always,
    path: ['TOKEN_SERVER_AUTH'],
    error: 'is jwt, which comes with a later version; use key with TOKEN_SERVER_KEY until then',
  });

export type Config = Readonly<z.infer<typeof Env>>;

/**
 * Reads the environment once.
 * @throws {@link ConfigError} naming every bad variable at once, but no secret's value.
 */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  // `NAME=` means unset; coercion alone would read the empty string as 0.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Checked.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
  throw new ConfigError(`The token server cannot start:\n${lines.join('\n')}\nSee .env.example, then start again.`);
}

/** Whether a listener on this address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
