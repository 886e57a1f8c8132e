/** How one call's replies come about: models and voice, what is begun ahead, openings, fillers and what needs no model. */
import type { ReadableStream } from 'node:stream/web';
import { llm } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { Phrase } from '../phrases/phrase.js';
import type { PhraseCache } from '../phrases/phrase-cache.js';
import type { Wording } from '../phrases/wording.js';
import { ReplyModel } from '../providers/reply-model.js';
import { Voice } from '../providers/voice.js';
import { cannedReply } from '../reply/canned-reply.js';
import type { Draft, Opening } from '../reply/draft.js';
import { Drafts, type ReplyOrder } from '../reply/drafts.js';
import { promptCharacters } from '../reply/prompt-characters.js';
import { lastWordsOf } from '../reply/prompt-key.js';
import { ReplyVoice } from '../reply/reply-voice.js';
import { drain, sayText } from '../reply/say-text.js';
import { Spoken } from '../reply/spoken.js';
import type { CallMemory } from '../resilience/call-memory.js';
import { switchesOf } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import { findAnswer } from '../turn/answer-cache.js';
import { BUDGET_STEPS, type BudgetStep } from '../turn/budget-ladder.js';
import { emotionsOf } from '../turn/emotion.js';
import type { DraftWords } from '../turn/listener-forms.js';
import { chooseOpening } from '../turn/opening.js';
import type { Question } from '../turn/question.js';
import { NO_SPECULATION, noteBegun, noteOutcome, type Speculation, shouldSpeculate } from '../turn/speculation.js';
import type { Clock } from './clock.js';
import { Fillers } from './fillers.js';
import type { ProviderErrors } from './provider-errors.js';
import type { Turn } from './turn.js';

export interface ReplyingOptions {
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly wording: Wording;
  readonly phrases: PhraseCache;
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly memory: CallMemory;
  readonly errors: ProviderErrors;
  /** At which step the budget controller is. */
  readonly budgetStep: () => BudgetStep;
  /** More of a reply is about to be said; the whole of it so far. */
  readonly onSaying: (text: string) => void;
}

/** What the model is asked: the conversation and what it may call. */
export interface Prompt {
  readonly items: readonly llm.ChatItem[];
  readonly tools: llm.ToolContext;
  readonly toolChoice?: llm.ToolChoice | undefined;
}

/** Openings remembered, so that none comes again at once. */
const REMEMBERED = 2;
/** An answer that comes so soon after the commit needs no opening, in ms: one takes 400 to say. */
const SOON_MS = 150;
/** How long answers take from their request to their first sound before any was measured, in ms. */
const READY_MS = 600;
/** Prompts that providers cache have 1,024 tokens at least, of some four characters each. */
const CACHED_CHARACTERS = 4 * 1_024;
/** Share of the usual tokens that an answer may have while the budget is burnt. */
const SHORTER = 0.5;
/** Share of a new figure in the running one. */
const READY_SMOOTHING = 0.2;

export class Replying {
  readonly model: ReplyModel;
  readonly voice: Voice;
  readonly fillers: Fillers;
  readonly #options: ReplyingOptions;
  readonly #drafts: Drafts;
  #speculation: Speculation = NO_SPECULATION;
  #asked: Question = 'none';
  #recentOpenings: readonly string[] = [];
  #readyMs = READY_MS;
  /** Of the agent's last text of its own: one is said at a time. */
  #ownVoice: ReplyVoice | undefined;

