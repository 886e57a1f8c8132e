import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { isKeyAccepted, named, readCredentials } from './call-key.js';
import { Alarm } from './clock.js';
import {
  createStreamIdentity,
  deepgramError,
  metadataMessage,
  resultsMessage,
  type StreamIdentity,
  speechStartedMessage,
  utteranceEndMessage,
} from './deepgram-messages.js';
import { type ListenQuery, parseListenQuery } from './deepgram-query.js';
import type { RecognitionEvent, RecognitionStream } from './engine.js';
import { FaultGate } from './faults.js';
import { refuseUpgrade } from './http.js';
import type { CallCounters } from './ledger.js';
import type { ProtocolContext } from './protocol-context.js';
import { noteFault, strikeConnection } from './strike.js';

/** Deepgram closes a stream that got neither audio nor text for this long (its error NET-0001). */
const INPUT_TIMEOUT_MS = 10_000;
/** Bytes of unsent results at which a reader counts as gone; results are small, so it reads nothing any more. */
const MAX_UNSENT_BYTES = 4_194_304;

const ClientMessage = z.object({ type: z.string() });

/** Serves `WS /v1/listen`. */
export async function handleDeepgramUpgrade(
  context: ProtocolContext,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const refuse = (status: number, code: string, message: string): void => {
    const { body, headers } = deepgramError(code, message);
    refuseUpgrade(socket, status, body, headers);
  };
  const apiKey = /^(?:token|bearer)\s+(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim() ?? '';
  const credentials = readCredentials(apiKey, request.headers);
  if (!isKeyAccepted(credentials.key, context.requiredKey)) return refuse(401, 'INVALID_AUTH', 'Invalid credentials.');
  const parsed = parseListenQuery(new URL(request.url ?? '/', 'http://localhost').searchParams);
  if (!parsed.success) return refuse(400, 'Bad Request', parsed.message);
  const { callKey } = named([
    ...parsed.query.tags.filter((tag) => tag.startsWith('call:')),
    credentials.callKey,
    ...parsed.query.tags,
  ]);
  const struck = await strikeConnection(context, 'stt', callKey, socket, (status) =>
    refuse(status, 'INTERNAL_SERVER_ERROR', 'A fault was asked for.'),
  );
  if (struck) return;
  const webSocket = await context.upgrade(request, socket, head);
  new DeepgramSession(context, webSocket, parsed.query, callKey);
}

/** One stream, from its upgrade to its close. */
class DeepgramSession {
  readonly #context: ProtocolContext;
  readonly #socket: WebSocket;
  readonly #query: ListenQuery;
  readonly #identity: StreamIdentity;
  readonly #counters: CallCounters;
  readonly #stream: RecognitionStream;
  readonly #gate: FaultGate;
  readonly #inputTimeout: Alarm;
  readonly #audioHash = createHash('sha256');
  readonly #createdUnixMs = Date.now();
  readonly #ended = new AbortController();
  #receivedSamples = 0;
  #isKeptAlive = false;
  #isClosing = false;
  /** Results leave in order even when a fault makes one late. */
  #outgoing: Promise<void> = Promise.resolve();

  constructor(context: ProtocolContext, socket: WebSocket, query: ListenQuery, callKey: string | undefined) {
    this.#context = context;
    this.#socket = socket;
    this.#query = query;
    const { recogniser } = context.engine;
    this.#identity = createStreamIdentity(recogniser.info, query.punctuate || query.smart_format);
    this.#counters = context.ledger.of(callKey);
    this.#counters.stt.connections += 1;
    this.#gate = new FaultGate(context.faults.draw('stt', 'request', callKey), context.clock, (spec) =>
      noteFault(this.#counters, spec),
    );
    this.#inputTimeout = new Alarm(context.clock, () => this.#onInputTimeout());
    this.#stream = recogniser.open(
      {
        sampleRateHz: query.sample_rate,
        language: query.language,
        interimResults: query.interim_results,
        endpointingMs: query.endpointing,
        ...(query.utterance_end_ms === undefined ? {} : { utteranceEndMs: query.utterance_end_ms }),
        ...(callKey === undefined ? {} : { callKey }),
      },
      (event) => this.#onEvent(event),
    );
    context.logger.debug({ requestId: this.#identity.requestId }, 'stt stream opened');
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('close', () => this.#onClose());
    this.#restartInputTimeout();
    if (this.#gate.peek().kind === 'keep-alive') void this.#keepAlive();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    this.#restartInputTimeout();
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    if (isBinary) this.#onAudio(bytes);
    else this.#onText(bytes.toString('utf8'));
  }

  #onAudio(bytes: Buffer): void {
    // An empty message is the old way of closing a stream, which Deepgram still takes.
    if (bytes.length === 0) {
      this.#requestClose();
      return;
    }
    // A fault may be due while no result is: a silent caller's line drops too.
    const step = this.#gate.peek();
    if (step.kind === 'drop' || step.kind === 'refuse') {
      this.#socket.terminate();
      return;
    }
    const sampleCount = bytes.length >> 1;
    this.#receivedSamples += sampleCount;
    this.#counters.stt.audioMs += (sampleCount * 1_000) / this.#query.sample_rate;
    this.#audioHash.update(bytes);
    const samples = new Int16Array(sampleCount);
    for (let index = 0; index < sampleCount; index += 1) samples[index] = bytes.readInt16LE(index * 2);
    this.#stream.write(samples);
  }

  #onText(text: string): void {
    const parsed = ClientMessage.safeParse(tryParseJson(text));
    // Deepgram's answer to text that is no message of its protocol.
    if (!parsed.success) {
      this.#socket.close(1008, 'DATA-0000: unparsable client message');
      return;
    }
    switch (parsed.data.type) {
      case 'Finalize':
        this.#counters.stt.finalizes += 1;
        this.#stream.finalize();
        return;
      case 'CloseStream':
        this.#requestClose();
        return;
      case 'KeepAlive':
        this.#counters.stt.keepAlives += 1;
        return;
      default:
        return; // Types this server does not know are ignored, as the vendor does.
    }
  }

  #onEvent(event: RecognitionEvent): void {
    switch (event.kind) {
      case 'speech-started':
        if (this.#query.vad_events) this.#send(speechStartedMessage(event.atMs));
        return;
      case 'interim':
        if (!this.#query.interim_results) return;
        this.#counters.stt.interims += 1;
        this.#sendItem(
          resultsMessage(this.#identity, event.segment, { isFinal: false, speechFinal: false, fromFinalize: false }),
        );
        return;
      case 'final': {
        const { speechFinal, fromFinalize } = event;
        this.#counters.stt.finals += 1;
        this.#sendItem(resultsMessage(this.#identity, event.segment, { isFinal: true, speechFinal, fromFinalize }));
        return;
      }
      case 'utterance-end':
        if (this.#query.utterance_end_ms !== undefined) this.#send(utteranceEndMessage(event.lastWordEndMs));
        return;
      case 'failed':
        this.#context.logger.error({ err: event.error }, 'recogniser failed');
        this.#socket.close(1011, 'The recogniser failed; the log of the local providers says why.');
        return;
    }
  }

  #send(message: object): void {
    if (this.#gate.peek().kind === 'send') this.#enqueue(JSON.stringify(message), 0);
  }

  #sendItem(message: object): void {
    const step = this.#gate.next();
    switch (step.kind) {
      case 'send':
        this.#enqueue(JSON.stringify(message), 0);
        return;
      case 'slow':
        this.#enqueue(JSON.stringify(message), step.spec.delayMs);
        return;
      case 'garbage':
        this.#enqueue('{"type":"Results","channel":', 0);
        this.#enqueue(JSON.stringify(message), 0);
        return;
      case 'drop':
      case 'refuse':
        this.#socket.terminate();
        return;
      case 'status':
        this.#socket.close(1011, `NET-0000: fault with status ${step.spec.status}`);
        return;
      case 'keep-alive':
        void this.#keepAlive();
        return;
      case 'stall':
        return;
    }
  }

  #enqueue(text: string, delayMs: number): void {
    this.#outgoing = this.#outgoing.then(async () => {
      try {
        if (delayMs > 0) await this.#context.clock.sleep(delayMs, this.#ended.signal);
      } catch {
        return; // The stream has ended; nobody listens any more.
      }
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#socket.terminate();
      else this.#socket.send(text);
    });
  }

  /** Signs of life without words: what a recogniser sends that hears nothing. */
  async #keepAlive(): Promise<void> {
    const step = this.#gate.peek();
    if (step.kind !== 'keep-alive' || this.#isKeptAlive) return;
    this.#isKeptAlive = true;
    const empty = { startMs: 0, durationMs: 0, words: [], confidence: 0 };
    const flags = { isFinal: false, speechFinal: false, fromFinalize: false };
    try {
      for (;;) {
        await this.#context.clock.sleep(step.spec.everyMs, this.#ended.signal);
        this.#enqueue(JSON.stringify(resultsMessage(this.#identity, empty, flags)), 0);
      }
    } catch {
      // Ended with the stream.
    }
  }

  #requestClose(): void {
    this.#closeStream().catch((error: unknown) => {
      this.#context.logger.error({ err: error }, 'stt stream could not close');
      this.#socket.terminate();
    });
  }

  async #closeStream(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#inputTimeout.cancel();
    await this.#stream.close();
    this.#send(
      metadataMessage(this.#identity, {
        durationMs: (this.#receivedSamples * 1_000) / this.#query.sample_rate,
        sha256: this.#audioHash.digest('hex'),
        createdUnixMs: this.#createdUnixMs,
      }),
    );
    await this.#outgoing;
    // A stalled stream never closes by itself either.
    if (!['stall', 'keep-alive'].includes(this.#gate.peek().kind)) this.#socket.close(1000);
  }

  #restartInputTimeout(): void {
    this.#inputTimeout.set(this.#context.clock.nowMs() + INPUT_TIMEOUT_MS);
  }

  #onInputTimeout(): void {
    this.#socket.close(
      1011,
      'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001',
    );
  }

  #onClose(): void {
    this.#inputTimeout.cancel();
    this.#ended.abort(new Error('The stream has ended.'));
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#counters.stt.aborted += 1;
    }
    this.#stream.abort();
    this.#context.logger.debug({ requestId: this.#identity.requestId }, 'stt stream closed');
  }
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
