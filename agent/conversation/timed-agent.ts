import type { ReadableStream } from 'node:stream/web';
import { llm, voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { Draft } from '../reply/draft.js';
import type { Spoken } from '../reply/spoken.js';
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
  /** What each speech says, or said last: one that calls tools says several things, one after the other. */
  readonly #spoken = new WeakMap<voice.SpeechHandle, Spoken>();

  constructor(options: TimedAgentOptions) {
    super({ instructions: options.instructions, tools: options.tools });
    this.#options = options;
  }

  /** What the model would be asked now, if the caller had ended with these words. */
  promptFor(items: readonly llm.ChatItem[]): Prompt {
    return { items, tools: this.toolCtx };
  }

  /**
   * Makes of a message that has just come into the conversation what was heard of it. The framework cuts replies that were
   * interrupted by itself; it keeps the whole text where the voice broke, or where it said a text of the agent's own
   * (agent_activity.js:2767 and 2340 of 1.8.1).
   * @returns The message, and behind it what was said in the place of its rest, as a message of its own.
   */
  keepHeard(message: llm.ChatMessage): llm.ChatMessage[] {
    const speech = currentSpeech();
    const parts = message.role === 'assistant' && speech && this.#spoken.get(speech)?.remembered(message.interrupted);
    if (!parts) return [message];
    const [text, instead] = parts;
    message.content = text === undefined ? [] : [text];
    if (instead === undefined) return [message];
    const { interrupted, createdAt } = message;
    // Behind the other one, and before whatever comes next: items are ordered by this.
    const behind = llm.ChatMessage.create({
      role: 'assistant',
      content: instead,
      interrupted,
      createdAt: createdAt + 1,
    });
    this._chatCtx.insert(behind);
    return [message, behind];
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
    if (speech !== undefined) {
      this.#drafts.set(speech, draft);
      this.#spoken.set(speech, draft.spoken);
    }
    return draft.stream();
  }

  override async ttsNode(text: ReadableStream<string>): Promise<ReadableStream<AudioFrame> | null> {
    const { replying, currentTurn } = this.#options;
    const speech = currentSpeech();
    const draft = speech && this.#drafts.get(speech);
    if (speech === undefined || draft === undefined) {
      const { frames, spoken } = replying.speakText(text, currentTurn());
      if (speech !== undefined) this.#spoken.set(speech, spoken);
      return frames;
    }
    this.#drafts.delete(speech);
    return replying.speakReply(draft, text);
  }
}
