import { createServer, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { DispatchMode } from './early-dispatch.js';
import { TOKEN_BUCKETS_SECONDS, TOKEN_METRICS, TOKEN_OUTCOMES, type TokenOutcome } from './metric-names.js';

export interface Metrics {
  readonly registry: Registry;
  /** Counts one request for a token. @param durationMs - From its arrival until its answer was sent. */
  noteTokenRequest(outcome: TokenOutcome, durationMs: number): void;
  countDispatch(mode: DispatchMode): void;
}

/** As the worker's: what dashboards select by must stand on everything. */
const DEFAULT_REGION = 'local';

/** The token server's own figures, each labelled with `region`. */
export function createMetrics({ region }: { readonly region?: string | undefined } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ region: region ?? DEFAULT_REGION });
  collectDefaultMetrics({ register: registry });
  const { turnwise_token_requests_total, turnwise_token_dispatches_total, turnwise_token_request_seconds } =
    TOKEN_METRICS;
  const requests = new Counter({
    name: 'turnwise_token_requests_total',
    help: turnwise_token_requests_total.help,
    labelNames: turnwise_token_requests_total.labels,
    registers: [registry],
  });
  const dispatches = new Counter({
    name: 'turnwise_token_dispatches_total',
    help: turnwise_token_dispatches_total.help,
    labelNames: turnwise_token_dispatches_total.labels,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'turnwise_token_request_seconds',
    help: turnwise_token_request_seconds.help,
    labelNames: turnwise_token_request_seconds.labels,
    buckets: [...TOKEN_BUCKETS_SECONDS],
    registers: [registry],
  });
  // From 0 on, so that the first refusal is an increase that alerts see.
  for (const outcome of TOKEN_OUTCOMES) {
    requests.inc({ outcome }, 0);
    durations.zero({ outcome });
  }
  for (const mode of turnwise_token_dispatches_total.values.mode) dispatches.inc({ mode }, 0);
  return {
    registry,
    noteTokenRequest: (outcome, durationMs) => {
      requests.inc({ outcome });
      durations.observe({ outcome }, durationMs / 1_000);
    },
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
