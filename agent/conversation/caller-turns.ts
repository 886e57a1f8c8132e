/** What becomes of what the caller says or types: a turn of the log, a reply, a question, or a request to say it again. */
import type { llm } from '@livekit/agents';
import type { Wording } from '../phrases/wording.js';
import type { Measurements } from '../telemetry/metrics.js';
import { CONFIDENT } from '../turn/ask-again.js';
import type { CommittedTurn, DraftWords } from '../turn/listener-forms.js';
import type { CallerLink } from './caller-link.js';
import { type CommittedWords, unsureAction } from './committed-words.js';
import type { UserTurn } from './timed-agent.js';
import type { Turn } from './turn.js';
import type { TurnLog } from './turn-log.js';

export interface CallerTurnsOptions {
  readonly words: CommittedWords;
  readonly turnLog: TurnLog;
  readonly callerLink: Pick<CallerLink, 'misses' | 'setMisses'>;
  readonly measurements: Measurements;
  readonly nowMs: () => number;
  readonly wording: Pick<Wording, 'missed' | 'missedAgain' | 'misheard'>;
}

type Decision = UserTurn | { readonly kind: 'ask'; readonly question: string };

/** What the language model would be told if the caller's words so far were all. */
export interface Prospect {
  readonly text: string;
  /** Turns that it would not be told of any more. */
  readonly untold: readonly Turn[];
}

export class CallerTurns {
  readonly #options: CallerTurnsOptions;
  #lastSpoken: Turn | undefined;
  /** The log's latest turn when that was heard, or a sound without words behind it: what comes next may go on from the words. */
  #latestThen: Turn | undefined;
  /** What the framework is to do with the turn that was committed last, until it asks. */
  #decided: Decision | undefined;

  constructor(options: CallerTurnsOptions) {
    this.#options = options;
  }

  /** What a reply to these words would answer; `undefined` where they would be asked about first. */
  prospect(heard: DraftWords): Prospect | undefined {
    const { next, untold } = this.#options.words.consider(heard, this.#continued(heard));
    return next.kind === 'act' ? { text: next.text, untold } : undefined;
  }

  /** Opens the turn of committed words and decides on it. */
  commit(heard: CommittedTurn): void {
    const { words, turnLog, callerLink, measurements, nowMs, wording } = this.#options;
    if (heard.wasPremature) measurements.count('turnwise_premature_responses_total', {});
    const continued = this.#continued(heard);
    if (continued?.changedSomething === true && heard.text === continued.said) {
      // A sound without words stopped the answer: told again, what was done already would be done twice.
      this.#decided = { kind: 'ask', question: this.miss(heard.spokenUntilMs) };
      this.#latestThen = turnLog.latest;
      return;
    }
    const next = words.take(heard, continued);
    const action = unsureAction(heard, next);
    if (action !== undefined) measurements.count('turnwise_low_confidence_turns_total', { action });
    const confidence = next.kind === 'act' ? next.confidence : heard.confidence;
    const isUnderstood = next.kind === 'act' && confidence >= CONFIDENT;
    callerLink.setMisses(isUnderstood ? 0 : callerLink.misses + 1);
    const { speechStartedAtMs, spokenUntilMs, vadEndedAtMs, lastInterimAtMs, finalAtMs } = heard;
    const turn = turnLog.openTurn({
      said: heard.text,
      confidence,
      timeline: {
        ...{ speechStartedAtMs, speechEndedAtMs: spokenUntilMs, committedAtMs: nowMs() },
        ...(vadEndedAtMs !== undefined && { vadEndedAtMs }),
        ...(lastInterimAtMs !== undefined && { lastInterimAtMs }),
        ...(finalAtMs !== undefined && { finalAtMs }),
      },
      heardBy: heard.heardBy,
      waiting: heard.wait,
      continued,
    });
    this.#lastSpoken = turn;
    this.#latestThen = turn;
    if (next.kind === 'act') {
      turn.told = next.text;
      this.#decided = { kind: 'reply', text: next.text };
    } else {
      words.noteAsked(turn);
      this.#decided = { kind: 'ask', question: next.kind === 'ask' ? next.question : wording.misheard };
    }
  }

  /** What was decided of the turn that has just reached the framework, once. */
  takeDecision(): Decision | undefined {
    const decided = this.#decided;
    this.#decided = undefined;
    return decided;
  }

  /** Opens the turn of speech without words. @returns What the caller is asked. */
  miss(speechEndedAtMs: number): string {
    const { turnLog, callerLink, measurements, nowMs, wording } = this.#options;
    const misses = callerLink.misses + 1;
    callerLink.setMisses(misses);
    measurements.count('turnwise_low_confidence_turns_total', { action: 'repeat' });
    turnLog.openTurn({ said: '', confidence: 0, timeline: { speechEndedAtMs, committedAtMs: nowMs() } });
    return misses > 1 ? wording.missedAgain : wording.missed;
  }

  /** Opens the turn of typed words: they are sure. */
  type(text: string): void {
    const { words, turnLog, callerLink, nowMs } = this.#options;
    callerLink.setMisses(0);
    words.forget();
    turnLog.openTurn({ said: text, confidence: 1, timeline: { committedAtMs: nowMs() } });
  }

  /**
   * What the model is told of a conversation: nothing of what it said and nobody heard.
   * @param also - Further turns that it is not told of.
   */
  told(items: readonly llm.ChatItem[], also: readonly Turn[] = []): llm.ChatItem[] {
    return this.#options.words.told(items.filter(isHeard), also);
  }

  #continued({ continues }: { readonly continues: boolean }): Turn | undefined {
    return continues && this.#options.turnLog.latest === this.#latestThen ? this.#lastSpoken : undefined;
  }
}

function isHeard(item: llm.ChatItem): boolean {
  return item.type !== 'message' || item.role !== 'assistant' || item.content.length > 0;
}