  constructor(options: ReplyingOptions) {
    this.#options = options;
    const { settings, profile, assistant, clock, measurements, memory, errors, onSaying } = options;
    const switches = switchesOf(profile);
    const onError = (provider: string, kind: string, error: Error) => errors.note(provider, kind, error);
    const shared = { switches, clock, measurements, memory, onError };
    this.model = new ReplyModel({ providers: settings.llm, ...shared });
    this.voice = new Voice({
      providers: settings.tts,
      language: assistant.language,
      trimsSilence: profile.techniques.trimming,
      emotionOf: emotionsOf(profile.emotions, assistant.emotion),
      ...shared,
    });
    this.#drafts = new Drafts({
      model: this.model,
      voice: this.voice,
      profile,
      clock,
      measurements,
      onSaying,
      apology: () => this.#phrase(options.wording.apology),
      onReady: (ms) => {
        this.#readyMs += READY_SMOOTHING * (ms - this.#readyMs);
      },
      onSpeculated: (outcome, { tokens, characters }) => {
        const noted = { outcome, wastedTokens: tokens, wastedCharacters: characters };
        this.#speculation = noteOutcome(this.#speculation, noted, clock.nowMs());
      },
    });
    const { wording, phrases } = options;
    this.fillers = new Fillers({ profile, wording, phrases, drafts: this.#drafts, clock });
  }

  /** Opens what a call will need, before it needs it. */
  warm(): void {
    this.model.warm();
    this.voice.warm();
  }

  /**
   * Sends a long prompt ahead, so that the provider has it in its cache when the first turn comes: its beginning, instructions
   * and tools, stays the same from then on.
   */
  async sendAhead({ items, tools }: Prompt): Promise<void> {
    if (!this.#options.profile.techniques.warm || promptCharacters(items, tools) < CACHED_CHARACTERS) return;
    const ahead = this.model.reply({ items, tools, maxTokens: 1, isAhead: true, isSpeculative: true });
    try {
      for await (const _ of ahead);
    } catch {
      // The model tells its failures itself; nobody waits for this.
    }
  }

  /** What the agent asked last: an opening does not fit an answer to everything. */
  setAsked(question: Question): void {
    this.#asked = question;
  }

  /** Whether words are the last ones likely enough to begin the reply to them now; a moment later they may be. */
  isWorthBeginning(words: DraftWords): boolean {
    const { profile, clock } = this.#options;
    const { text, waitMs, silenceMs, stableForMs, isFinal } = words;
    // Words that are not final will be waited for, however short the wait for the caller is.
    const leastWaitMs = isFinal ? 0 : silenceMs + 1;
    const evidence = { words: text, waitMs: Math.max(waitMs, leastWaitMs), silenceMs, stableForMs, isFinal };
    return profile.techniques.speculation && shouldSpeculate(this.#speculation, evidence, clock.nowMs());
  }

  /**
   * Begins the reply to words that may be the last ones, unless an answer to them is known.
   * @param onProgress - Told that one was begun which nothing can be heard of yet, and when that has changed.
   */
  speculate(
    { waitMs, silenceMs }: Pick<DraftWords, 'waitMs' | 'silenceMs'>,
    prompt: Prompt,
    onProgress: (isReady: boolean) => void,
  ): void {
    const { profile } = this.#options;
    const said = lastWordsOf(prompt.items) ?? '';
    if (this.#answerTo(said) !== undefined) return;
    const isSoon = this.#readyMs - Math.max(0, waitMs - silenceMs) < SOON_MS;
    const opening = isSoon ? undefined : this.#openingTo(said);
    this.#applyBudget();
    this.#speculation = noteBegun(this.#speculation);
    const isHeardLater = opening === undefined && profile.techniques['speculative-voice'];
    this.#drafts.speculate({ ...prompt, opening, ...this.#extent }, () => onProgress(true));
    if (isHeardLater) onProgress(false);
  }

  /** Drops what was begun on words that were not the last ones. */
  drop(outcome: 'changed' | 'abandoned'): void {
    this.#drafts.drop(outcome);
  }

  /** Whatever is being said is cut: nothing more of it is asked for. */
  cut(): void {
    this.#drafts.cut();
    // The framework waits for its next frame for 2 s, and empties the mouth then, of whatever is said by that time
    // (agent_activity.js:2323 of 1.8.1).
    this.#ownVoice?.cancel();
  }

  /** The reply that the framework asks for now. */
  reply(prompt: Prompt, turn: Turn | undefined): Draft {
    const { profile, measurements } = this.#options;
    const said = lastWordsOf(prompt.items) ?? '';
    this.#applyBudget();
    const order = { ...prompt, ...this.#extent };
    const canned = this.#answerTo(said);
    if (profile.techniques['answer-cache'] && said !== '') {
      measurements.count('turnwise_cache_requests_total', {
        cache: 'answer',
        result: canned === undefined ? 'miss' : 'hit',
      });
    }
    if (canned !== undefined) {
      const phrase = this.#phrase(canned);
      const opening = phrase && { phrase, text: canned };
      return this.#drafts.begin({ ...order, opening }, turn, cannedReply(phrase === undefined ? canned : ''));
    }
    const draft = this.#drafts.take(order, turn, () => this.#openingTo(said));
    const { opening } = draft;
    if (opening !== undefined) {
      this.#recentOpenings = [...this.#recentOpenings, opening.phrase.text].slice(-REMEMBERED);
      measurements.count('turnwise_openings_total', { outcome: draft.isReady ? 'unneeded' : 'spoken' });
    }
    return draft;
  }

  /** The voice of a reply that {@link reply} gave. */
  speakReply(draft: Draft, text: ReadableStream<string>): ReadableStream<AudioFrame> {
    // The same text, on its way through the framework: what is said of it, the draft knows.
    drain(text).catch(() => undefined);
    return draft.frames;
  }

  /** The voice of a text of the agent's own, and what is said of it. */
  speakText(
    text: ReadableStream<string>,
    turn: Turn | undefined,
  ): { readonly frames: ReadableStream<AudioFrame>; readonly spoken: Spoken } {
    const { clock, onSaying, wording } = this.#options;
    const spoken = new Spoken(() => clock.nowMs(), turn);
    spoken.mark('adoptedAtMs');
    const voice = new ReplyVoice({
      open: (how) => this.voice.open(how),
      spoken,
      cutsClauses: true,
      allowance: 'everything',
      onSaying,
      onFailed: () => this.#phrase(wording.apology),
    });
    this.#ownVoice = voice;
    return { frames: sayText(text, voice, (piece) => this.#phrase(piece)), spoken };
  }

  async close(): Promise<void> {
    this.#drafts.close();
    this.#ownVoice?.cancel();
    await Promise.allSettled([this.model.aclose(), this.voice.close()]);
  }

  /** How much is answered now. */
  get #extent(): Pick<ReplyOrder, 'maxTokens' | 'isBrief'> {
    const { maxTokens } = this.#options.profile;
    const isBrief = this.isInForce('shorterAnswers');
    return { isBrief, maxTokens: isBrief ? Math.round(maxTokens * SHORTER) : maxTokens };
  }

  /** Whether the budget controller has come to a step, or beyond it. */
  isInForce(step: BudgetStep): boolean {
    const { profile, budgetStep } = this.#options;
    return profile.techniques['budget-control'] && BUDGET_STEPS.indexOf(budgetStep()) >= BUDGET_STEPS.indexOf(step);
  }

  #applyBudget(): void {
    const { fasterModel } = this.#options.settings;
    if (fasterModel !== undefined) this.model.setModel(this.isInForce('fasterModel') ? fasterModel : undefined);
  }

  #phrase(text: string): Phrase | undefined {
    const { profile, phrases, measurements } = this.#options;
    if (!profile.techniques['phrase-cache']) return undefined;
    const phrase = phrases.get(text);
    measurements.count('turnwise_cache_requests_total', {
      cache: 'phrase',
      result: phrase === undefined ? 'miss' : 'hit',
    });
    return phrase;
  }

  #answerTo(said: string): string | undefined {
    const { profile, assistant } = this.#options;
    if (!profile.techniques['answer-cache'] || said === '') return undefined;
    const { answers, semanticAnswer } = assistant;
    return findAnswer(said, answers, { asked: this.#asked, ...(semanticAnswer && { semantic: semanticAnswer }) });
  }

  #openingTo(said: string): Opening | undefined {
    const { profile, assistant, wording } = this.#options;
    const isOn = profile.techniques.openings || this.isInForce('openings');
    if (!isOn || said === '') return undefined;
    const text = chooseOpening(said, {
      language: assistant.language,
      table: wording.openings,
      recent: this.#recentOpenings,
      asked: this.#asked,
      known: assistant.keyterms,
    });
    const phrase = text === undefined ? undefined : this.#phrase(text);
    return phrase && { phrase, text: `${phrase.text} ` };
  }
}

/** The conversation with words that the caller may have ended with. */
export function withWords(items: readonly llm.ChatItem[], text: string): llm.ChatItem[] {
  return [...items, llm.ChatMessage.create({ role: 'user', content: text })];
}
