import type { ReadableStream } from 'node:stream/web';
import { type llm, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { Draft } from '../reply/draft.js';
import { currentSpeech } from './current-speech.js';
import type { Prompt, Replying } from './replying.js';
import type { Turn } from './turn.js';

/** What becomes of a turn's words: the language model is asked to answer them, or they are answered here. */
export type UserTurn =
  /** `text`: the words as the model is to see them. */
  { readonly kind: 'reply'; readonly text: string } | { readonly kind: 'answered' };

export interface TimedAgentOptions {
  readonly instructions: string;
  readonly tools: llm.ToolContext;
  readonly replying: Replying;
  /** The turn that the calling code answers. */
  readonly currentTurn: () => Turn | undefined;
  /** The caller's turn has reached the framework; `undefined` when nothing is known of it. Called once a turn. */
  readonly takeUserTurn: () => UserTurn | undefined;
  /** The items of a conversation that the language model is told. */
  readonly told: (items: readonly llm.ChatItem[]) => readonly llm.ChatItem[];
}

/** The framework's agent, whose replies and whose voice are made by ours, and with our say in what the model sees. */
export class TimedAgent extends voice.Agent {
  readonly #options: TimedAgentOptions;
  /** The draft whose text the framework has taken and whose voice it will ask for, by its reply. */
  readonly #drafts = new WeakMap<voice.SpeechHandle, Draft>();

  constructor(options: TimedAgentOptions) {
    super({ instructions: options.instructions, tools: options.tools });
    this.#options = options;
  }

  /** What the model would be asked now, if the caller had ended with these words. */
  promptFor(items: readonly llm.ChatItem[]): Prompt {
    return { items, tools: this.toolCtx };
  }

  override async onUserTurnCompleted(_chatCtx: llm.ChatContext, message: llm.ChatMessage): Promise<void> {
    const turn = this.#options.takeUserTurn();
    if (turn?.kind === 'answered') throw new voice.StopResponse();
    if (turn !== undefined) message.content = [turn.text];
  }

  override async llmNode(
    chatCtx: llm.ChatContext,
    toolCtx: llm.ToolContext,
    { toolChoice }: voice.ModelSettings,
  ): Promise<ReadableStream<llm.ChatChunk | string> | null> {
    const { replying, currentTurn, told } = this.#options;
    // Here and not in the agent's own history: what was heard of a reply that is cut enters that late, at any moment.
    const prompt: Prompt = { items: told(chatCtx.items), tools: toolCtx, toolChoice };
    const draft = replying.reply(prompt, currentTurn());
    const speech = currentSpeech();
    if (speech !== undefined) this.#drafts.set(speech, draft);
    return draft.stream();
  }

  override async ttsNode(text: ReadableStream<string>): Promise<ReadableStream<AudioFrame> | null> {
    const { replying, currentTurn } = this.#options;
    const speech = currentSpeech();
    const draft = speech && this.#drafts.get(speech);
    if (speech === undefined || draft === undefined) return replying.speakText(text, currentTurn());
    this.#drafts.delete(speech);
    return replying.speakReply(draft, text);
  }
}
