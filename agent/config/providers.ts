/** The providers of one leg as the environment names them: the primary, and those that are fallen back on. */
import { z } from 'zod';

/** One provider leg: whom to ask, where, and as whom. Metrics name provider and model, never the URL or the key. */
export interface ProviderSettings {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** At least one; the first is the primary, the others are asked where it fails. */
export type Providers<Settings extends ProviderSettings = ProviderSettings> = readonly [Settings, ...Settings[]];

interface Leg {
  /** Variable that lists `vendor/model`s. */
  readonly name: 'STT' | 'LLM' | 'TTS';
  readonly vendor: string;
  readonly vendorUrl: string;
  readonly model: string;
  /** In which form the leg's clients take addresses. */
  readonly scheme: 'http' | 'ws';
}

export const LEGS = {
  stt: { name: 'STT', vendor: 'deepgram', vendorUrl: 'wss://api.deepgram.com', model: 'nova-3', scheme: 'ws' },
  llm: { name: 'LLM', vendor: 'openai', vendorUrl: 'https://api.openai.com/v1', model: 'gpt-4o-mini', scheme: 'http' },
  tts: { name: 'TTS', vendor: 'cartesia', vendorUrl: 'https://api.cartesia.ai', model: 'sonic-3', scheme: 'http' },
} as const satisfies Record<string, Leg>;

/** Providers of one leg that may be named: the primary and two to fall back on. */
const MAX_PROVIDERS = 3;
const MODEL = '[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}';

/** What goes into an HTTP header: a line break in it would break the request, a blank is a slip of the editor. */
export const key = z
  .string()
  .regex(/^[\x21-\x7e]{1,500}$/, { error: 'holds characters that no key has, or is too long' });
const address = z.url({ protocol: /^(https?|wss?)$/, error: 'is not an http(s):// or ws(s):// URL' });
export const modelName = z.string().regex(new RegExp(`^${MODEL}$`), { error: 'is not a model name' });

/**
 * Reads a leg's providers. A second entry of the list takes the variables that end in `_2`, a third those in `_3`; what is
 * not set there is the first's.
 * @param given - The environment without empty values.
 * @returns The providers, and what is wrong with the variables, by name and without a value. With problems, the list is not
 *   to be used.
 */
export function readProviders(
  given: Readonly<Record<string, string | undefined>>,
  leg: Leg,
): { readonly providers: Providers; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const read = (name: string, form: z.ZodType<string>): string | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    const parsed = form.safeParse(value);
    if (!parsed.success) problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
    return parsed.data;
  };
  const prefix = leg.vendor.toUpperCase();
  const listed = given[leg.name]?.split(',').map((entry) => entry.trim());
  const form = new RegExp(`^${leg.vendor}/${MODEL}$`);
  if (listed?.some((entry) => !form.test(entry))) {
    problems.push(
      `${leg.name} is not "${leg.vendor}/MODEL", or several with commas; ${leg.vendor} is the only vendor for it in this version`,
    );
  } else if (listed !== undefined && listed.length > MAX_PROVIDERS) {
    problems.push(`${leg.name} names more than ${MAX_PROVIDERS} providers`);
  }
  const model = read(`${prefix}_MODEL`, modelName);
  const models = listed?.map((entry) => entry.slice(leg.vendor.length + 1)) ?? [model ?? leg.model];
  const of = (suffix: string) => ({
    apiKey: read(`${prefix}_API_KEY${suffix}`, key),
    baseUrl: read(`${prefix}_BASE_URL${suffix}`, address),
  });
  const first = of('');
  const settings = (name: string, { apiKey, baseUrl }: ReturnType<typeof of>): ProviderSettings => ({
    provider: leg.vendor,
    model: name,
    baseUrl: withScheme(baseUrl ?? leg.vendorUrl, leg.scheme),
    apiKey: apiKey ?? 'none',
  });
  const [primary = leg.model, ...others] = models;
  const isVendor = (baseUrl = leg.vendorUrl) => withScheme(baseUrl, 'http') === withScheme(leg.vendorUrl, 'http');
  if (isVendor(first.baseUrl) && given[`${prefix}_API_KEY`] === undefined) {
    problems.push(`${prefix}_API_KEY is not set, and ${prefix}_BASE_URL names no other server`);
  }
  const fallbacks = others.slice(0, MAX_PROVIDERS - 1).map((name, index) => {
    const suffix = `_${index + 2}`;
    const own = of(suffix);
    // The first one's key is for the first one's server.
    const apiKey = own.apiKey ?? (own.baseUrl === undefined ? first.apiKey : undefined);
    const isKeyless = apiKey === undefined && given[`${prefix}_API_KEY${suffix}`] === undefined;
    if (isKeyless && own.baseUrl !== undefined && isVendor(own.baseUrl)) {
      problems.push(
        `${prefix}_API_KEY${suffix} is not set, and ${prefix}_BASE_URL${suffix} is the vendor's own server`,
      );
    }
    return settings(name, { apiKey, baseUrl: own.baseUrl ?? first.baseUrl });
  });
  return { providers: [settings(primary, first), ...fallbacks], problems };
}

/** `http` and `ws` forms of the same address mean the same server; each plugin wants its own. */
function withScheme(url: string, scheme: 'http' | 'ws'): string {
  return url.replace(/^(http|ws)/, scheme).replace(/\/+$/, '');
}
