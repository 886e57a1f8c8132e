/** What the recogniser's decisions take in, hold and say (`recogniser-state.ts`). Positions are samples given to `send`. */
import type { Breaker, BreakerState } from '../resilience/breaker.js';
import type { DeadlineLimits, RecentLatencies } from '../resilience/deadline.js';
import type { HedgeBudget } from '../resilience/hedge-budget.js';
import type { ResilienceSwitches } from '../resilience/switches.js';

export interface RecogniserSettings {
  /** How many providers there are; the first is the primary. */
  readonly providers: number;
  readonly sampleRateHz: number;
  /** A request here is a stretch of voice or a Finalize, an extra one a second connection. */
  readonly switches: ResilienceSwitches;
  readonly limits: RecogniserLimits;
}

export interface RecogniserLimits {
  /** From the first voice to the first result that reaches beyond it. */
  readonly onset: DeadlineLimits;
  /** From a Finalize, or the last sign of life after it, to its answer. */
  readonly final: DeadlineLimits;
}

/** A connection. */
export interface Line {
  readonly id: number;
  /** Its place in the list of providers. */
  readonly provider: number;
  readonly isOpen: boolean;
}

/** Voice that no result has reached beyond yet. */
export interface AwaitedVoice {
  /** Whether nothing was heard since the voice began, or results came and voice went on. */
  readonly kind: 'onset' | 'going';
  readonly position: number;
  readonly sinceMs: number;
  /** Whether it went on for long enough to be more than a click or a cough. */
  readonly isSure: boolean;
}

/** A Finalize without an answer. */
export interface AskedFinal {
  readonly position: number;
  /** The asking, or the last sign of life since, in ms. */
  readonly sinceMs: number;
  /** Whether there is something to answer: Deepgram need not answer when everything was final before. */
  readonly isDue: boolean;
}

export interface RecogniserState {
  /** The connection whose results count. */
  readonly main: Line | undefined;
  /** A second one that was told the same, while the first is late. */
  readonly spare: Line | undefined;
  /** When the two of them have been silent for long enough, in ms. */
  readonly raceUntilMs: number | undefined;
  /** When to connect again, while there is no main line, in ms. */
  readonly retryAtMs: number | undefined;
  /** A main line was lost; the next that opens takes over. */
  readonly hasLost: boolean;
  /** One a provider. */
  readonly breakers: readonly Breaker[];
  readonly budget: HedgeBudget;
  readonly onsets: RecentLatencies;
  readonly finals: RecentLatencies;
  readonly awaited: AwaitedVoice | undefined;
  /** Oldest first. */
  readonly asked: readonly AskedFinal[];
  /** Lines given up for their silence since something was heard. */
  readonly silentLines: number;
  /** Several lines heard nothing, so there is nothing to hear, until voice begins anew. */
  readonly isSilenceBelieved: boolean;
  /** When voice was told last, in ms; absent: never yet. */
  readonly voiceAtMs: number | undefined;
  /** Where the oldest voice without a final begins, as far as told. */
  readonly voicedFrom: number | undefined;
  /** Where voice was told last. */
  readonly voicedUntil: number;
  /** Everything before has its final. */
  readonly covered: number;
  /** How far the results reached that were passed on. */
  readonly shown: number;
  readonly nextId: number;
}

/** What a result tells besides its words. */
export interface Sign {
  readonly hasWords: boolean;
  /** Where its first word begins, if it has one. */
  readonly from: number | undefined;
  /** Where the stretch ends that it is about. */
  readonly until: number;
  readonly isFinal: boolean;
  readonly isAnswer: boolean;
}

export type RecogniserInput =
  | { readonly kind: 'start'; readonly atMs: number }
  | { readonly kind: 'opened'; readonly atMs: number; readonly id: number; readonly position: number }
  | { readonly kind: 'ended'; readonly atMs: number; readonly id: number; readonly isRefusal: boolean }
  | { readonly kind: 'results'; readonly atMs: number; readonly id: number; readonly sign: Sign }
  | { readonly kind: 'voice'; readonly atMs: number; readonly position: number }
  | { readonly kind: 'finalize'; readonly atMs: number; readonly position: number }
  | { readonly kind: 'time'; readonly atMs: number };

export type RecogniserAction =
  | { readonly kind: 'connect'; readonly id: number; readonly provider: number }
  | { readonly kind: 'close'; readonly id: number }
  /** Sends everything kept from the position on, with a Finalize at each of the positions. */
  | { readonly kind: 'replay'; readonly id: number; readonly from: number; readonly finalizeAt: readonly number[] }
  /** Passes the results of this input on; `isAnswer`: as the answer to a Finalize. */
  | { readonly kind: 'deliver'; readonly isAnswer: boolean }
  /** Answers a Finalize itself: everything before it is final already, and no new line could tell that. */
  | { readonly kind: 'answer'; readonly position: number }
  /** A line was given up as deaf. */
  | { readonly kind: 'deaf'; readonly provider: number }
  | { readonly kind: 'failover' }
  | { readonly kind: 'hedged'; readonly winner: HedgeWinner }
  | { readonly kind: 'breaker'; readonly state: BreakerState };

export type HedgeWinner = 'first' | 'second' | 'none';

export interface RecogniserStep {
  readonly state: RecogniserState;
  readonly actions: readonly RecogniserAction[];
}
