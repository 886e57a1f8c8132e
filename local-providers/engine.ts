/**
 * What stands behind the three wire protocols. An engine knows nothing of Deepgram, OpenAI or Cartesia; the protocol files
 * beside this one know nothing of how words are recognised, chosen or spoken.
 */

/** One recognised word; times in ms from the first sample the stream received. */
export interface RecognisedWord {
  readonly word: string;
  /** As written in text: capitalised, punctuated. */
  readonly punctuatedWord: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** A stretch of audio and the words in it. */
export interface RecognisedSegment {
  /** Start of the stretch, in ms of audio received. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly words: readonly RecognisedWord[];
  /** 0 to 1, of the whole segment. */
  readonly confidence: number;
}

export type RecognitionEvent =
  | { readonly kind: 'speech-started'; readonly atMs: number }
  | { readonly kind: 'interim'; readonly segment: RecognisedSegment }
  | {
      readonly kind: 'final';
      readonly segment: RecognisedSegment;
      /** The engine heard the end of an utterance (silence of `endpointingMs`). */
      readonly speechFinal: boolean;
      /** The final answers a `finalize()`. Exactly one such final follows each call, with no words if there were none. */
      readonly fromFinalize: boolean;
    }
  | { readonly kind: 'utterance-end'; readonly lastWordEndMs: number }
  | { readonly kind: 'failed'; readonly error: Error };

export interface RecognitionOptions {
  /** Sample rate of the PCM given to {@link RecognitionStream.write}, in Hz. */
  readonly sampleRateHz: number;
  readonly language: string;
  readonly interimResults: boolean;
  /** Silence that ends an utterance, in ms; `false` never ends one by itself. */
  readonly endpointingMs: number | false;
  /** Gap after the last word that raises `utterance-end`, in ms; absent: never. */
  readonly utteranceEndMs?: number;
  /** Names the call for per-call scripts, from the request's `tag` or key; absent when the client gave none. */
  readonly callKey?: string;
}

export interface RecognitionStream {
  /** Mono PCM, 16 bit; the stream keeps no reference to the array. */
  write(samples: Int16Array): void;
  /** Asks for the final of everything written so far. */
  finalize(): void;
  /** Ends the stream: emits what is left as finals, then resolves. May be called twice. */
  close(): Promise<void>;
  /** Ends the stream at once and emits nothing more. */
  abort(): void;
}

export interface Recogniser {
  /** Name and version for the protocol's `model_info`. */
  readonly info: { readonly name: string; readonly version: string; readonly arch: string };
  open(options: RecognitionOptions, onEvent: (event: RecognitionEvent) => void): RecognitionStream;
}

export interface SynthesisOptions {
  readonly text: string;
  readonly voiceId: string;
  readonly language: string;
  readonly sampleRateHz: number;
  readonly callKey?: string;
  /** When the text arrived, on the server's clock: a set latency counts from here, not from the turn in the queue. */
  readonly requestedAtMs?: number;
  /** The text spoken before in the same utterance, if any: its last mark tells the pause that is due. */
  readonly precededBy?: string;
}

export type SynthesisChunk =
  | { readonly kind: 'audio'; readonly samples: Int16Array }
  /** Times in ms from the first sample of this synthesis. */
  | { readonly kind: 'word'; readonly word: string; readonly startMs: number; readonly endMs: number };

export interface Synthesiser {
  /** Speaks one piece of text; ends early without error when `signal` aborts. */
  speak(options: SynthesisOptions, signal: AbortSignal): AsyncIterable<SynthesisChunk>;
}

/** A chat message in the form of OpenAI's chat completions, as far as a conversationalist needs it. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly toolCallId?: string;
}

export interface ChatTool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly maxTokens?: number;
  readonly callKey?: string;
}

export type ChatChunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool-call'; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };

export interface Conversationalist {
  /** Answers in pieces; ends early without error when `signal` aborts. */
  reply(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatChunk>;
}

/** The three roles together, as `offline` and `scripted` provide them. */
export interface Engine {
  readonly name: string;
  readonly recogniser: Recogniser;
  readonly synthesiser: Synthesiser;
  readonly conversationalist: Conversationalist;
  /** Resolves when the first request can be served at full speed. @throws what is missing and the next thing to do. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
