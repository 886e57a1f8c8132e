/** An overlap that was taken for listening only: kept for a moment, in case the agent's last words were a question. */
import type { FinalInput } from './listener-forms.js';
import { type OpenTurn, withFinal } from './open-turn.js';
import { timed } from './words.js';

export interface DismissedTurn {
  readonly turn: OpenTurn;
  readonly atMs: number;
  /** What the listener had settled before: the turn's own words came after it. */
  readonly settledUntilMs: number;
}

/** What was dismissed on interim words keeps the final ones. */
export function withLateWords(dismissed: DismissedTurn, input: FinalInput): DismissedTurn {
  const words = timed(input.words, input.atMs).filter((word) => word.untilMs > dismissed.settledUntilMs);
  const turn = withFinal(dismissed.turn, { ...input, words });
  return { ...dismissed, turn: { ...turn, isFinalized: turn.isFinalized || input.isAnswer } };
}
