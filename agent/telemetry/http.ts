/** The worker's two small HTTP servers: health for whoever supervises it, metrics for Prometheus. Never on one port. */
import { type FastifyInstance, fastify } from 'fastify';
import type { Metrics } from './metrics.js';

/** Whether the worker takes calls, and if not why. */
export interface Readiness {
  readonly isReady: boolean;
  readonly reason?: string;
}

/**
 * `/healthz` (the process lives), `/readyz` (it takes calls), and the framework's own `/` and `/worker`, passed through.
 * @param frameworkPort - Where the framework's server listens on loopback.
 */
export function createHealthServer(readiness: () => Readiness, frameworkPort: number): FastifyInstance {
  const server = fastify({ logger: false });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const { isReady, reason } = readiness();
    return reply.code(isReady ? 200 : 503).send(isReady ? { status: 'ready' } : { status: 'not ready', reason });
  });
  for (const path of ['/', '/worker']) {
    server.get(path, async (_request, reply) => {
      try {
        const answer = await fetch(`http://127.0.0.1:${frameworkPort}${path}`, { signal: AbortSignal.timeout(1_000) });
        return reply
          .code(answer.status)
          .type(answer.headers.get('content-type') ?? 'text/plain')
          .send(await answer.text());
      } catch {
        return reply.code(503).send({ status: 'not ready', reason: 'the agent framework does not answer yet' });
      }
    });
  }
  return server;
}

/** `/metrics` in Prometheus' text form. */
export function createMetricsServer(metrics: Metrics): FastifyInstance {
  const server = fastify({ logger: false });
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  return server;
}
