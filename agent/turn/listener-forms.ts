/** What goes into the listener and what comes out of it. */
import type { Named } from './answered-by.js';
import type { OverlapVerdict } from './overlap.js';
import type { Question } from './question.js';
import type { PolicyWeights, WaitBounds, WaitRecord } from './wait.js';
import type { HeardWord } from './words.js';

/** What the agent does: nothing, preparing a reply that has no sound yet, or speaking. */
export type AgentPhase = 'idle' | 'replying' | 'speaking';

/** One Silero window that ends at `atMs`, with what else was measured of its sound. */
export interface WindowInput {
  readonly kind: 'window';
  readonly atMs: number;
  /** Silero's raw output, 0 to 1. */
  readonly probability: number;
  /** RMS in dBFS. */
  readonly levelDb?: number;
  /** The same of its parts, oldest first, all equally long. */
  readonly levelsDb?: readonly number[];
  /** Absent where the window is unvoiced. */
  readonly pitchHz?: number;
  /** Likeness to what the agent plays, 0 to 1. */
  readonly echo?: number;
}

export interface FinalInput {
  readonly kind: 'final';
  readonly atMs: number;
  readonly words: readonly HeardWord[];
  /** 0 to 1. */
  readonly confidence: number;
  /** Answers a request to finalize. */
  readonly isAnswer: boolean;
  /** End of the audio that this final covers, on the call's clock. */
  readonly coveredUntilMs: number;
  /** Whose final it is. */
  readonly by?: Named | undefined;
}

export type ListenerInput =
  | WindowInput
  | {
      readonly kind: 'interim';
      readonly atMs: number;
      readonly words: readonly HeardWord[];
      readonly by?: Named | undefined;
    }
  | FinalInput
  /** The turn model's score of the pause that began at `pauseAtMs`. */
  | { readonly kind: 'score'; readonly atMs: number; readonly pauseAtMs: number; readonly probability: number }
  /** `text`: what the agent is saying, as far as known; its echo is known by it. */
  | { readonly kind: 'agent'; readonly atMs: number; readonly phase: AgentPhase; readonly text?: string }
  /** What the agent's last reply asked for. */
  | { readonly kind: 'asked'; readonly atMs: number; readonly question: Question }
  /** A reply was begun to these words; it has no sound yet, or is ready to be heard. */
  | { readonly kind: 'drafted'; readonly atMs: number; readonly text: string; readonly isReady: boolean }
  /** No reply was begun to these words: it was not worth it by then. */
  | { readonly kind: 'draft-refused'; readonly atMs: number; readonly text: string }
  /** The caller has typed: what was said before it is dealt with. */
  | { readonly kind: 'typed'; readonly atMs: number }
  /** Nothing but the clock: the stream is silent because it has stopped. */
  | { readonly kind: 'time'; readonly atMs: number };

export interface CommittedTurn {
  readonly text: string;
  /** That of its least sure part, 0 to 1. */
  readonly confidence: number;
  readonly speechStartedAtMs: number;
  /** End of the last voiced window: what pauses are counted from. */
  readonly speechEndedAtMs: number;
  /** End of the speech itself, by its level; the voice detector holds on to it for longer. */
  readonly spokenUntilMs: number;
  /** When the last final came; `undefined` where none did. */
  readonly finalAtMs: number | undefined;
  /** Whose words they are: of who told the last final, or of who told words at all where there was none. */
  readonly heardBy: Named | undefined;
  /** When the last words came that were not final; `undefined` where none did. */
  readonly lastInterimAtMs: number | undefined;
  /** When its voice was taken for ended; `undefined` where only the recogniser heard it. */
  readonly vadEndedAtMs: number | undefined;
  /** Which evidence led to which wait. */
  readonly wait: WaitRecord;
  /** The caller went on after the turn before was committed: `text` holds both halves and replaces that one's. */
  readonly continues: boolean;
  /** The agent had begun to sound by then. */
  readonly wasPremature: boolean;
}

/** What a reply is begun on. */
export interface DraftWords {
  /** As a commit would have them now. */
  readonly text: string;
  /** 0 to 1; 1 for words that are not final yet, since nothing is known against them. */
  readonly confidence: number;
  readonly continues: boolean;
  /** Silence that will be waited for in all, as far as is known now, and silence so far, in ms. */
  readonly waitMs: number;
  readonly silenceMs: number;
  /** How long the words have been the same, in ms. */
  readonly stableForMs: number;
  readonly isFinal: boolean;
}

export type ListenerAction =
  /** A turn is open: tell the framework that the caller speaks. */
  | { readonly kind: 'start' }
  | { readonly kind: 'interim'; readonly text: string }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'score'; readonly pauseAtMs: number }
  /** The reply to these words may be begun; it is said if they turn out to be the last ones. Replaces an earlier draft. */
  | { readonly kind: 'draft'; readonly draft: DraftWords }
  /** What was begun is to other words than those that were said. */
  | { readonly kind: 'undraft' }
  | { readonly kind: 'commit'; readonly turn: CommittedTurn }
  /** The turn that was started is over, whether or not it was committed. */
  | { readonly kind: 'end' }
  /** Speech was heard, but no word of it understood; its end is that by its level. */
  | { readonly kind: 'missed'; readonly spokenUntilMs: number }
  /** Somebody speaks over a reply, or before it: perhaps the second half of the turn that is answered. */
  | { readonly kind: 'duck'; readonly mayContinue: boolean }
  /** Pause the agent's voice, losslessly, while the overlap is still being judged. */
  | { readonly kind: 'hush' }
  /** Go on at full level, where the caller stopped hearing. */
  | { readonly kind: 'unduck' }
  /** The overlap is judged; an interruption also means: stop speaking now, or do not begin. */
  | { readonly kind: 'judged'; readonly verdict: Exclude<OverlapVerdict, 'undecided'>; readonly overlapMs: number };

export interface ListenerSettings {
  readonly language: string;
  readonly bounds: WaitBounds;
  /** The profile's own patience: added to every wait, in ms; negative for profiles in a hurry. */
  readonly biasMs: number;
  readonly weights: PolicyWeights;
  readonly isInterruptible: boolean;
  /** Whether replies are begun before a turn is over; absent: they are not. */
  readonly drafts?: boolean;
}
