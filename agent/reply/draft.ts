/**
 * One reply in preparation: what the language model answers, and its voice. Begun during the wait for the end of a turn, it is
 * said if the caller's final words mean the same as those it answers, and else dropped; a reply to words that are final is a
 * draft that is wanted from the beginning. Whatever tools it calls, the framework runs them, and only once it is wanted.
 */
import { ReadableStream } from 'node:stream/web';
import type { llm } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { Turn } from '../conversation/turn.js';
import type { Phrase } from '../phrases/phrase.js';
import { isAnswer } from '../providers/reply-attempt.js';
import type { ReplyStream, ReplyUsage } from '../providers/reply-model.js';
import type { AnswerProgress } from '../turn/filler.js';
import { OpeningJoin } from './opening-join.js';
import type { ReplyProgress } from './reply-times.js';
import type { ReplyVoice } from './reply-voice.js';
import type { Spoken } from './spoken.js';

/** An opening as it stands in the reply's text: the phrase, with the space behind it. */
export interface Opening {
  readonly phrase: Phrase;
  readonly text: string;
}

export interface DraftParts {
  /** The caller's words that it answers, as the model is told them; empty where it answers no words. */
  readonly said: string;
  /** What else the model was told: {@link promptKey} of the items before those words. */
  readonly key: string;
  readonly reply: ReplyStream;
  readonly voice: ReplyVoice;
  readonly spoken: Spoken;
  readonly progress: ReplyProgress;
  /** Said before the model's own words, which go on from it. */
  readonly opening?: Opening | undefined;
  /** A tool was called, or the model has answered all it will: to wait for its sound may be in vain. */
  readonly onSettled?: (() => void) | undefined;
  /** The model has failed; what is said instead, if anything. */
  readonly onFailed: () => Phrase | undefined;
}

/** What a draft has cost. */
export interface DraftCost {
  readonly tokens: number;
  readonly characters: number;
}

export class Draft {
  readonly said: string;
  readonly key: string;
  readonly #parts: DraftParts;
  readonly #join: OpeningJoin;
  /** What the model has answered, oldest first; kept until the draft is wanted. */
  #chunks: (llm.ChatChunk | string)[] = [];
  #hasText = false;
  /** The model has given something to say or to do. */
  #isAnswered = false;
  #isOver = false;
  #isCancelled = false;
  #hasFailed = false;
  #wake: (() => void) | undefined;

  constructor(parts: DraftParts) {
    this.#parts = parts;
    this.said = parts.said;
    this.key = parts.key;
    this.#join = new OpeningJoin(parts.opening?.text);
    // An answer that needs no model was asked of none.
    if (parts.reply.requestedAtMs !== undefined) parts.spoken.mark('llmRequestedAtMs', parts.reply.requestedAtMs);
    if (parts.opening !== undefined) {
      parts.voice.begin(parts.opening.phrase, parts.opening.text);
      this.#give(parts.opening.text);
    }
    void this.#read();
  }

  /** Whether its own first sound is there. */
  get isReady(): boolean {
    return this.#parts.voice.hasOwnSound;
  }

  /** Whether the model or the synthesiser has failed at it. */
  get hasFailed(): boolean {
    return this.#hasFailed || this.#parts.voice.hasFailed;
  }

  /** What of it is said, or is about to be. */
  get text(): string {
    return this.#parts.spoken.text;
  }

  /** What is said of it, and what becomes of that. */
  get spoken(): Spoken {
    return this.#parts.spoken;
  }

  /** How far it is. */
  get progress(): AnswerProgress {
    return this.#parts.progress;
  }

  get opening(): Opening | undefined {
    return this.#parts.opening;
  }

  /** It is wanted: it answers this turn, and all of it may be said. */
  adopt(turn: Turn | undefined): void {
    const { spoken, reply, voice, progress } = this.#parts;
    if (turn !== undefined) spoken.tie(turn);
    spoken.mark('adoptedAtMs');
    progress.noteWanted();
    reply.promote();
    voice.allow('everything');
  }

