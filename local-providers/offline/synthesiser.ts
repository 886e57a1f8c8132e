/** Speech from text by flite, phrase by phrase, so that sound starts before the text is through. */
import { Worker } from 'node:worker_threads';
import type { SynthesisChunk, Synthesiser, SynthesisOptions } from '../engine.js';
import { VOICES, type Voice } from './synthesis/flite.js';
import type { PhraseReply, PhraseRequest } from './synthesis/messages.js';
import { type Phrase, toPhrases } from './synthesis/spoken-form.js';
import { spokenStretch, timeWords } from './synthesis/timing.js';

/** Spoken for voice ids of other vendors: a caller that names a Cartesia voice still gets one. */
const DEFAULT_VOICE: Voice = 'slt';

/** Length of an audio chunk, in ms: what a protocol can send on without waiting for a whole phrase. */
const CHUNK_MS = 100;

export interface OfflineSynthesiser extends Synthesiser {
  /** Resolves when a phrase was synthesised. @throws when flite cannot be loaded. */
  ready(): Promise<void>;
  /** Ends the thread; what is being spoken ends early. May be called twice. */
  close(): Promise<void>;
}

export interface SynthesiserOptions {
  /** The compiled worker; the one beside this file unless given. */
  readonly workerUrl?: URL;
}

/** @returns The offline synthesiser. Its thread starts at once and is loaded when `ready()` resolves. */
export function createSynthesiser(options: SynthesiserOptions = {}): OfflineSynthesiser {
  return new FliteSynthesiser(options.workerUrl ?? new URL('./synthesis/worker.js', import.meta.url));
}

type Spoken = Extract<PhraseReply, { kind: 'spoken' }>;

class FliteSynthesiser implements OfflineSynthesiser {
  readonly #workerUrl: URL;
  readonly #waiting = new Map<number, { resolve(spoken: Spoken): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #nextId = 1;
  #closed = false;

  constructor(workerUrl: URL) {
    this.#workerUrl = workerUrl;
    this.#worker = this.#startWorker();
  }

  async ready(): Promise<void> {
    await this.#synthesise({ text: 'ready', voice: DEFAULT_VOICE, sampleRateHz: 16_000 });
  }

  async *speak(options: SynthesisOptions, signal: AbortSignal): AsyncGenerator<SynthesisChunk, void, void> {
    const voice = voiceFor(options.voiceId);
    const { sampleRateHz } = options;
    const request = (phrase: Phrase) =>
      this.#synthesise({ text: phrase.tokens.map(({ spoken }) => spoken).join(' '), voice, sampleRateHz });
    const phrases = toPhrases(options.text);
    let ahead = phrases[0] && !signal.aborted ? settled(request(phrases[0])) : undefined;
    let startMs = 0;
    for (const [index, phrase] of phrases.entries()) {
      const result = await ahead?.();
      if (signal.aborted || this.#closed || result === undefined) return;
      // The next phrase is made while this one is taken away.
      const next = phrases[index + 1];
      ahead = next && settled(request(next));
      const isLast = next === undefined;
      const stretch = spokenStretch(result.phones);
      for (const { word, ...times } of timeWords(phrase.tokens, result.phones)) {
        const shiftMs = startMs - stretch.startMs;
        yield { kind: 'word', word, startMs: times.startMs + shiftMs, endMs: times.endMs + shiftMs };
      }
      const samples = cut(result.samples, stretch, isLast ? 0 : phrase.pauseMs, sampleRateHz);
      const chunkSamples = Math.round((CHUNK_MS / 1000) * sampleRateHz);
      for (let at = 0; at < samples.length; at += chunkSamples) {
        if (signal.aborted) return;
        yield { kind: 'audio', samples: samples.slice(at, at + chunkSamples) };
      }
      startMs += (samples.length / sampleRateHz) * 1000;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#rejectAll(new Error('The synthesiser was closed.'));
    await worker?.terminate();
  }

  #synthesise(phrase: Omit<PhraseRequest, 'id'>): Promise<Spoken> {
    if (this.#closed) return Promise.reject(new Error('The synthesiser is closed; make a new one.'));
    // A thread that died is replaced when it is needed again.
    this.#worker ??= this.#startWorker();
    const worker = this.#worker;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...phrase, id } satisfies PhraseRequest);
    });
  }

  #startWorker(): Worker {
    const worker = new Worker(this.#workerUrl);
    worker.on('message', (reply: PhraseReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      // An idle thread must not keep a process alive that has nothing else to do.
      if (this.#waiting.size === 0) worker.unref();
      if (reply.kind === 'spoken') waiting?.resolve(reply);
      else waiting?.reject(new Error(reply.message));
    });
    const died = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#rejectAll(error);
    };
    worker.on('error', (error) => died(new Error('The synthesis thread failed.', { cause: error })));
    worker.on('exit', (code) => died(new Error(`The synthesis thread ended with code ${code}.`)));
    worker.unref();
    return worker;
  }

  #rejectAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** A voice id may be a voice's name, or hold it after a dash as in `flite-awb`. */
function voiceFor(voiceId: string): Voice {
  const named = voiceId.toLowerCase().split('-').at(-1);
  return VOICES.find((voice) => voice === named) ?? DEFAULT_VOICE;
}

/** Keeps a failure for when the result is asked for: until then nobody listens, and Node would call it unhandled. */
function settled<Value>(promise: Promise<Value>): () => Promise<Value> {
  promise.catch(() => undefined);
  return () => promise;
}

function cut(
  samples: Int16Array,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  pauseMs: number,
  sampleRateHz: number,
): Int16Array {
  const at = (ms: number): number => Math.round((ms / 1000) * sampleRateHz);
  const spoken = samples.subarray(at(startMs), at(endMs));
  const result = new Int16Array(spoken.length + at(pauseMs));
  result.set(spoken);
  return result;
}
