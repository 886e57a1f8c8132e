/** What became of one recording: which pauses were cut into, and how long its end was waited for. Pure. */
import type { Recording } from './recording.js';

/** Voice is heard as such two windows after it has resumed, in ms; a commit until then was decided in the pause. */
const RESUME_HEARD_MS = 64;

export interface Outcome {
  /** Pauses in which a turn was committed, of all pauses of the recording. */
  readonly cutIns: number;
  readonly pauses: number;
  /** Commits while the caller was speaking, outside of any pause: the detector had lost a soft voice. */
  readonly cutInsInSpeech: number;
  /** End of speech to commit, in ms; undefined where the turn was not complete, or never committed. */
  readonly waitMs: number | undefined;
  /** A complete turn that was never committed within the recording. */
  readonly isMissed: boolean;
}

/**
 * @param commits - Instants at which the arm would have committed, at most one a silence of its detector: each pause is
 *   judged on its own, as if no commit had come before.
 */
export function outcomeOf(
  recording: Pick<Recording, 'pauses' | 'speech' | 'isComplete'>,
  commits: readonly number[],
  endMs: number,
  minPauseMs = 0,
): Outcome {
  const { speech, isComplete } = recording;
  const isIn = (atMs: number, { startMs, endMs: resumesMs }: { startMs: number; endMs: number }): boolean =>
    atMs >= startMs && atMs < resumesMs + RESUME_HEARD_MS;
  const pauses = recording.pauses.filter((pause) => pause.endMs - pause.startMs >= minPauseMs);
  const cutIns = pauses.filter((pause) => commits.some((atMs) => isIn(atMs, pause))).length;
  const last = commits.at(-1);
  // The last silence may begin before the last audible window; the commit in it still is the end's.
  const isEnd = last !== undefined && last <= endMs && !recording.pauses.some((pause) => isIn(last, pause));
  const endedAtMs = isEnd && last >= speech.endMs - LOST_END_MS ? last : undefined;
  const early = endedAtMs === undefined ? commits : commits.slice(0, -1);
  return {
    cutIns,
    pauses: pauses.length,
    cutInsInSpeech: early.filter((atMs) => atMs < speech.endMs && !recording.pauses.some((pause) => isIn(atMs, pause)))
      .length,
    waitMs: isComplete === true && endedAtMs !== undefined ? Math.max(0, endedAtMs - speech.endMs) : undefined,
    isMissed: isComplete === true && endedAtMs === undefined,
  };
}

/** A soft end that a detector does not hear, in ms: a commit in it is no cut-in, since nothing more is said. */
const LOST_END_MS = 300;
