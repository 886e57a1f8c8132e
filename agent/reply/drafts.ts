/**
 * The replies in preparation of one call: at most one that is speculated, and those that are being said. What was speculated
 * is counted exactly, whether or not it was used.
 */
import type { llm } from '@livekit/agents';
import type { Profile } from '../config/profiles.js';
import type { Clock } from '../conversation/clock.js';
import type { Turn } from '../conversation/turn.js';
import type { Phrase } from '../phrases/phrase.js';
import type { ReplyModel, ReplyStream } from '../providers/reply-model.js';
import type { Voice } from '../providers/voice.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { AnswerProgress, UsualTimes } from '../turn/filler.js';
import { meansTheSame } from '../turn/same-words.js';
import type { SpeculationOutcome } from '../turn/speculation.js';
import { Draft, type Opening } from './draft.js';
import { instructionsFor, type ReplyManner } from './instructions.js';
import { lastWordsOf, promptKey } from './prompt-key.js';
import { ReplyTimes } from './reply-times.js';
import { ReplyVoice } from './reply-voice.js';
import { Spoken } from './spoken.js';

export interface DraftsOptions {
  readonly model: ReplyModel;
  readonly voice: Voice;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** More of a reply is about to be said; the whole of it so far. */
  readonly onSaying: (text: string) => void;
  /** What is said where a provider has failed for good; `undefined`: nothing. */
  readonly apology: () => Phrase | undefined;
  /** How long a reply took from its request to its own first sound, in ms. */
  readonly onReady: (ms: number) => void;
  /** What became of a speculated reply, with what was wasted on it. */
  readonly onSpeculated: (outcome: Outcome, wasted: { tokens: number; characters: number }) => void;
}

/** Words that went on without new ones yet are not known apart here from words that became others. */
type Outcome = Exclude<SpeculationOutcome, 'resumed'>;

/** What a reply is to be made of. */
export interface ReplyOrder extends ReplyManner {
  /** The conversation as the model is told it; the caller's words last, where there are any. */
  readonly items: readonly llm.ChatItem[];
  readonly tools: llm.ToolContext;
  readonly toolChoice?: llm.ToolChoice | undefined;
  readonly maxTokens: number;
}

/**
 * How long before its first sound is due a speculated reply is told to be ready, in ms: what a turn's end sets going in the
 * framework keeps the event loop busy for 25 to 60 ms (latency bench, 40 turns), and a first sound that comes meanwhile waits.
 */
const READY_AHEAD_MS = 60;

export class Drafts {
  readonly #options: DraftsOptions;
  #speculated: Draft | undefined;
  readonly #times: ReplyTimes;
  /** Until what is speculated is told to be ready. */
  #ahead: NodeJS.Timeout | undefined;
  readonly #wanted = new Set<Draft>();

  constructor(options: DraftsOptions) {
    this.#options = options;
    this.#times = new ReplyTimes(() => options.clock.nowMs());
  }

