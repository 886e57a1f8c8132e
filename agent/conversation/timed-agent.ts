import { type ReadableStream, TransformStream } from 'node:stream/web';
import type { tts } from '@livekit/agents';
import { type llm, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { speak } from './speak.js';
import type { Turn } from './turn-log.js';

export interface TimedAgentOptions {
  readonly instructions: string;
  readonly tools: llm.ToolContext;
  readonly voice: tts.TTS;
  /** The turn that the calling code answers. */
  readonly currentTurn: () => Turn | undefined;
}

/** The framework's agent with our instants on its nodes, and our way from text to voice. */
export class TimedAgent extends voice.Agent {
  readonly #options: TimedAgentOptions;

  constructor(options: TimedAgentOptions) {
    super({ instructions: options.instructions, tools: options.tools });
    this.#options = options;
  }

  override async llmNode(
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContext,
    settings: voice.ModelSettings,
  ): Promise<ReadableStream<llm.ChatChunk | string> | null> {
    const turn = this.#options.currentTurn();
    turn?.mark('llmRequestedAtMs');
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
    return speak(this.#options.voice, text, this.#options.currentTurn());
  }
}
