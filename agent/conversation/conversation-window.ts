/** What the language model is told of a long conversation: its last part, and a summary of what came before, made while nobody waits. */
import { llm } from '@livekit/agents';
import type { ReplyModel } from '../providers/reply-model.js';
import { needsSummary, type Summary, type WindowSettings, windowOf } from '../turn/context-window.js';

export interface ConversationWindowOptions {
  readonly model: ReplyModel;
  readonly summarises: boolean;
  /** Whether there is no time for a summary now. */
  readonly isBusy: () => boolean;
}

/** Some 30 exchanges, above what most calls have; a prompt of 12,000 characters is about 3,000 tokens. */
const BOUNDS = { mostItems: 60, leastItems: 30, mostCharacters: 12_000, leastCharacters: 6_000 } as const;
const SUMMARY_MAX_TOKENS = 200;
/** Longest summary told, in characters: a model may not heed what it was asked for. */
const SUMMARY_MAX_CHARACTERS = 1_500;
/** A summary that failed is not tried again before so many further looks. */
const RETRY_AFTER = 10;

const INSTRUCTION =
  'Summarise this part of a phone conversation for the assistant that goes on with it. Keep every fact that may matter later: ' +
  'what was ordered, changed, confirmed, asked and answered, and names. At most 100 words, plain sentences, nothing else.';

export class ConversationWindow {
  readonly #options: ConversationWindowOptions;
  readonly #settings: WindowSettings<llm.ChatItem>;
  #summary: Summary<llm.ChatItem> | undefined;
  #isSummarising = false;
  #looksToSkip = 0;

  constructor(options: ConversationWindowOptions) {
    this.#options = options;
    this.#settings = { ...BOUNDS, charactersOf: (item) => textOf(item).length, summarises: options.summarises };
  }

  /** The items that the model is told now. */
  of(items: readonly llm.ChatItem[]): llm.ChatItem[] {
    return windowOf(items, this.#settings, this.#summary);
  }

  /** For moments at which nobody waits: summarises what the window is about to leave out. */
  async tidy(items: readonly llm.ChatItem[]): Promise<void> {
    if (this.#isSummarising || this.#options.isBusy() || this.#looksToSkip-- > 0) return;
    this.#looksToSkip = 0;
    const old = needsSummary(items, this.#settings, this.#summary);
    const last = old.at(-1);
    if (last === undefined) return;
    this.#isSummarising = true;
    try {
      const text = await this.#summarise(old);
      const content = `What was said before, in short: ${text}`;
      this.#summary = { item: llm.ChatMessage.create({ role: 'system', content }), untilId: last.id };
    } catch {
      // The model tells its own failures; the window then stays as long as it may.
      this.#looksToSkip = RETRY_AFTER;
    } finally {
      this.#isSummarising = false;
    }
  }

  async #summarise(old: readonly llm.ChatItem[]): Promise<string> {
    const before = this.#summary === undefined ? [] : [textOf(this.#summary.item)];
    const transcript = [...before, ...old.map(textOf)].filter((line) => line !== '').join('\n');
    const reply = this.#options.model.reply({
      items: [
        llm.ChatMessage.create({ role: 'system', content: INSTRUCTION }),
        llm.ChatMessage.create({ role: 'user', content: transcript }),
      ],
      tools: new llm.ToolContext([]),
      maxTokens: SUMMARY_MAX_TOKENS,
      isSpeculative: true,
    });
    let text = '';
    for await (const { delta } of reply) text += delta?.content ?? '';
    if (text.trim() === '') throw new Error('The summary is empty.');
    return text.trim().slice(0, SUMMARY_MAX_CHARACTERS);
  }
}

/** One line of the transcript. */
function textOf(item: llm.ChatItem): string {
  switch (item.type) {
    case 'message':
      return `${item.role}: ${item.textContent ?? ''}`;
    case 'function_call':
      return `called ${item.name} with ${item.args}`;
    case 'function_call_output':
      return `answer: ${item.output}`;
    default:
      return '';
  }
}
