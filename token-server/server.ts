import { existsSync } from 'node:fs';
import { join } from 'node:path';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import type { Config } from './config.js';
import { createEarlyDispatch } from './early-dispatch.js';
import { type Metrics, tokenOutcome } from './metrics.js';
import { PROBLEM_MEDIA_TYPE, ProblemError, problem } from './problem.js';
import { createReadiness } from './readiness.js';
import { createGuard, securityHeaders } from './security.js';
import { issueToken, newRoomName } from './token.js';
import { parseTokenRequest } from './token-request.js';

/** Largest request body in bytes: the bounded fields of a token request, several times over. */
const BODY_LIMIT_BYTES = 16_384;

/** How long a client may take to send its request, in ms. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface ServerOptions {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly logger: FastifyBaseLogger;
  /** Folder of the built web client. */
  readonly webClientDir: string;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

/** Builds the public listener: tokens, health and the web client. The caller listens and closes. */
export async function createTokenServer(options: ServerOptions): Promise<FastifyInstance> {
  const { config, metrics, logger, webClientDir, nowMs } = options;
  const publicUrl = config.LIVEKIT_PUBLIC_URL ?? config.LIVEKIT_URL;
  const app = Fastify({
    loggerInstance: logger,
    // Requests are counted, not logged: addresses and names are the callers' own.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    return503OnClosing: true,
  });
  // JSON is all that is understood; what else arrives is told so (415).
  app.removeContentTypeParser('text/plain');

  const headers = securityHeaders(publicUrl);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500 && !(error instanceof ProblemError)) {
      request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return sendProblem(reply, status, explain(error, status));
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, 'There is nothing here. The page is at /.'));
  await app.register(rateLimit, { global: false });

  addTokenRoute(app, config, publicUrl, metrics);

  app.get('/healthz', async () => ({ status: 'alive' }));
  const readiness = createReadiness({
    url: config.LIVEKIT_URL,
    apiKey: config.LIVEKIT_API_KEY,
    apiSecret: config.LIVEKIT_API_SECRET,
    nowMs,
  });
  app.get('/readyz', async (_request, reply) => {
    const state = await readiness();
    return state.ready ? { status: 'ready' } : sendProblem(reply, 503, state.detail);
  });

  await addWebClient(app, webClientDir);
  return app;
}

function addTokenRoute(app: FastifyInstance, config: Config, publicUrl: string, metrics: Metrics): void {
  const guard = createGuard(
    config.TOKEN_SERVER_AUTH === 'key' && config.TOKEN_SERVER_KEY !== undefined
      ? { auth: 'key', key: config.TOKEN_SERVER_KEY }
      : { auth: 'open' },
  );
  const dispatchEarly = createEarlyDispatch({
    url: config.LIVEKIT_URL,
    apiKey: config.LIVEKIT_API_KEY,
    apiSecret: config.LIVEKIT_API_SECRET,
    isOn: config.EARLY_DISPATCH === 'on',
    onProblem: (problem) => app.log.warn(problem, 'the SFU opened no room ahead; the token brings the agent'),
  });
  app.route({
    method: 'POST',
    url: '/token',
    config: { rateLimit: { max: config.TOKEN_RATE_PER_MINUTE, timeWindow: '1 minute' } },
    onResponse: async (_request, reply) => metrics.noteTokenRequest(tokenOutcome(reply.statusCode), reply.elapsedTime),
    // Before the body is read, so that strangers cannot make the server read it. After the rate limit, which therefore
    // also bounds how fast keys can be guessed.
    preParsing: async (request) => {
      const { host, origin, authorization } = request.headers;
      guard({ host, origin, authorization });
    },
    handler: async (request, reply) => {
      const wishes = parseTokenRequest(request.body, {
        agentName: config.AGENT_NAME,
        defaultProfile: config.LATENCY_PROFILE,
      });
      const roomName = wishes.roomName ?? newRoomName();
      const agent = { agentName: config.AGENT_NAME, profile: wishes.profile };
      const mode = await dispatchEarly(roomName, agent);
      metrics.countDispatch(mode);
      const participantToken = await issueToken(wishes, roomName, {
        apiKey: config.LIVEKIT_API_KEY,
        apiSecret: config.LIVEKIT_API_SECRET,
        agent: mode === 'early' ? undefined : agent,
      });
      reply.code(201).header('cache-control', 'no-store');
      return { server_url: publicUrl, participant_token: participantToken };
    },
  });
}

async function addWebClient(app: FastifyInstance, webClientDir: string): Promise<void> {
  if (!existsSync(join(webClientDir, 'index.html'))) {
    app.get('/', async (_request, reply) =>
      sendProblem(reply, 503, 'The web client is not built. Run "npm run build", then start the token server again.'),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: webClientDir,
    index: 'index.html',
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Vite puts a hash of the content into the names below assets/; the page itself must always be asked for anew.
      const immutable = path.startsWith(join(webClientDir, 'assets'));
      reply.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem(status, detail)));
}

/** Our own refusals speak for themselves; of the framework's only the kind is told, of a fault of ours nothing. */
function explain(error: FastifyError, status: number): string {
  if (error instanceof ProblemError) return error.message;
  switch (status) {
    case 413:
      return `The request body is larger than ${BODY_LIMIT_BYTES} bytes.`;
    case 415:
      return 'Send the request body as application/json.';
    case 429:
      return 'Too many requests from this address. Wait as long as Retry-After says.';
    default:
      return status < 500
        ? 'The request could not be read; its body must be a JSON object.'
        : 'The server failed; its log says why.';
  }
}
