/** Whether a tool may write now, or the caller must say yes first. */

/** Below this confidence of the caller's words nothing is written unasked. */
export const WRITE_CONFIDENCE = 0.8;
/** A "yes" must be at least this certain; being one short word, it seldom reaches {@link WRITE_CONFIDENCE}. */
export const YES_CONFIDENCE = 0.5;
/** A question is forgotten when the caller has said this many other things since. */
const QUESTION_LIVES_TURNS = 2;

/** What was read back to the caller and awaits a yes. */
export interface OpenQuestion {
  readonly writeKey: string;
  readonly turnId: number;
  /** A yes came, but was hardly heard. */
  readonly faintYes?: true;
}

export interface WriteRequest {
  /** Tool and arguments, without `confirmed`. */
  readonly writeKey: string;
  readonly confirmed: boolean;
  /** The write needs a yes whatever the confidence. */
  readonly doubtful: boolean;
}

export type Permission = { readonly kind: 'write' } | { readonly kind: 'ask'; readonly openQuestion: OpenQuestion };

/** Whether the caller has said too much else since for a "yes" to be its answer. */
export function isForgotten(question: OpenQuestion, turn: { readonly id: number }): boolean {
  return turn.id - question.turnId > QUESTION_LIVES_TURNS;
}

/**
 * Decides on one write.
 * A `confirmed` counts only when exactly this write was read back in an earlier, recent turn: a model that sets it unasked
 * gains nothing.
 */
export function mayWrite(
  request: WriteRequest,
  turn: { readonly id: number; readonly confidence: number },
  openQuestion: OpenQuestion | undefined,
): Permission {
  const asked = openQuestion?.writeKey === request.writeKey ? openQuestion : undefined;
  const isOpen = asked !== undefined && turn.id > asked.turnId && !isForgotten(asked, turn);
  const saidYes = request.confirmed && isOpen;
  // A second faint yes to the same question counts: some voices' short words are never heard well, and asking would not end.
  if (saidYes && (turn.confidence >= YES_CONFIDENCE || asked?.faintYes)) return { kind: 'write' };
  if (!request.doubtful && turn.confidence >= WRITE_CONFIDENCE) return { kind: 'write' };
  const question = { writeKey: request.writeKey, turnId: turn.id };
  return { kind: 'ask', openQuestion: saidYes ? { ...question, faintYes: true } : question };
}
