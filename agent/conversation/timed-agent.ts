import { type ReadableStream, TransformStream } from 'node:stream/web';
import type { tts } from '@livekit/agents';
import { type llm, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { speak } from './speak.js';
import type { Turn } from './turn.js';

/** What becomes of a turn's words: the language model is asked to answer them, or they are answered here. */
export type UserTurn =
  /** `text`: the words as the model is to see them. */
  { readonly kind: 'reply'; readonly text: string } | { readonly kind: 'answered' };

export interface TimedAgentOptions {
  readonly instructions: string;
  readonly tools: llm.ToolContext;
  readonly voice: tts.TTS;
  /** The turn that the calling code answers. */
  readonly currentTurn: () => Turn | undefined;
  /** The caller's turn has reached the framework; `undefined` when nothing is known of it. Called once a turn. */
  readonly takeUserTurn: () => UserTurn | undefined;
  /** The items of a conversation that the language model is told. */
  readonly told: (items: readonly llm.ChatItem[]) => llm.ChatItem[];
  /** More of a reply is about to be said; the whole of it so far. */
  readonly onSaying: (text: string) => void;
}

/** The framework's agent with our instants on its nodes, our way from text to voice, and our say in what the model sees. */
export class TimedAgent extends voice.Agent {
  readonly #options: TimedAgentOptions;

  constructor(options: TimedAgentOptions) {
    super({ instructions: options.instructions, tools: options.tools });
    this.#options = options;
  }

  override async onUserTurnCompleted(_chatCtx: llm.ChatContext, message: llm.ChatMessage): Promise<void> {
    const turn = this.#options.takeUserTurn();
    if (turn?.kind === 'answered') throw new voice.StopResponse();
    if (turn !== undefined) message.content = [turn.text];
  }

  override async llmNode(
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContext,
    settings: voice.ModelSettings,
  ): Promise<ReadableStream<llm.ChatChunk | string> | null> {
    const turn = this.#options.currentTurn();
    turn?.mark('llmRequestedAtMs');
    // Here and not in the agent's own history: what was heard of a reply that is cut enters that late, at any moment.
    chatCtx.items = this.#options.told(chatCtx.items);
    const reply = await voice.Agent.default.llmNode(this, chatCtx, toolCtx, settings);
    if (reply === null) return null;
    return reply.pipeThrough(
      new TransformStream<llm.ChatChunk | string, llm.ChatChunk | string>({
        transform(chunk, controller) {
          const text = typeof chunk === 'string' ? chunk : chunk.delta?.content;
          if (text !== undefined && text !== '') turn?.mark('firstTokenAtMs');
          controller.enqueue(chunk);
        },
      }),
    );
  }

  override async ttsNode(text: ReadableStream<string>): Promise<ReadableStream<AudioFrame> | null> {
    const { voice: synthesiser, currentTurn, onSaying } = this.#options;
    return speak(synthesiser, text, currentTurn(), onSaying);
  }
}
