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
});

/** Environment of the stock worker; its own providers' addresses are needed, so that no vendor is asked by a slip. */
export type StockSettings = Readonly<z.infer<typeof Settings>>;

/** @throws Error naming every variable that is missing or wrong, but no value. */
export function parseStockSettings(env: NodeJS.ProcessEnv): StockSettings {
  const parsed = Settings.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(`The stock worker cannot start:\n${z.prettifyError(parsed.error)}`);
}
