import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { isKeyAccepted, named, readCredentials } from './call-key.js';
import { SpeechContext } from './cartesia-context.js';
import {
  BytesRequest,
  badRequest,
  CartesiaError,
  contextIdOf,
  EMPTY_TRANSCRIPT,
  errorFrame,
  errorResponse,
  parseClientMessage,
} from './cartesia-schema.js';
import { isSpeakable } from './clauses.js';
import { FaultGate } from './faults.js';
import { BodyError, clientGone, readJson, refuseUpgrade, writeAll } from './http.js';
import { type CallCounters, noteSpeech } from './ledger.js';
import { encodePcm, wavStreamHeader } from './pcm.js';
import type { ProtocolContext } from './protocol-context.js';
import { noteFault, strikeConnection } from './strike.js';

/** Contexts open at once on one socket. */
const MAX_CONTEXTS = 50;
const MAX_BODY_BYTES = 262_144;

interface Caller {
  readonly version: string;
  readonly callKey: string | undefined;
}

/** Reads key and version from headers or query. @throws {@link CartesiaError} */
function identify(context: ProtocolContext, request: IncomingMessage): Caller {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const version = header('cartesia-version') ?? query.get('cartesia_version') ?? '';
  const apiKey =
    header('x-api-key') ??
    /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
    query.get('api_key') ??
    query.get('access_token') ??
    '';
  const credentials = readCredentials(apiKey, request.headers);
  if (!isKeyAccepted(credentials.key, context.requiredKey)) {
    throw new CartesiaError(401, 'unauthorized', 'Unauthorized', 'The API key is missing or not valid.');
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(version)) {
    throw new CartesiaError(
      400,
      'version_required',
      'Invalid version',
      'Set the Cartesia-Version header to an API version such as 2025-04-16.',
    );
  }
  return { version, callKey: named([query.get('call'), credentials.callKey]).callKey };
}

/** Serves `WS /tts/websocket`. */
export async function handleCartesiaUpgrade(
  context: ProtocolContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const refuse = (error: CartesiaError, version: string): void => {
    const { body, contentType } = errorResponse(error, version);
    refuseUpgrade(socket, error.status, body, { 'Content-Type': contentType });
  };
  let caller: Caller;
  try {
    caller = identify(context, request);
  } catch (error) {
    if (!(error instanceof CartesiaError)) throw error;
    return refuse(error, '');
  }
  const struck = await strikeConnection(context, 'tts', caller.callKey, socket, (status) =>
    refuse(new CartesiaError(status, 'fault', 'Fault', 'A fault was asked for.'), caller.version),
  );
  if (struck) return;
  const webSocket = await context.upgrade(request, socket, head);
  new CartesiaSession(context, webSocket, caller);
}

/** One socket and the contexts on it. */
class CartesiaSession {
  readonly #context: ProtocolContext;
  readonly #socket: WebSocket;
  readonly #caller: Caller;
  readonly #counters: CallCounters;
  readonly #contexts = new Map<string, SpeechContext>();

  constructor(context: ProtocolContext, socket: WebSocket, caller: Caller) {
    this.#context = context;
    this.#socket = socket;
    this.#caller = caller;
    this.#counters = context.ledger.of(caller.callKey);
    this.#counters.tts.connections += 1;
    context.logger.debug('tts socket opened');
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '' : data.toString();
      try {
        this.#onMessage(text);
      } catch (error) {
        if (!(error instanceof CartesiaError)) throw error;
        this.#sendError(error, contextIdOf(text));
      }
    });
    socket.on('close', () => this.#onClose());
  }

  #onMessage(text: string): void {
    const message = parseClientMessage(text);
    if (message.kind === 'cancel') {
      this.#cancel(message.contextId);
      return;
    }
    const { request } = message;
    const known = this.#contexts.get(request.context_id);
    if (known !== undefined) {
      known.push(request);
      return;
    }
    if (this.#contexts.size >= MAX_CONTEXTS) {
      throw new CartesiaError(
        429,
        'concurrency_limited',
        'Too many concurrent requests',
        `At most ${MAX_CONTEXTS} contexts may be open on one socket; end or cancel some.`,
      );
    }
    const opened = new SpeechContext(
      this.#context,
      request,
      this.#caller.callKey,
      {
        send: (frame) => this.#send(frame),
        sendError: (error, contextId) => this.#sendError(error, contextId),
        ping: () => this.#socket.ping(),
        drop: () => this.#socket.terminate(),
      },
      () => {
        if (this.#contexts.get(request.context_id) === opened) this.#contexts.delete(request.context_id);
      },
    );
    this.#contexts.set(request.context_id, opened);
    opened.push(request);
  }

  /** Unknown contexts are ignored: a client cannot know whether the context has just ended by itself. */
  #cancel(contextId: string): void {
    const cancelled = this.#contexts.get(contextId);
    if (cancelled === undefined) return;
    this.#contexts.delete(contextId);
    cancelled.cancel();
    this.#counters.tts.cancelled += 1;
    void this.#send(JSON.stringify({ type: 'done', done: true, status_code: 200, context_id: contextId }));
  }

  #send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text, () => resolve());
      else resolve();
    });
  }

  #sendError(error: CartesiaError, contextId: string | undefined): void {
    void this.#send(JSON.stringify(errorFrame(error, this.#caller.version, contextId)));
  }

  #onClose(): void {
    for (const open of this.#contexts.values()) {
      this.#counters.tts.aborted += 1;
      open.cancel();
    }
    this.#contexts.clear();
    this.#context.logger.debug('tts socket closed');
  }
}

