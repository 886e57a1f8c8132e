import { RoomServiceClient, ServerError } from 'livekit-server-sdk';

/** How long the SFU may take to answer, in seconds. */
const SFU_TIMEOUT_S = 1;

/** How long an answer holds, in ms, so that probes cannot be used to load the SFU. */
const CACHE_MS = 2_000;

/** A room that cannot exist (tokens cannot name it), so that asking for it costs the SFU one look-up. */
const PROBE_ROOM = '/readyz';

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly detail: string };

export interface ReadinessOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

/** Asks the SFU whether it is there and takes our key, at most once in {@link CACHE_MS}, whoever asks. */
export function createReadiness({ url, apiKey, apiSecret, nowMs }: ReadinessOptions): () => Promise<Readiness> {
  const sfu = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: SFU_TIMEOUT_S,
    failover: false,
  });
  let cached: { readonly expiresAtMs: number; readonly readiness: Promise<Readiness> } | undefined;
  return () => {
    if (cached === undefined || cached.expiresAtMs <= nowMs()) {
      const readiness = sfu.listRooms([PROBE_ROOM]).then(
        (): Readiness => ({ ready: true }),
        (error: unknown): Readiness => ({ ready: false, detail: explain(error, new URL(url)) }),
      );
      cached = { expiresAtMs: nowMs() + CACHE_MS, readiness };
    }
    return cached.readiness;
  };
}

function explain(error: unknown, { protocol, host }: URL): string {
  // Only scheme and host: a URL may carry a password.
  const sfu = `${protocol}//${host}`;
  if (error instanceof ServerError && (error.status === 401 || error.status === 403)) {
    return `The SFU at ${sfu} refuses our key. Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET against its configuration.`;
  }
  if (error instanceof ServerError) {
    return `The SFU at ${sfu} answers with status ${error.status}. Check that LIVEKIT_URL names a livekit-server.`;
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The SFU at ${sfu} did not answer within ${SFU_TIMEOUT_S} s. Check LIVEKIT_URL, and that livekit-server is well.`;
  }
  return `The SFU at ${sfu} cannot be reached. Start livekit-server, or correct LIVEKIT_URL.`;
}
