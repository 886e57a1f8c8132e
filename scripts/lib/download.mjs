import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from './failure.mjs';

/** A host that does not begin to answer within this is taken for unreachable, in ms. */
const CONNECT_MS = 15_000;
/** Silence in the middle of a download that ends it, in ms. */
const STALL_MS = 30_000;
/** How often progress is said, in ms. */
const PROGRESS_MS = 5_000;

/** Fetches a small text. @throws on the network's errors, and a {@link Failure} on any status but 200. */
export async function fetchText(url, headers = {}) {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(CONNECT_MS) });
  if (!response.ok) throw new Failure(`${url} answered with status ${response.status}`);
  return response.text();
}

/**
 * Fetches a file to `path` (a temporary one) and checks it on the way.
 * @param {string} url
 * @param {{ path: string, sha256: string, label: string, say?: (text: string) => void }} options
 * @throws {Failure} when the content is not what the checksum promises.
 */
export async function download(url, { path, sha256, label, say = console.log }) {
  const stalled = new AbortController();
  let watchdog = setTimeout(() => stalled.abort(new DOMException('stalled', 'TimeoutError')), CONNECT_MS);
  try {
    const response = await fetch(url, { signal: stalled.signal });
    if (!response.ok || response.body === null) throw new Failure(`${url} answered with status ${response.status}`);
    const totalBytes = Number(response.headers.get('content-length') ?? 0);
    const hash = createHash('sha256');
    let seenBytes = 0;
    let saidAtMs = performance.now();
    await pipeline(
      Readable.fromWeb(response.body),
      async function* check(chunks) {
        for await (const chunk of chunks) {
          clearTimeout(watchdog);
          watchdog = setTimeout(() => stalled.abort(new DOMException('stalled', 'TimeoutError')), STALL_MS);
          hash.update(chunk);
          seenBytes += chunk.length;
          if (performance.now() - saidAtMs > PROGRESS_MS) {
            saidAtMs = performance.now();
            const share = totalBytes > 0 ? ` of ${megabytes(totalBytes)}` : '';
            say(`  ${label}: ${megabytes(seenBytes)}${share}`);
          }
          yield chunk;
        }
      },
      createWriteStream(path, { flags: 'wx' }),
    );
    const actual = hash.digest('hex');
    if (actual !== sha256) {
      throw new Failure(
        `${url} is not the file it should be (SHA-256 ${actual}, expected ${sha256}); it was thrown away`,
      );
    }
  } finally {
    clearTimeout(watchdog);
  }
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