/** Serves `POST /tts/bytes`: the whole text in, audio streamed out, raw or as WAV. */
export async function handleCartesiaBytes(
  context: ProtocolContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let version = '';
  try {
    const caller = identify(context, request);
    version = caller.version;
    const gone = clientGone(response);
    const body = BytesRequest.parse(await readJson(request, MAX_BODY_BYTES));
    if (!isSpeakable(body.transcript)) throw EMPTY_TRANSCRIPT;
    await sendBytes(context, response, body, caller, gone);
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy(); // The client sees a cut response; there is no other way to say it in mid-stream.
      return;
    }
    const cause = toCartesiaError(error);
    if (cause.status >= 500) context.logger.error({ err: error }, 'synthesis failed');
    const { body, contentType } = errorResponse(cause, version);
    response.writeHead(cause.status, { 'Content-Type': contentType }).end(body);
  }
}

function toCartesiaError(error: unknown): CartesiaError {
  if (error instanceof CartesiaError) return error;
  if (error instanceof z.ZodError) return badRequest(error);
  if (error instanceof BodyError)
    return new CartesiaError(error.status, 'invalid_request', 'Invalid request', error.message);
  return new CartesiaError(
    500,
    'internal',
    'Internal error',
    'The synthesiser failed; the log of the local providers says why.',
  );
}

async function sendBytes(
  context: ProtocolContext,
  response: ServerResponse,
  body: BytesRequest,
  { callKey }: Caller,
  gone: AbortSignal,
): Promise<void> {
  const { container, encoding, sample_rate: sampleRateHz } = body.output_format;
  const counters = context.ledger.of(callKey);
  noteSpeech(counters, body.generation_config?.emotion);
  counters.tts.charactersReceived += body.transcript.length;
  const gate = new FaultGate(context.faults.draw('tts', 'request', callKey), context.clock, (spec) =>
    noteFault(counters, spec),
  );
  const signal = AbortSignal.any([gone, context.closing]);
  const chunks = context.engine.synthesiser.speak(
    {
      text: body.transcript,
      voiceId: body.voice,
      language: body.language ?? 'en',
      sampleRateHz,
      requestedAtMs: context.clock.nowMs(),
      ...(callKey === undefined ? {} : { callKey }),
    },
    signal,
  );
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      if (chunk.kind !== 'audio') continue;
      const step = gate.next();
      if (step.kind === 'status') throw new CartesiaError(step.spec.status, 'fault', 'Fault', 'A fault was asked for.');
      if (step.kind === 'drop' || step.kind === 'refuse') return void response.destroy();
      if (step.kind === 'slow') await context.clock.sleep(step.spec.delayMs, signal);
      if (step.kind === 'stall' || step.kind === 'keep-alive') await context.clock.sleep(2 ** 31 - 1, signal);
      if (!response.headersSent) {
        response.writeHead(200, { 'Content-Type': container === 'wav' ? 'audio/wav' : 'application/octet-stream' });
        if (container === 'wav') await writeAll(response, wavStreamHeader(sampleRateHz, encoding), signal);
      }
      // Raw audio has no frames that could be invalid; a lone odd byte is what breaks a reader of it.
      if (step.kind === 'garbage') await writeAll(response, Buffer.from([0]), signal);
      await writeAll(response, encodePcm(chunk.samples, encoding), signal);
      counters.tts.audioMs += (chunk.samples.length * 1_000) / sampleRateHz;
    }
    signal.throwIfAborted();
    counters.tts.charactersSynthesised += body.transcript.length;
    counters.tts.completed += 1;
    response.end();
  } finally {
    if (gone.aborted) counters.tts.aborted += 1;
  }
}
