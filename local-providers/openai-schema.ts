import { z } from 'zod';
import type { ChatMessage, ChatRequest, ChatTool } from './engine.js';

const TextPart = z.object({ type: z.literal('text'), text: z.string() });
const Content = z
  .union([z.string(), z.array(TextPart).transform((parts) => parts.map((part) => part.text).join('')), z.null()])
  .transform((content) => content ?? '');

const Message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: Content.default(''),
  tool_calls: z
    .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
  tool_call_id: z.string().nullish(),
});

const MaxTokens = z.number().int().min(1).nullish();

/** The body of a chat completion; sampling parameters are accepted and have no effect. */
export const ChatCompletionBody = z.object({
  model: z.string().min(1),
  messages: z.array(Message).min(1).max(5_000),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, { error: 'only one choice is served here' }).nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().min(1),
          description: z.string().default(''),
          parameters: z.record(z.string(), z.unknown()).default({}),
        }),
      }),
    )
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ function: z.object({ name: z.string() }) }).transform((choice) => ({ name: choice.function.name })),
    ])
    .nullish(),
  max_tokens: MaxTokens,
  max_completion_tokens: MaxTokens,
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type ChatCompletionBody = z.output<typeof ChatCompletionBody>;

export function toChatRequest(body: ChatCompletionBody, callKey: string | undefined): ChatRequest {
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined;
  return {
    model: body.model,
    messages: body.messages.map(
      (message): ChatMessage => ({
        role: message.role,
        content: message.content,
        ...(message.tool_calls == null || message.tool_calls.length === 0
          ? {}
          : { toolCalls: message.tool_calls.map((call) => ({ id: call.id, ...call.function })) }),
        ...(message.tool_call_id == null ? {} : { toolCallId: message.tool_call_id }),
      }),
    ),
    tools: (body.tools ?? []).map((tool): ChatTool => tool.function),
    toolChoice: body.tool_choice ?? 'auto',
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(callKey === undefined ? {} : { callKey }),
  };
}
