import {
  CartesiaError,
  EMPTY_TRANSCRIPT,
  type GenerationRequest,
  MAX_TRANSCRIPT_CHARACTERS,
} from './cartesia-schema.js';
import { isSpeakable, takeClauses } from './clauses.js';
import { Alarm } from './clock.js';
import { FaultGate } from './faults.js';
import { type CallCounters, noteSpeech } from './ledger.js';
import { encodePcm } from './pcm.js';
import type { ProtocolContext } from './protocol-context.js';
import { noteFault } from './strike.js';

/** What a context needs of its socket. */
export interface ContextOutput {
  /** Resolves once the bytes have left for the kernel, so that a slow reader slows the engine. */
  send(text: string): Promise<void>;
  sendError(error: CartesiaError, contextId: string): void;
  ping(): void;
  /** Destroys the connection. */
  drop(): void;
}

type Task =
  | { readonly kind: 'clause'; readonly text: string; readonly requestedAtMs: number }
  | { readonly kind: 'flush'; readonly flushId: number };

/** Audio of one message, in ms: below a tenth of a second, so that the first one leaves early. */
const CHUNK_MS = 100;

/** A context without text for this long ends by itself; the vendor's ends sooner, a forgotten one must not stay for ever. */
const IDLE_MS = 60_000;

/** One context: text in, audio out, in order. Ends itself and calls `onEnd` once. */
export class SpeechContext {
  readonly id: string;
  readonly #context: ProtocolContext;
  readonly #format: GenerationRequest;
  readonly #callKey: string | undefined;
  readonly #counters: CallCounters;
  readonly #output: ContextOutput;
  readonly #onEnd: () => void;
  readonly #gate: FaultGate;
  readonly #abort = new AbortController();
  readonly #bufferAlarm: Alarm;
  readonly #idleAlarm: Alarm;
  readonly #tasks: Task[] = [];
  #wake: (() => void) | undefined;
  #buffer = '';
  #bufferedSinceMs = 0;
  #backlogCharacters = 0;
  #flushes = 0;
  #isInputEnded = false;
  /** The clause spoken last. */
  #spoken: string | undefined;
  #sentSamples = 0;

