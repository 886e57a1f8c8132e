/**
 * A turn that goes on where an earlier one was answered too soon: what the language model is told of the earlier ones. Pure.
 */
import { addedTo } from './spoken-words.js';

/** A turn that was answered before its caller had finished. */
export interface EarlierPart {
  /** Its words, those of the parts before it included. */
  readonly text: string;
  /** A tool that changes something has begun to run on it. */
  readonly changedSomething: boolean;
}

export interface Continuation {
  /** What the caller's message to the model says. */
  readonly text: string;
  /** For each earlier part, whether the model is not told of it and of what was answered to it. */
  readonly hides: readonly boolean[];
}

/**
 * One message with all that was said is what the model should see: what it answered to the first half answers nothing.
 * Once something was changed on that half, though, hiding it would have it changed twice: then the model sees the whole
 * story, and as the caller's message only what was added since.
 * @param text - All that was said.
 * @param earlier - The superseded turns, oldest first.
 */
export function continuationOf(text: string, earlier: readonly EarlierPart[]): Continuation {
  const acted = earlier.findLast((part) => part.changedSomething);
  const added = acted === undefined ? '' : addedTo(acted.text, text);
  return { text: added || text, hides: earlier.map((part) => !part.changedSomething) };
}
