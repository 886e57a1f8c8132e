import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { TokenVerifier } from 'livekit-server-sdk';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, parseConfig } from '../../token-server/config.js';
import { createMetrics, type Metrics } from '../../token-server/metrics.js';
import { createTokenServer } from '../../token-server/server.js';

export const API_KEY = 'devkey';
export const API_SECRET = 'test-secret-of-thirty-two-characters';

export interface TestServer {
  readonly app: FastifyInstance;
  readonly config: Config;
  readonly metrics: Metrics;
  /** Everything logged so far, as text. */
  readonly logged: () => string;
}

/** A token server of a test, closed with it. `page` is the text of its index.html; without it no client is built. */
export async function createTestServer(
  env: NodeJS.ProcessEnv = {},
  { page, nowMs = () => performance.now() }: { page?: string; nowMs?: () => number } = {},
): Promise<TestServer> {
  const webClientDir = await mkdtemp(join(tmpdir(), 'turnwise-web-'));
  if (page !== undefined) await writeFile(join(webClientDir, 'index.html'), page);
  const config = parseConfig({
    LIVEKIT_URL: 'ws://127.0.0.1:9',
    LIVEKIT_API_KEY: API_KEY,
    LIVEKIT_API_SECRET: API_SECRET,
    ...env,
  });
  const metrics = createMetrics({ region: config.REGION });
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const app = await createTokenServer({ config, metrics, logger, webClientDir, nowMs });
  onTestFinished(async () => {
    await app.close();
    await rm(webClientDir, { recursive: true });
  });
  return { app, config, metrics, logged: () => lines.join('') };
}

/** The claims of a token, its signature checked. */
export function claims(token: string) {
  return claimsOf(token, API_SECRET);
}

/** The claims of a token that was signed with a secret of the test's own. */
export function claimsOf(token: string, apiSecret: string) {
  return new TokenVerifier(API_KEY, apiSecret).verify(token);
}
