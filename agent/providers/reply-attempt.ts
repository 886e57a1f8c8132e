/**
 * One request for a reply at one provider, through the framework's own plugin, whose parsing is used as it is.
 */
import { llm } from '@livekit/agents';
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import { CompletionTap, type CountedUsage } from './openai-tap.js';
import { ProviderRequestError, type ReplyFailure } from './reply-errors.js';
import type { ReplyProvider } from './reply-provider.js';
import { TextBound } from './text-bound.js';

/** What is asked of a language model. */
export interface ReplyRequest {
  readonly items: readonly llm.ChatItem[];
  readonly tools: llm.ToolContext;
  readonly toolChoice?: llm.ToolChoice;
  /** Longest text; a tool call may have {@link CALL_TOKENS} beside it. */
  readonly maxTokens: number;
  /** Asked only for its prompt to be in the provider's cache: whatever comes within `maxTokens` is the whole answer. */
  readonly isAhead?: boolean;
  /** Asked before the turn is committed: worth no second request. */
  readonly isSpeculative: boolean;
}

export interface AttemptEvents {
  /** Content, or the beginning of a tool call; told once. */
  onFirst(attempt: Attempt): void;
  /** Anything that shows that the answer goes on. */
  onToken(attempt: Attempt): void;
  onChunk(attempt: Attempt, chunk: llm.ChatChunk): void;
  onEnd(attempt: Attempt): void;
  onFailed(attempt: Attempt, error: ProviderRequestError): void;
}

/** Longer than any deadline of ours: the plugin's own must never be the first. */
const PLUGIN_TIMEOUT_MS = 60_000;

/**
 * What a request's limit leaves for tool calls beside the text: some 2,000 characters of arguments, an order of a dozen items.
 * A call cut at the limit would be lost whole, and asking again would lose it again.
 */
const CALL_TOKENS = 600;

export class Attempt {
  readonly provider: ReplyProvider;
  /** The model that is asked: not always the provider's usual one. */
  readonly model: string;
  /** Resolves with what it cost, once nothing more can come. */
  readonly usage: Promise<CountedUsage>;
  readonly #events: AttemptEvents;
  readonly #stream: llm.LLMStream;
  readonly #tap: CompletionTap;
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #isAhead: boolean;
  /** Where the request's limit is not that of the text. */
  readonly #textBound: TextBound | undefined;
  #isFirstTold = false;
  /** Something to be heard or done was given on. */
  #hasAnswer = false;
  #isOver = false;
  /** Of the request's body; 0 until it is sent. */
  #promptCharacters = 0;
  #isRefused = false;
  #error: Error | undefined;

  constructor(provider: ReplyProvider, request: ReplyRequest, events: AttemptEvents) {
    this.provider = provider;
    this.#events = events;
    this.model = provider.model;
    const { isAhead = false, maxTokens } = request;
    const hasRoomForCall = !isAhead && request.tools.flatten().length > 0;
    this.#isAhead = isAhead;
    this.#textBound = hasRoomForCall ? new TextBound(maxTokens) : undefined;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#tap = new CompletionTap({
      onToken: (kind) => {
        if (this.#isOver) return;
        this.#events.onToken(this);
        // The plugin gives a tool call on when it is whole; that it has begun is known here.
        if (kind === 'tool-call') this.#tellFirst();
      },
      onOver: () => this.#end(),
    });
    const { apiKey, baseUrl } = provider.settings;
    const client = new OpenAI({
      apiKey,
      baseURL: baseUrl,
      maxRetries: 0,
      logLevel: 'off', // It would write what it cannot parse, words and all, to the console.
      fetch: (input, init) => this.#fetch(input, init),
    });
    // One for each request, since the plugin tells errors through it and not through the stream.
    const plugin = new OpenAiLlm({ apiKey, client, model: this.model });
    plugin.on('error', ({ error }) => {
      this.#error ??= error;
    });
    this.#stream = plugin.chat({
      chatCtx: new llm.ChatContext([...request.items]),
      toolCtx: request.tools,
      connOptions: { maxRetry: 0, retryIntervalMs: 0, timeoutMs: PLUGIN_TIMEOUT_MS },
      ...(request.toolChoice !== undefined && { toolChoice: request.toolChoice }),
      extraKwargs: { max_completion_tokens: hasRoomForCall ? maxTokens + CALL_TOKENS : maxTokens },
    });
    provider.noteSent();
    this.usage = this.#count();
    void this.#pump();
  }

  /** Aborts it: nothing is told any more, and the provider sees it at once. May be called twice. */
  cancel(): void {
    this.#isOver = true;
    this.#stream.close();
  }

  /** Aborts it and tells so as its failure, unless it is over. */
  fail(kind: ReplyFailure): void {
    this.#fail(new ProviderRequestError(this.provider.settings.provider, kind));
  }

  #fail(error: ProviderRequestError): void {
    if (this.#isOver) return;
    this.cancel();
    if (error.isProviders) this.provider.noteFailure();
    else this.provider.noteNothing();
    this.#events.onFailed(this, error);
  }

  async #pump(): Promise<void> {
    const { provider } = this.provider.settings;
    try {
      for await (const whole of this.#stream) {
        if (this.#isOver) break;
        // What a lost call has cost is in `usage`; a reply that can still be begun again has nothing of it.
        if (whole.delta === undefined && this.#isCut) continue;
        const chunk = this.#textBound === undefined ? whole : this.#textBound.take(whole);
        if (chunk === undefined) continue;
        if (llm.hasResponse(chunk)) this.#tellFirst();
        this.#hasAnswer ||= isAnswer(chunk);
        this.#events.onChunk(this, chunk);
      }
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    } finally {
      if (this.#promptCharacters === 0) this.#end(); // It was never sent.
    }
    if (this.#isOver) return;
    if (this.#error !== undefined) this.#fail(ProviderRequestError.from(provider, this.#error));
    else if (!this.#tap.isFinished) this.fail('connection');
    else if (this.#isCut) this.fail('cut');
    else if (!this.#hasAnswer && !(this.#isAhead && this.#isFirstTold)) this.fail('empty');
    else {
      this.#isOver = true;
      this.#events.onEnd(this);
    }
  }

  get #isCut(): boolean {
    return this.#tap.isCallCut && !this.#isAhead;
  }

  #tellFirst(): void {
    if (this.#isFirstTold || this.#isOver) return;
    this.#isFirstTold = true;
    this.provider.noteSuccess();
    this.#events.onFirst(this);
  }

  async #fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    this.#promptCharacters = typeof init?.body === 'string' ? init.body.length : 1;
    const response = await this.provider.connections.send(input, init, {
      tap: this.#tap,
      onConnection: (wasOpen) => this.provider.noteConnection(wasOpen),
    });
    this.#isRefused = !response.ok;
    return response;
  }

  async #count(): Promise<CountedUsage> {
    await this.#ended;
    const { usage: told, deltas, isSent } = this.#tap;
    const characters = this.#promptCharacters;
    const wasCharged = isSent && !this.#isRefused;
    const usage = told ?? {
      promptTokens: wasCharged ? this.provider.estimatedPromptTokens(characters) : 0,
      cachedTokens: 0,
      completionTokens: deltas,
    };
    this.provider.noteUsage(this.model, usage, characters, told === undefined);
    return usage;
  }
}

/** Whether it holds something to say or to do: white space is neither. */
export function isAnswer({ delta }: llm.ChatChunk): boolean {
  return (delta?.content ?? '').trim() !== '' || (delta?.toolCalls?.length ?? 0) > 0;
}
