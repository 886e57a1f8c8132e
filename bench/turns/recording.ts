/** What the benchmark knows of one recording of a caller. */
import { basename, extname } from 'node:path';
import type { Stretch } from '../audio/levels.js';

/** Sample rate of everything the benchmark listens to, in Hz: the one of the worker's ear. */
export const SAMPLE_RATE_HZ = 16_000;

/** What the agent asked before the caller spoke; the names of `Question` in `agent/turn/question.ts`. */
export const QUESTIONS = [
  'yesno',
  'choice',
  'name',
  'number',
  'phone',
  'date',
  'email',
  'address',
  'open',
  'none',
] as const;
export type AskedQuestion = (typeof QUESTIONS)[number];

/** A labelled word; times in ms from the first sample. */
export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Recording {
  /** Names the sound itself: a hash of the samples. The same recording under two paths has one. */
  readonly fingerprint: string;
  /** That of the recording which this one is a variant of, or its own. */
  readonly originalFingerprint: string;
  /** As the manifest names it. */
  readonly file: string;
  /** The table it stands in: `human-natural`, `human-untranscribed`, `human-readout`, `synthetic-readout`, `inserted`, `band`, `noise-15`, … */
  readonly set: string;
  /** Who speaks, where the manifest tells people apart. */
  readonly speaker: string | undefined;
  readonly isHuman: boolean;
  readonly asked: AskedQuestion;
  /** Whether the caller's turn is over at the end; undefined where nobody has said. */
  readonly isComplete: boolean | undefined;
  readonly language: string;
  /** Mono PCM at {@link SAMPLE_RATE_HZ}. */
  readonly samples: Int16Array;
  /** Undefined where the words or their times are not known. */
  readonly words: readonly TimedWord[] | undefined;
  /** Words of the manifest that were dropped as no words at all (see `labels.ts`). */
  readonly droppedWords: readonly TimedWord[];
  /** From the first to the last audible window, in ms. */
  readonly speech: Stretch;
  /** Silences inside `speech`, of 100 ms and more. */
  readonly pauses: readonly Stretch[];
}

/** Of its file, in whatever folder and format: two files of one recording have one name. */
export function nameOf({ file }: Pick<Recording, 'file'>): string {
  return basename(file, extname(file));
}

/** What is resampled as a whole for an interval: the recordings of one speaker, or one recording where speakers are unknown. */
export function clusterOf(recording: Recording): string {
  return recording.speaker ?? recording.originalFingerprint;
}