  /** The reply for the framework: text and tool calls. To be read once; cancelling it drops the draft. */
  stream(): ReadableStream<llm.ChatChunk | string> {
    return new ReadableStream<llm.ChatChunk | string>({
      pull: async (controller) => {
        for (;;) {
          const chunk = this.#chunks.shift();
          if (chunk !== undefined) return controller.enqueue(chunk);
          if (this.#isOver) return controller.close();
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
      cancel: () => void this.cancel(),
    });
  }

  /** Its voice, for the framework. */
  get frames(): ReadableStream<AudioFrame> {
    return this.#parts.voice.frames;
  }

  /**
   * Tells the caller to wait, before anything of the reply has sounded.
   * @returns What was waited for; `undefined` when there is nothing to wait for any more, or nobody to say it here.
   */
  fill({ phrase, text }: Opening): 'answer' | 'voice' | undefined {
    if (this.#isCancelled || (this.#isOver && !this.#hasText)) return undefined;
    const { voice, spoken, progress } = this.#parts;
    const atMs = spoken.nowMs();
    if (!this.#hasText && voice.begin(phrase, text)) {
      spoken.mark('fillerAtMs', atMs);
      this.#give(text);
      return 'answer';
    }
    if (!voice.interject(phrase)) return undefined;
    spoken.mark('fillerAtMs', atMs);
    return progress.voiceAskedAtMs === undefined ? 'answer' : 'voice';
  }

  /** Ends it. @returns What it has cost, exactly, once the provider's stream is closed. */
  async cancel(): Promise<DraftCost> {
    this.#isCancelled = true;
    this.#isOver = true;
    this.#wake?.();
    const { reply, voice } = this.#parts;
    reply.cancel();
    voice.cancel();
    const usage: Pick<ReplyUsage, 'completionTokens'> = await reply.usage.catch(() => ({ completionTokens: 0 }));
    return { tokens: usage.completionTokens, characters: voice.charactersSent };
  }

  async #read(): Promise<void> {
    const { reply, voice, spoken, progress, onFailed } = this.#parts;
    try {
      for await (const chunk of reply) {
        if (this.#isCancelled) return;
        if (reply.answeredBy !== undefined) spoken.noteAnswer('llm', reply.answeredBy);
        const content = chunk.delta?.content ?? '';
        this.#isAnswered ||= isAnswer(chunk);
        if (content !== '') {
          spoken.mark('firstTokenAtMs');
          progress.noteToken();
        }
        const text = this.#join.take(content);
        this.#say(text);
        const { delta } = chunk;
        if (delta?.toolCalls !== undefined) this.#parts.onSettled?.();
        // The text goes its own way: the beginning of it may be left out.
        if (delta?.toolCalls !== undefined || delta === undefined || delta.extra !== undefined) {
          this.#give(delta === undefined ? chunk : { ...chunk, delta: { ...delta, content: '' } });
        }
      }
      // Whatever let it end so: a caller who hears nothing takes the call for dead. What asked no model may be all opening.
      if (!this.#isAnswered && reply.requestedAtMs !== undefined) throw new Error('The model ended without an answer.');
      this.#say(this.#join.end());
    } catch {
      // What failed, and why, the model has told already.
      if (this.#isCancelled) return;
      this.#hasFailed = true;
      const instead = onFailed();
      this.#say(this.#join.end());
      if (instead !== undefined) this.#sayInstead(instead);
    }
    voice.end();
    this.#isOver = true;
    this.#wake?.();
    if (!this.#hasText || this.#hasFailed) this.#parts.onSettled?.();
  }

  #say(text: string): void {
    if (text === '') return;
    this.#parts.voice.write(text);
    this.#give(text);
  }

  #sayInstead(phrase: Phrase): void {
    if (this.#parts.voice.begin(phrase, phrase.text)) this.#give(phrase.text);
    else this.#say(` ${phrase.text}`);
  }

  #give(chunk: llm.ChatChunk | string): void {
    if (typeof chunk === 'string') this.#hasText = true;
    this.#chunks.push(chunk);
    this.#wake?.();
  }
}
