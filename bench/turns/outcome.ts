/** What became of one recording: which pauses were cut into, and how long its end was waited for. Pure. */
import type { Stretch } from '../audio/levels.js';
import type { Recording } from './recording.js';

/** Voice is heard as such two windows after it has resumed, in ms; a commit until then was decided in the pause. */
const RESUME_HEARD_MS = 64;
/** A soft end that a detector does not hear, in ms: a commit in it is no cut-in, since nothing more is said. */
const LOST_END_MS = 300;

export interface Outcome {
  /** Pauses in which a turn was committed. */
  readonly cutIns: number;
  /** Commits while the caller was speaking, outside of any pause: the detector had lost a soft voice. */
  readonly cutInsInSpeech: number;
  /** End of speech to commit, in ms; undefined where none came. */
  readonly waitMs: number | undefined;
}

/**
 * @param commits - Instants at which the arm would have committed, at most one a silence of its detector, in order: each pause
 *   is judged on its own, as if no commit had come before.
 */
export function outcomeOf(
  { pauses, speech }: Pick<Recording, 'pauses' | 'speech'>,
  commits: readonly number[],
): Outcome {
  const isInPause = (atMs: number): boolean => pauses.some((pause) => isIn(atMs, pause));
  const last = commits.at(-1);
  const isEnd = last !== undefined && last >= speech.endMs - LOST_END_MS && !isInPause(last);
  const early = isEnd ? commits.slice(0, -1) : commits;
  return {
    cutIns: pauses.filter((pause) => commits.some((atMs) => isIn(atMs, pause))).length,
    cutInsInSpeech: early.filter((atMs) => atMs < speech.endMs && !isInPause(atMs)).length,
    waitMs: isEnd ? Math.max(0, last - speech.endMs) : undefined,
  };
}

function isIn(atMs: number, { startMs, endMs }: Stretch): boolean {
  return atMs >= startMs && atMs < endMs + RESUME_HEARD_MS;
}
