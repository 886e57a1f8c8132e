import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { isKeyAccepted, named, readCredentials } from './call-key.js';
import { type Completion, type Delta, runCompletion } from './completion.js';
import { FaultGate, type FaultStep } from './faults.js';
import { BodyError, clientGone, readJson, sendJson, writeAll } from './http.js';
import { ChatCompletionBody, toChatRequest } from './openai-schema.js';
import { PromptCache, type PromptUsage } from './openai-usage.js';
import type { ProtocolContext } from './protocol-context.js';
import { noteFault } from './strike.js';

/** A conversation of hours fits; a client gone mad does not fill the memory. */
const MAX_BODY_BYTES = 4_194_304;
/** Completions running at once. */
const MAX_COMPLETIONS = 200;

/** Per server, since tests run several in one process. */
const shared = new WeakMap<object, { readonly cache: PromptCache; running: number }>();

function sharedBy(context: ProtocolContext): { readonly cache: PromptCache; running: number } {
  const known = shared.get(context);
  if (known !== undefined) return known;
  const fresh = { cache: new PromptCache(context.clock), running: 0 };
  shared.set(context, fresh);
  return fresh;
}

/** Serves `GET /v1/models`. */
export async function handleModels(
  context: ProtocolContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { key } = readCredentials(bearer(request), request.headers);
  if (!isKeyAccepted(key, context.requiredKey)) return sendInvalidKey(response);
  const models = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1', 'gpt-4.1-mini', `turnwise-${context.engine.name}`];
  sendJson(response, 200, {
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'turnwise' })),
  });
}

/** Serves `POST /v1/chat/completions`, streamed or whole. */
export async function handleChatCompletions(
  context: ProtocolContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const credentials = readCredentials(bearer(request), request.headers);
  if (!isKeyAccepted(credentials.key, context.requiredKey)) return sendInvalidKey(response);
  const gone = clientGone(response);
  let body: ChatCompletionBody;
  try {
    body = ChatCompletionBody.parse(await readJson(request, MAX_BODY_BYTES));
  } catch (error) {
    return sendBadBody(response, error);
  }
  const { callKey } = named([body.metadata?.call, prefixed(body.user), credentials.callKey, body.user]);
  const state = sharedBy(context);
  if (state.running >= MAX_COMPLETIONS) {
    return sendError(response, 429, 'Too many completions at once; try again later.', 'rate_limit_exceeded');
  }
  const chatRequest = toChatRequest(body, callKey);
  const prompt = state.cache.measure(chatRequest);
  const counters = context.ledger.of(callKey);
  counters.llm.requests += 1;
  counters.llm.promptTokens += prompt.promptTokens;
  counters.llm.cachedTokens += prompt.cachedTokens;
  const gate = new FaultGate(context.faults.draw('llm', 'request', callKey), context.clock, (spec) =>
    noteFault(counters, spec),
  );
  const signal = AbortSignal.any([gone, context.closing]);
  const completion = runCompletion(context.engine.conversationalist, chatRequest, signal);
  const answer = new Answer(context, response, gate, body, prompt, signal);
  state.running += 1;
  try {
    const end = await (body.stream === true ? answer.stream(completion) : answer.whole(completion));
    counters.llm.tokensSent += answer.tokensSent;
    counters.llm.toolCalls += answer.toolCallsSent;
    if (end === 'completed') counters.llm.completed += 1;
  } catch (error) {
    counters.llm.tokensSent += answer.tokensSent;
    if (!signal.aborted) throw error;
  } finally {
    state.running -= 1;
    if (gone.aborted) counters.llm.aborted += 1;
  }
}

/** Writes one completion in OpenAI's form. */
class Answer {
  tokensSent = 0;
  toolCallsSent = 0;
  readonly #context: ProtocolContext;
  readonly #response: ServerResponse;
  readonly #gate: FaultGate;
  readonly #body: ChatCompletionBody;
  readonly #prompt: PromptUsage;
  readonly #signal: AbortSignal;
  readonly #id = `chatcmpl-${randomUUID().replaceAll('-', '')}`;
  readonly #created = Math.floor(Date.now() / 1_000);

  constructor(
    context: ProtocolContext,
    response: ServerResponse,
    gate: FaultGate,
    body: ChatCompletionBody,
    prompt: PromptUsage,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#response = response;
    this.#gate = gate;
    this.#body = body;
    this.#prompt = prompt;
    this.#signal = signal;
  }

