/** Finds the system to call: the one named, the one that runs here, or the default address. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CallError } from '../caller/errors.js';
import { makeSeat, requestSeat, type Seat, type SeatRequest } from '../caller/tokens.js';
import { cacheFolder } from '../installed.js';

/** Where `npm start` puts the token server unless told otherwise. */
const DEFAULT_URL = 'http://localhost:3000';

/** Agent that is asked for on a LiveKit server unless told otherwise. */
const DEFAULT_AGENT_NAME = 'turnwise';

/** What `npm start` notes of the system it has started. */
const Running = z.object({ webUrl: z.string().optional() });

export interface SeatOptions extends SeatRequest {
  readonly url?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Gets a token for a room of the system to call.
 * @throws CallError `BAD_INPUT`, `NOTHING_RUNS` or `TOKEN_REFUSED`.
 */
export async function findSeat({ url, env, ...request }: SeatOptions, signal?: AbortSignal): Promise<Seat> {
  const target = url ?? (await runningUrl(env)) ?? DEFAULT_URL;
  if (!URL.canParse(target)) throw new CallError('BAD_INPUT', `--url: ${target} is not an address.`);
  const { protocol } = new URL(target);
  if (protocol === 'http:' || protocol === 'https:') return requestSeat(target, request, signal);
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    throw new CallError('BAD_INPUT', `--url: ${target} must begin with http://, https://, ws:// or wss://.`);
  }
  const { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  if (!apiKey || !apiSecret) {
    const message = 'Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to call over a LiveKit server itself.';
    throw new CallError('BAD_INPUT', message);
  }
  const agentName = request.agentName ?? (env.AGENT_NAME || DEFAULT_AGENT_NAME);
  return makeSeat({ url: target, apiKey, apiSecret }, { ...request, agentName });
}

async function runningUrl(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = join(cacheFolder(env), 'running.json');
  try {
    return Running.parse(JSON.parse(await readFile(path, 'utf8'))).webUrl;
  } catch {
    return undefined; // Nothing was started here, or not by `npm start`.
  }
}
