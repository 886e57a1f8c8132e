import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { DispatchMode } from './early-dispatch.js';

/** How a token request ended: bounded, so that it can be a label. */
export type TokenOutcome = 'issued' | 'invalid' | 'refused' | 'too_large' | 'too_many' | 'failed';

export interface Metrics {
  readonly registry: Registry;
  countTokenRequest(outcome: TokenOutcome): void;
  countDispatch(mode: DispatchMode): void;
}

/** The token server's own figures, each labelled with `region` where one is set. */
export function createMetrics({ region }: { readonly region?: string | undefined } = {}): Metrics {
  const registry = new Registry();
  if (region !== undefined) registry.setDefaultLabels({ region });
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'turnwise_token_requests_total',
    help: 'Requests for a token by how they ended',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const dispatches = new Counter({
    name: 'turnwise_token_dispatches_total',
    help: 'Agents asked for: early (with the room), by the token, or by the token as a fallback',
    labelNames: ['mode'] as const,
    registers: [registry],
  });
  return {
    registry,
    countTokenRequest: (outcome) => requests.inc({ outcome }),
    countDispatch: (mode) => dispatches.inc({ mode }),
  };
}

/** The outcome that a response status stands for. */
export function tokenOutcome(statusCode: number): TokenOutcome {
  if (statusCode < 400) return 'issued';
  if (statusCode === 401 || statusCode === 403) return 'refused';
  if (statusCode === 413) return 'too_large';
  if (statusCode === 429) return 'too_many';
  return statusCode < 500 ? 'invalid' : 'failed';
}

/** Serves `GET /metrics` apart from the public listener. The caller listens and closes. */
export function createMetricsServer(registry: Registry): Server {
  return createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics is all there is here.\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
}