  async stream(completion: Completion): Promise<'completed' | 'struck'> {
    if (!(await this.#pass(this.#gate.peek()))) return 'struck';
    let step = await completion.next();
    // Headers leave with the first token, as the vendor's do: a client's connection deadline must cover both.
    this.#open();
    await this.#write(this.#chunk({ role: 'assistant', content: '', refusal: null }, null));
    while (step.done !== true) {
      const delta = step.value;
      if (!(await this.#pass(this.#gate.next()))) return 'struck';
      await this.#write(this.#chunk(delta.delta, null));
      this.#count(delta);
      step = await completion.next();
    }
    await this.#write(this.#chunk({}, step.value.finishReason));
    if (this.#body.stream_options?.include_usage === true) {
      await this.#write({ ...this.#envelope('chat.completion.chunk'), choices: [], usage: this.#usage() });
    }
    await writeAll(this.#response, 'data: [DONE]\n\n', this.#signal);
    this.#response.end();
    return 'completed';
  }

  async whole(completion: Completion): Promise<'completed' | 'struck'> {
    let content = '';
    const toolCalls = new Map<
      number,
      { id: string; type: 'function'; function: { name: string; arguments: string } }
    >();
    let step = await completion.next();
    for (; step.done !== true; step = await completion.next()) {
      if (!(await this.#pass(this.#gate.next()))) return 'struck';
      const { delta } = step.value;
      content += delta.content ?? '';
      for (const part of delta.tool_calls ?? []) {
        const call = toolCalls.get(part.index);
        if (call !== undefined) call.function.arguments += part.function.arguments;
        else {
          toolCalls.set(part.index, {
            id: part.id ?? '',
            type: 'function',
            function: { name: part.function.name ?? '', arguments: part.function.arguments },
          });
        }
      }
      this.#count(step.value);
    }
    const message = {
      role: 'assistant',
      content: content === '' && toolCalls.size > 0 ? null : content,
      refusal: null,
      ...(toolCalls.size > 0 ? { tool_calls: [...toolCalls.values()] } : {}),
    };
    sendJson(this.#response, 200, {
      ...this.#envelope('chat.completion'),
      choices: [{ index: 0, message, logprobs: null, finish_reason: step.value.finishReason }],
      usage: this.#usage(),
    });
    return 'completed';
  }

  /** Lets a fault strike. @returns whether the answer may go on. */
  async #pass(step: FaultStep): Promise<boolean> {
    switch (step.kind) {
      case 'send':
        return true;
      case 'slow':
        await this.#context.clock.sleep(step.spec.delayMs, this.#signal);
        return true;
      case 'refuse':
      case 'drop':
        this.#response.destroy();
        return false;
      case 'status':
        if (!this.#response.headersSent) {
          sendError(this.#response, step.spec.status, 'A fault was asked for.', 'fault');
          return false;
        }
        await this.#write({
          error: { message: 'A fault was asked for.', type: 'server_error', param: null, code: 'fault' },
        });
        this.#response.end();
        return false;
      case 'garbage':
        this.#open();
        await writeAll(this.#response, 'data: {"id":"chatcmpl-\n\n', this.#signal);
        return true;
      case 'stall':
        await aborted(this.#signal);
        return false;
      case 'keep-alive': {
        this.#open();
        await this.#write(this.#chunk({ role: 'assistant', content: '', refusal: null }, null));
        for (;;) {
          await writeAll(this.#response, ': keep-alive\n\n', this.#signal);
          await this.#context.clock.sleep(step.spec.everyMs, this.#signal);
        }
      }
    }
  }

  #count({ delta, tokens }: Delta): void {
    // A part of a tool call is one token, as of models that stream: who reads a broken stream can count it no other way.
    this.tokensSent += delta.tool_calls === undefined ? tokens : 1;
    if (delta.tool_calls?.some((part) => part.id !== undefined)) this.toolCallsSent += 1;
  }

  #open(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache',
      'x-request-id': this.#id,
    });
  }

  #write(message: object): Promise<void> {
    return writeAll(this.#response, `data: ${JSON.stringify(message)}\n\n`, this.#signal);
  }

  #envelope(object: string): object {
    return { id: this.#id, object, created: this.#created, model: this.#body.model, system_fingerprint: null };
  }

  #chunk(delta: object, finishReason: string | null): object {
    return {
      ...this.#envelope('chat.completion.chunk'),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      ...(this.#body.stream_options?.include_usage === true ? { usage: null } : {}),
    };
  }

  #usage(): object {
    const { promptTokens, cachedTokens } = this.#prompt;
    return {
      prompt_tokens: promptTokens,
      completion_tokens: this.tokensSent,
      total_tokens: promptTokens + this.tokensSent,
      prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    };
  }
}

function bearer(request: IncomingMessage): string {
  return /^bearer\s+(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim() ?? '';
}

function prefixed(name: string | null | undefined): string | undefined {
  return name?.startsWith('call:') ? name : undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  code: string | null,
  param?: string,
): void {
  const type = status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  sendJson(response, status, { error: { message, type, param: param ?? null, code } });
}

function sendInvalidKey(response: ServerResponse): void {
  sendError(response, 401, 'Incorrect API key provided.', 'invalid_api_key');
}

function sendBadBody(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyError) {
    sendError(response, error.status, error.message, null);
    return;
  }
  if (!(error instanceof z.ZodError)) {
    response.destroy(); // The client went away while it was sending.
    return;
  }
  const [issue] = error.issues;
  const param = issue?.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const name = param?.replace(/^\./, '') ?? '';
  sendError(response, 400, `Invalid value for '${name}': ${issue?.message ?? 'invalid'}.`, 'invalid_value', name);
}