  /** How far the reply is that is waited for, and how long the call's last ones took. */
  get awaited(): { readonly progress: AnswerProgress; readonly usual: UsualTimes } {
    return { progress: [...this.#wanted].at(-1)?.progress ?? {}, usual: this.#times.usual };
  }

  /**
   * Begins a reply to words that may be the caller's last ones of the turn; one to other words is dropped.
   * @param onReady - Its own first sound is there, or due in no time; may be told twice.
   */
  speculate(order: ReplyOrder, onReady: () => void = () => undefined): void {
    this.drop('changed');
    this.#speculated = this.#begin(order, { isSpeculative: true, onReady });
  }

  /** Drops what was speculated: its requests are aborted at once. */
  drop(outcome: Exclude<Outcome, 'used'>): void {
    const draft = this.#speculated;
    if (draft === undefined) return;
    this.#speculated = undefined;
    clearTimeout(this.#ahead);
    const { measurements, onSpeculated } = this.#options;
    this.#count(outcome);
    void draft.cancel().then(({ tokens, characters }) => {
      measurements.count('turnwise_speculation_wasted_tokens_total', {}, tokens);
      measurements.count('turnwise_speculation_wasted_characters_total', {}, characters);
      onSpeculated(outcome, { tokens, characters });
    });
  }

  /**
   * The reply to these items: what was speculated, if it was on words that mean the same and all else is equal, else a new
   * one.
   * @param turn - The turn it answers.
   * @param order - Without an opening: `opening` is asked for where there is nothing speculated.
   */
  take(order: Omit<ReplyOrder, 'opening'>, turn: Turn | undefined, opening: () => Opening | undefined): Draft {
    const speculated = this.#speculated;
    const { said, key } = identityOf(order);
    const isHit =
      speculated !== undefined &&
      // What has failed is asked for again, with all that a wanted reply may do.
      !speculated.hasFailed &&
      said !== '' &&
      speculated.key === key &&
      meansTheSame(speculated.said, said);
    if (isHit) {
      this.#speculated = undefined;
      clearTimeout(this.#ahead);
      const { onSpeculated } = this.#options;
      this.#count('used');
      onSpeculated('used', { tokens: 0, characters: 0 });
      this.#keep(speculated);
      turn?.markSpeculated();
      speculated.adopt(turn);
      this.#options.onSaying(speculated.text);
      return speculated;
    }
    // That a provider failed says nothing about guessing.
    if (speculated?.hasFailed === true) this.drop('abandoned');
    return this.begin({ ...order, opening: opening() }, turn);
  }

  /**
   * Begins a reply that is wanted.
   * @param reply - Where it comes from; default: the model.
   */
  begin(order: ReplyOrder, turn: Turn | undefined, reply?: ReplyStream): Draft {
    this.drop('changed');
    const draft = this.#begin(order, { isSpeculative: false, reply });
    this.#keep(draft);
    draft.adopt(turn);
    return draft;
  }

  /** Tells the caller to wait, before anything of the reply that is awaited. @returns What was waited for. */
  fill(filler: Opening): 'answer' | 'voice' | undefined {
    return [...this.#wanted].at(-1)?.fill(filler);
  }

  /** Every reply that is wanted is cut. */
  cut(): void {
    for (const draft of this.#wanted) void draft.cancel();
    this.#wanted.clear();
  }

  /** Ends all that is in preparation. */
  close(): void {
    this.drop('abandoned');
    this.cut();
  }

  #count(outcome: Outcome): void {
    const { measurements, profile } = this.#options;
    measurements.count('turnwise_speculations_total', { stage: 'llm', outcome });
    if (!profile.techniques['speculative-voice']) return;
    measurements.count('turnwise_speculations_total', { stage: 'tts', outcome });
  }

  /** The last two replies are enough: who waits, waits for the latest. */
  #keep(draft: Draft): void {
    for (const old of [...this.#wanted].slice(0, -1)) this.#wanted.delete(old);
    this.#wanted.add(draft);
  }

  #begin(
    order: ReplyOrder,
    how: {
      readonly isSpeculative: boolean;
      readonly reply?: ReplyStream | undefined;
      readonly onReady?: () => void;
    },
  ): Draft {
    const { model, voice, profile, clock, onSaying, onReady, apology } = this.#options;
    const { isSpeculative } = how;
    const { techniques } = profile;
    const { items, tools, toolChoice, opening, isBrief, maxTokens } = order;
    const spoken = new Spoken(() => clock.nowMs());
    if (isSpeculative) spoken.mark('speculatedAtMs');
    const allowance = !isSpeculative ? 'everything' : techniques['speculative-voice'] ? 'first-clause' : 'nothing';
    const progress = this.#times.begin(allowance !== 'nothing');
    const reply =
      how.reply ??
      model.reply({
        items: [...items, ...instructionsFor({ opening, isBrief })],
        tools,
        ...(toolChoice !== undefined && { toolChoice }),
        maxTokens,
        isSpeculative,
      });
    const sayingVoice = new ReplyVoice({
      open: (how) => voice.open(how),
      spoken,
      cutsClauses: techniques['first-clause'],
      allowance,
      // What nobody hears yet is no saying.
      onSaying: (text) => {
        if (spoken.turn !== undefined) onSaying(text);
      },
      onAsked: () => {
        progress.noteVoiceAsked();
        this.#tellAhead(how.onReady);
      },
      onSounded: () => {
        const tookMs = progress.noteSound();
        if (how.reply === undefined) onReady(tookMs);
        how.onReady?.();
      },
      onFailed: () => {
        // Nothing is gained by waiting for it any longer.
        how.onReady?.();
        return apology();
      },
    });
    return new Draft({
      ...identityOf(order),
      reply,
      voice: sayingVoice,
      spoken,
      progress,
      opening,
      onSettled: how.onReady,
      onFailed: () => apology(),
    });
  }

  /** The synthesiser is asked now: it will take no less than it did lately, a stall of one of them aside. */
  #tellAhead(onReady: (() => void) | undefined): void {
    clearTimeout(this.#ahead);
    const { leastSoundMs } = this.#times;
    if (onReady === undefined || leastSoundMs === undefined) return;
    this.#ahead = setTimeout(onReady, Math.max(0, leastSoundMs - READY_AHEAD_MS)).unref();
  }
}

/** What a reply answers, and what else it was told. */
function identityOf({ items, toolChoice }: Pick<ReplyOrder, 'items' | 'toolChoice'>): { said: string; key: string } {
  const said = lastWordsOf(items);
  const before = said === undefined ? items : items.slice(0, -1);
  return {
    said: said ?? '',
    key: `${JSON.stringify(toolChoice ?? 'auto')} ${promptKey(before)}`,
  };
}
