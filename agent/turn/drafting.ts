/** When the reply to a turn may be begun before the turn is over: once its words are likely to be all that was said so far. */

import type { DraftWords, ListenerAction, ListenerSettings } from './listener-forms.js';
import type { Listener } from './listener-state.js';
import { type OpenTurn, wordsOf } from './open-turn.js';
import type { AskedStep } from './pause-requests.js';
import { pendingWait, silenceAt } from './pending-wait.js';
import { meansTheSame } from './same-words.js';
import { joined } from './second-half.js';
import type { WaitBounds } from './wait.js';

/** Silero's voice outlasts the labelled end of the last word by up to so much, in ms (measured on the orders: P95 216). */
const TAIL_MS = 250;
/** Words that have not changed for so long in a silence are all there are, in ms: above Deepgram's P99 of 326 less its pace. */
const STABLE_MS = 200;

/** Asks for a draft where the words of an open turn reach up to its silence and no draft to them was asked for. */
export function askForDraft(listener: Listener, turn: OpenTurn, atMs: number, settings: ListenerSettings): AskedStep {
  const nothing: AskedStep = { listener, turn, actions: [] };
  if (settings.drafts !== true || turn.isHeld) return nothing;
  const words = wordsOf(turn);
  const last = words.at(-1);
  if (last === undefined) return nothing;
  const lastVoicedAtMs = listener.voice.lastVoicedAtMs ?? turn.startedAtMs;
  const stableForMs = Math.max(0, atMs - (turn.wordsChangedAtMs ?? atMs));
  const silence = silenceAt(listener, turn, atMs);
  const reachesSilence = last.untilMs >= lastVoicedAtMs - TAIL_MS;
  if (!turn.isFinalized && !reachesSilence && Math.min(stableForMs, silence) < STABLE_MS) return nothing;
  const { text, confidence, continues } = joined(turn, settings.language);
  if (text === '' || isDrafted(turn, text)) return nothing;
  const pending = pendingWait(listener, atMs, settings);
  if (pending === undefined) return nothing;
  const { waitMs, silenceMs } = pending;
  const isFinal = turn.interim.length === 0;
  const drafted: OpenTurn = { ...turn, draftedText: text, isDraftPending: false };
  const draft: DraftWords = {
    ...{ text, continues, waitMs, silenceMs, stableForMs, isFinal },
    confidence: isFinal ? confidence : 1,
  };
  return { listener: { ...listener, turn: drafted }, turn: drafted, actions: [{ kind: 'draft', draft }] };
}

/** Gives a draft up as soon as the words have become others. */
export function giveUpDraft(turn: OpenTurn, language: string): { turn: OpenTurn; actions: readonly ListenerAction[] } {
  const { text } = joined(turn, language);
  if (turn.draftedText === undefined || isDrafted(turn, text)) return { turn, actions: [] };
  return { turn: { ...turn, draftedText: undefined, isDraftPending: false }, actions: [{ kind: 'undraft' }] };
}

/** Takes in how far the reply to a turn's words is; news of a reply to other words are none. */
export function noteDraft(turn: OpenTurn, draft: { readonly text: string; readonly isReady: boolean }): OpenTurn {
  return turn.draftedText === draft.text ? { ...turn, isDraftPending: !draft.isReady } : turn;
}

/** Takes in that no reply was begun to a turn's words: the same words may be worth one later, being final or older. */
export function noteRefusal(turn: OpenTurn, text: string): OpenTurn {
  return turn.draftedText === text ? { ...turn, draftedText: undefined } : turn;
}

/** Longest time beyond the wait for a reply that is not ready, in ms: as long as providers take that are not late. */
const HOLD_MS = 300;

/**
 * How long a silence is waited for: nobody would hear an earlier decision while the reply has no sound, and the caller may go
 * on. It stays within the profile's bounds.
 */
export function heldWaitMs({ isDraftPending }: OpenTurn, waitMs: number, { maxSilenceMs }: WaitBounds): number {
  return isDraftPending ? Math.max(waitMs, Math.min(waitMs + HOLD_MS, maxSilenceMs)) : waitMs;
}

function isDrafted({ draftedText }: OpenTurn, text: string): boolean {
  return draftedText !== undefined && meansTheSame(draftedText, text);
}
