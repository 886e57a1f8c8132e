/** What must be reachable before the worker says that it takes calls. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RoomServiceClient } from 'livekit-server-sdk';
import type { WorkerConfig } from './environment.js';
import { ConfigError, UnreachableError } from './errors.js';
import type { ProviderSettings } from './providers.js';

/** How long something may take to come up beside the worker, in ms. */
const PATIENCE_MS = 10_000;
const ATTEMPT_MS = 2_000;
const BETWEEN_ATTEMPTS_MS = 500;

/**
 * Tries the SFU (with the key) and each provider's address.
 * @throws {@link ConfigError} when the SFU refuses the key, {@link UnreachableError} naming every leg that does not answer.
 */
export async function checkLegs(config: WorkerConfig, signal: AbortSignal): Promise<void> {
  const legs = [
    { name: 'livekit-server', setting: 'LIVEKIT_URL', check: () => checkSfu(config) },
    { name: 'the recogniser', setting: 'DEEPGRAM_BASE_URL', check: () => checkAny(config.stt) },
    { name: 'the LLM', setting: 'OPENAI_BASE_URL', check: () => checkAny(config.llm) },
    { name: 'the synthesiser', setting: 'CARTESIA_BASE_URL', check: () => checkAny(config.tts) },
  ];
  const results = await Promise.allSettled(legs.map(({ check }) => patiently(check, signal)));
  const refused = results.find((result) => result.status === 'rejected' && result.reason instanceof ConfigError);
  if (refused?.status === 'rejected') throw refused.reason;
  const away = legs.filter((_, index) => results[index]?.status === 'rejected');
  if (away.length === 0 || signal.aborted) return;
  const names = away.map(({ name, setting }) => `${name} (${setting})`).join(', ');
  throw new UnreachableError(
    `Cannot start the worker: no answer from ${names} within ${PATIENCE_MS / 1_000} s. Start it or correct the address, then start again.`,
  );
}

async function patiently(check: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const endAtMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (error instanceof ConfigError || signal.aborted || performance.now() > endAtMs) throw error;
      await sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function checkSfu({ livekit }: WorkerConfig): Promise<void> {
  const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), livekit.apiKey, livekit.apiSecret, {
    requestTimeout: ATTEMPT_MS / 1_000,
  });
  try {
    // A room that cannot exist: an answer of any length shows that the key is known.
    await rooms.listRooms(['turnwise-preflight']);
  } catch (error) {
    const status = error instanceof Error && 'status' in error ? error.status : undefined;
    if (status === 401 || status === 403) {
      throw new ConfigError(
        'Cannot start the worker: livekit-server refuses LIVEKIT_API_KEY and LIVEKIT_API_SECRET. Use a pair from its `keys`.',
      );
    }
    throw error;
  }
}

/** A call can be held as long as one provider of each leg answers. */
async function checkAny(providers: readonly ProviderSettings[]): Promise<void> {
  await Promise.any(providers.map(({ baseUrl }) => checkAddress(baseUrl)));
}

/** Opens and closes a TCP connection: the least that a vendor, or anything that speaks its protocol, must answer. */
async function checkAddress(baseUrl: string): Promise<void> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  await new Promise<void>((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: port === '' ? (isSecure ? 443 : 80) : Number(port), timeout: ATTEMPT_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error('timed out')));
    socket.once('error', reject);
  });
}