  constructor(
    context: ProtocolContext,
    format: GenerationRequest,
    callKey: string | undefined,
    output: ContextOutput,
    onEnd: () => void,
  ) {
    this.id = format.context_id;
    this.#context = context;
    this.#format = format;
    this.#callKey = callKey;
    this.#output = output;
    this.#onEnd = onEnd;
    this.#counters = context.ledger.of(callKey);
    noteSpeech(this.#counters, format.generation_config?.emotion);
    this.#gate = new FaultGate(context.faults.draw('tts', 'request', callKey), context.clock, (spec) =>
      noteFault(this.#counters, spec),
    );
    this.#bufferAlarm = new Alarm(context.clock, () => this.#releaseBuffer());
    this.#idleAlarm = new Alarm(context.clock, () => {
      this.#isInputEnded = true;
      this.#wake?.();
    });
    void this.#run();
  }

  /** @throws {@link CartesiaError} when the context takes no more text. */
  push(request: GenerationRequest): void {
    if (this.#isInputEnded) {
      throw new CartesiaError(400, 'context_closed', 'Invalid context', 'The context was ended by continue: false.');
    }
    if (this.#backlogCharacters + request.transcript.length > MAX_TRANSCRIPT_CHARACTERS) {
      throw new CartesiaError(
        413,
        'transcript_too_long',
        'Transcript too long',
        'Wait for audio before sending more text.',
      );
    }
    this.#backlogCharacters += request.transcript.length;
    this.#counters.tts.charactersReceived += request.transcript.length;
    const nowMs = this.#context.clock.nowMs();
    if (this.#buffer === '') this.#bufferedSinceMs = nowMs;
    this.#buffer += request.transcript;
    const { clauses, rest } = takeClauses(this.#buffer);
    for (const text of clauses) this.#add({ kind: 'clause', text, requestedAtMs: nowMs });
    if (clauses.length > 0) this.#bufferedSinceMs = nowMs;
    this.#buffer = rest;
    if (!request.continue || request.flush || request.max_buffer_delay_ms === 0) this.#releaseBuffer();
    else if (rest !== '') this.#bufferAlarm.set(this.#bufferedSinceMs + request.max_buffer_delay_ms);
    if (request.flush) {
      this.#flushes += 1;
      this.#add({ kind: 'flush', flushId: this.#flushes });
    }
    if (!request.continue && !request.flush) this.#isInputEnded = true;
    this.#wake?.();
  }

  /** The client wants no more of it. */
  cancel(): void {
    this.#abort.abort(new Error('The context was cancelled.'));
    this.#wake?.();
  }

  #releaseBuffer(): void {
    this.#bufferAlarm.cancel();
    if (this.#buffer !== '') {
      this.#add({ kind: 'clause', text: this.#buffer, requestedAtMs: this.#context.clock.nowMs() });
    }
    this.#buffer = '';
  }

  #add(task: Task): void {
    this.#tasks.push(task);
    this.#wake?.();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const task = await this.#nextTask();
        if (task === undefined) break;
        if (task.kind === 'flush') {
          await this.#send({
            type: 'flush_done',
            flush_done: true,
            flush_id: task.flushId,
            status_code: 206,
            done: false,
          });
        } else if (!(await this.#speak(task))) return;
      }
      if (this.#abort.signal.aborted) return;
      if (this.#spoken === undefined) {
        this.#output.sendError(EMPTY_TRANSCRIPT, this.id);
        return;
      }
      await this.#send({ type: 'done', done: true, status_code: 200 });
      this.#counters.tts.completed += 1;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#context.logger.error({ err: error }, 'synthesis failed');
      this.#output.sendError(
        new CartesiaError(
          500,
          'internal',
          'Internal error',
          'The synthesiser failed; the log of the local providers says why.',
        ),
        this.id,
      );
    } finally {
      this.#bufferAlarm.cancel();
      this.#onEnd();
    }
  }

  async #nextTask(): Promise<Task | undefined> {
    for (;;) {
      if (this.#abort.signal.aborted) return undefined;
      const task = this.#tasks.shift();
      if (task !== undefined || this.#isInputEnded) return task;
      this.#idleAlarm.set(this.#context.clock.nowMs() + IDLE_MS);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      this.#idleAlarm.cancel();
    }
  }

  /** @returns false when a fault has ended the context. */
  async #speak({ text, requestedAtMs }: Task & { kind: 'clause' }): Promise<boolean> {
    this.#backlogCharacters -= text.length;
    if (!isSpeakable(text)) return true;
    const { signal } = this.#abort;
    const { synthesiser } = this.#context.engine;
    const { sample_rate: sampleRateHz, encoding } = this.#format.output_format;
    const startedAtMs = this.#context.clock.nowMs();
    const offsetMs = (this.#sentSamples * 1_000) / sampleRateHz;
    const precededBy = this.#spoken;
    this.#spoken = text;
    if (!(await this.#pass())) return false;
    const pieceSamples = Math.round((sampleRateHz * CHUNK_MS) / 1_000);
    const chunks = synthesiser.speak(
      {
        text,
        voiceId: this.#format.voice,
        language: this.#format.language ?? 'en',
        sampleRateHz,
        requestedAtMs,
        ...(precededBy === undefined ? {} : { precededBy }),
        ...(this.#callKey === undefined ? {} : { callKey: this.#callKey }),
      },
      signal,
    );
    for await (const chunk of chunks) {
      if (signal.aborted) return true;
      if (chunk.kind === 'word') {
        if (this.#format.add_timestamps === true) await this.#sendWord(chunk, offsetMs);
        continue;
      }
      for (let at = 0; at < chunk.samples.length; at += pieceSamples) {
        const samples = chunk.samples.subarray(at, at + pieceSamples);
        if (!(await this.#pass(true))) return false;
        await this.#send({
          type: 'chunk',
          data: encodePcm(samples, encoding).toString('base64'),
          done: false,
          status_code: 206,
          step_time: this.#context.clock.nowMs() - startedAtMs,
          ...(this.#flushes > 0 ? { flush_id: this.#flushes } : {}),
        });
        if (signal.aborted) return true;
        this.#sentSamples += samples.length;
        this.#counters.tts.audioMs += (samples.length * 1_000) / sampleRateHz;
      }
    }
    if (!signal.aborted) this.#counters.tts.charactersSynthesised += text.length;
    return true;
  }

  #sendWord(
    { word, startMs, endMs }: { word: string; startMs: number; endMs: number },
    offsetMs: number,
  ): Promise<void> {
    return this.#send({
      type: 'timestamps',
      done: false,
      status_code: 206,
      word_timestamps: { words: [word], start: [(offsetMs + startMs) / 1_000], end: [(offsetMs + endMs) / 1_000] },
    });
  }

  #send(message: object): Promise<void> {
    return this.#output.send(JSON.stringify({ ...message, context_id: this.id }));
  }

  /** Lets a fault strike. @returns false when it has ended the context. */
  async #pass(isItem = false): Promise<boolean> {
    const step = isItem ? this.#gate.next() : this.#gate.peek();
    const { signal } = this.#abort;
    switch (step.kind) {
      case 'send':
        return true;
      case 'slow':
        await this.#context.clock.sleep(step.spec.delayMs, signal);
        return true;
      case 'garbage':
        await this.#output.send('{"type":"chunk","data":');
        return true;
      case 'status':
        this.#output.sendError(
          new CartesiaError(step.spec.status, 'fault', 'Fault', 'A fault was asked for.'),
          this.id,
        );
        return false;
      case 'drop':
      case 'refuse':
        this.#output.drop();
        return false;
      case 'stall':
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        return false;
      case 'keep-alive':
        for (;;) {
          this.#output.ping();
          await this.#context.clock.sleep(step.spec.everyMs, signal);
        }
    }
  }
}
