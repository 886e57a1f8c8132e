/** One way to decide when a caller has finished, with a setting that trades cut-ins for waits. */
import type { TimedWord } from './recording.js';
import type { Trace } from './trace.js';

/** A trace, and what a recogniser makes of it. */
export interface Hearing {
  readonly trace: Trace;
  /** With errors injected; empty where the words are not known. */
  readonly words: readonly TimedWord[];
}

/** Instants of commits, at most one a silence of the arm's detector, in order, in ms from the recording's first sample. */
export interface Commits {
  /** With the recogniser's final in hand, as every commit with words must be. */
  readonly withFinal: readonly number[];
  /** As if the words were there at once: what the decision alone costs. */
  readonly alone: readonly number[];
}

export interface Arm {
  readonly name: string;
  /** What each setting is called, in the order of `decide`'s answers. */
  readonly settings: readonly string[];
  /** By setting. */
  decide(hearing: Hearing): Promise<readonly Commits[]>;
}

/** Numbers from `from` to `to`, both included. */
export function steps(from: number, to: number, step: number): number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  // Sums of decimal fractions drift; names and figures should not.
  return Array.from({ length: count }, (_, index) => Number((from + index * step).toFixed(6)));
}
