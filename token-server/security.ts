/** Who may ask for tokens, and what a browser may do with the pages served here. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from './config.js';
import { ProblemError } from './problem.js';

/**
 * Response headers for everything served. The page loads scripts and styles from here only and talks to the SFU only; no
 * script or style stands inline.
 * @param publicUrl - ws:// or wss:// URL of the SFU as browsers reach it.
 */
export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  const { protocol, host, hostname } = new URL(publicUrl);
  const http = protocol === 'wss:' ? 'https:' : 'http:';
  // livekit-client asks the SFU by HTTP why a WebSocket failed; LiveKit Cloud hands out addresses of its regions.
  const sfu = [`${protocol}//${host}`, `${http}//${host}`];
  if (hostname.endsWith('.livekit.cloud')) sfu.push('wss://*.livekit.cloud', 'https://*.livekit.cloud');
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "media-src 'self' blob: mediastream:",
      "worker-src 'self' blob:",
      `connect-src 'self' ${sfu.join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'permissions-policy': 'microphone=(self), camera=(), geolocation=(), display-capture=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

export interface Admission {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * Decides whether a request may have a token.
 * @returns a function that throws {@link ProblemError} 401 or 403 for those who may not.
 */
export function createGuard(
  options: { readonly auth: 'open' } | { readonly auth: 'key'; readonly key: string },
): (request: Admission) => void {
  if (options.auth === 'open') {
    return ({ host, origin }) => {
      refuseForeignOrigin(host, origin);
      // A page of some other site may point its own name at 127.0.0.1 (DNS rebinding); its requests name that host.
      const hostname = parseUrl(`http://${host ?? ''}`)?.hostname.replace(/^\[(.*)\]$/, '$1');
      if (hostname === undefined || !isLoopback(hostname)) {
        throw new ProblemError(403, 'Open mode serves this machine only; open the page as http://localhost.');
      }
    };
  }
  const expected = digest(options.key);
  return ({ host, origin, authorization }) => {
    refuseForeignOrigin(host, origin);
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) throw new ProblemError(401, 'Send the access key as "Authorization: Bearer <key>".');
    if (!timingSafeEqual(digest(given), expected)) throw new ProblemError(401, 'The access key is not the right one.');
  };
}

function refuseForeignOrigin(host: string | undefined, origin: string | undefined): void {
  if (origin === undefined) return;
  if (parseUrl(origin)?.host !== host) {
    throw new ProblemError(403, 'Tokens are for the page served here; requests of other sites are refused.');
  }
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Equal lengths, so that the comparison gives no length away. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
