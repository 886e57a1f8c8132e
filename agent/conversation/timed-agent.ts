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
  /** What was heard of a reply whose voice broke, by what was said in the place of its rest. */
  readonly #heardBefore = new WeakMap<llm.ChatItem, llm.ChatMessage>();

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
   * (agent_activity.js:2767 and 2340 of 1.8.1). Where something was said in the place of the rest, the message becomes that, and
   * what was heard before it a message of its own: tools are told as called with the message of their reply
   * (llm/provider_format/utils.js:108), and their answers are to stand behind all that was said.
   * @returns What was heard, oldest first.
   */
  keepHeard(message: llm.ChatMessage): llm.ChatMessage[] {
    const speech = currentSpeech();
    const parts = message.role === 'assistant' && speech && this.#spoken.get(speech)?.remembered(message.interrupted);
    if (!parts) return [message];
    const [text, instead] = parts;
    const last = instead ?? text;
    message.content = last === undefined ? [] : [last];
    if (text === undefined || instead === undefined) return [message];
    const { interrupted, createdAt } = message;
    const before = llm.ChatMessage.create({ role: 'assistant', content: text, interrupted, createdAt });
    this.#heardBefore.set(message, before);
    this._chatCtx.items = this.#withHeard(this._chatCtx.items);
    return [before, message];
  }

  /**
   * What a tool has done behind a reply that was cut: the framework forgets it (generation.js:980 of 1.8.1) and leaves a call without
   * an answer out of what the model sees, which would not know of an order that was placed.
   */
  remember(outcome: llm.FunctionCallOutput): void {
    this._chatCtx.insert(outcome);
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
    const prompt: Prompt = { items: told(this.#withHeard(chatCtx.items)), tools: toolCtx, toolChoice };
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

  /**
   * A reply that called tools is gone on with in a conversation of its own, copied before it was begun: the framework puts the
   * reply's message there too, and nothing that we put beside it (agent_activity.js:2401, 2779 and 2843 of 1.8.1).
   */
  #withHeard(items: readonly llm.ChatItem[]): llm.ChatItem[] {
    return items.flatMap((item) => {
      const before = this.#heardBefore.get(item);
      return before === undefined || items.includes(before) ? [item] : [before, item];
    });
  }
}
