/** What the stock worker is told from outside, by the variables that LiveKit's documentation and its plugins name. */
import { z } from 'zod';

const Settings = z.object({
  LIVEKIT_URL: z.url({ protocol: /^wss?$/ }),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(1),
  LIVEKIT_AGENT_NAME: z.string().min(1),
  DEEPGRAM_API_KEY: z.string().min(1),
  DEEPGRAM_BASE_URL: z.url(),
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_BASE_URL: z.url(),
  CARTESIA_API_KEY: z.string().min(1),
  CARTESIA_BASE_URL: z.url(),
  /**
   * Every option left as it is, or set as fast as the framework's public options allow (`tuned.ts`); `tuned-patient` leaves its
   * longest wait for an end alone.
   */
  STOCK_OPTIONS: z.enum(['default', 'tuned', 'tuned-patient']).default('default'),
  /** Processes that wait for a call, ready loaded. */
  STOCK_WARM_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
});

type Parsed = Readonly<z.infer<typeof Settings>>;

/** Environment of the stock worker; its own providers' addresses are needed, so that no vendor is asked by a slip. */
export type StockSettings = Omit<Parsed, 'STOCK_OPTIONS' | 'STOCK_WARM_PROCESSES'> & {
  readonly STOCK_OPTIONS?: Parsed['STOCK_OPTIONS'];
  readonly STOCK_WARM_PROCESSES?: `${number}`;
};

/** @throws Error naming every variable that is missing or wrong, but no value. */
export function parseStockSettings(env: NodeJS.ProcessEnv): Parsed {
  const parsed = Settings.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(`The stock worker cannot start:\n${z.prettifyError(parsed.error)}`);
}
