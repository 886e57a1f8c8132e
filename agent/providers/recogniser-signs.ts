/** What a result tells of the line that gave it: what is final, answered and heard in time. Pure. */
import { noteLatency } from '../resilience/deadline.js';
import type { RecogniserState, Sign } from './recogniser-forms.js';

/** Whether the line has heard something; signs of life without that are none, since a deaf line may chatter. */
export function tells({ awaited }: RecogniserState, sign: Sign): boolean {
  return sign.hasWords || sign.isFinal || (awaited !== undefined && sign.until > awaited.position);
}

/**
 * Takes in a result that {@link tells}.
 * @param tolerance - Positions this near are the same, in samples.
 */
export function withSign(state: RecogniserState, sign: Sign, atMs: number, tolerance: number): RecogniserState {
  const covered = sign.isFinal ? Math.max(state.covered, sign.until) : state.covered;
  const { awaited } = state;
  // What ends where the voice was told of last is about it all the same, when it is final.
  const hasReached = awaited !== undefined && sign.until + (sign.isFinal ? tolerance : 0) > awaited.position;
  const isTimed = hasReached && awaited.kind === 'onset';
  const answered = sign.isAnswer ? answeredBy(state, sign.until - tolerance) : 0;
  const [first] = state.asked;
  return {
    ...state,
    covered,
    voicedFrom: voicedFrom(state, sign, covered),
    awaited: hasReached || awaited === undefined ? undefined : { ...awaited, sinceMs: atMs },
    onsets: isTimed ? noteLatency(state.onsets, atMs - awaited.sinceMs) : state.onsets,
    finals: answered > 0 && first?.isDue === true ? noteLatency(state.finals, atMs - first.sinceMs) : state.finals,
    asked: state.asked
      .slice(answered)
      .map((final) => ({ ...final, sinceMs: atMs, isDue: final.isDue && final.position > covered })),
    silentLines: 0,
    isSilenceBelieved: false,
  };
}

/** Where the oldest voice without a final begins; words are voice too, whoever was told of it. */
function voicedFrom(
  { voicedFrom: told, voicedUntil }: RecogniserState,
  sign: Sign,
  covered: number,
): number | undefined {
  const words = sign.isFinal ? undefined : sign.from;
  if (told === undefined) return words;
  if (told >= covered) return words === undefined ? told : Math.min(told, words);
  return voicedUntil > covered ? covered : undefined;
}

/** How many calls to Finalize an answer is for: Deepgram may have skipped some that had nothing to answer. */
function answeredBy({ asked }: RecogniserState, until: number): number {
  const index = asked.findIndex(({ position }) => position >= until);
  return index === -1 ? asked.length : index + 1;
}
